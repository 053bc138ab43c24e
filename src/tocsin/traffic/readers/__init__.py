"""One file a format: flows, look-ups and the rest out of what a sensor has written."""
