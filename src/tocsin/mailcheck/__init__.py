"""Is this mail what it says it is: one file a standard, one file a kind of finding, one scorecard."""
