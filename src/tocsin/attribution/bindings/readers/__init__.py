"""One file a log format: what each record says of who held which network."""
