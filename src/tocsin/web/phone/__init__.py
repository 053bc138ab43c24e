"""The clerk whom a subscriber rings."""
