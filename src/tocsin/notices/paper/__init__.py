"""A notice on paper: one PDF a letter, for whoever prints and posts it."""
