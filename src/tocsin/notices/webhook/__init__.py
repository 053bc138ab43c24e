"""A notice as signed JSON, for a program of the provider's own."""
