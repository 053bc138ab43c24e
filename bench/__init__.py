"""Every number that is promised, measured. `make bench` prints them; no test is timed."""
