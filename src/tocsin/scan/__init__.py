"""What is on this machine, or this disk, that is known to be malware or starts by itself: looked at, never run."""
