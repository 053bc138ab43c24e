"""What flow metadata shows: readers of flows, one query a behaviour, and a verdict for each host."""
