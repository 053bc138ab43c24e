"""How long trouble lasts, told or not; how good sources, networks and logs are; what a policy would do."""
