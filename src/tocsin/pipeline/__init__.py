"""The order of the steps, the configuration file, the clock."""
