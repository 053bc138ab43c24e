"""A household's own look: which devices there are, how each behaves, and which one a notice is about."""
