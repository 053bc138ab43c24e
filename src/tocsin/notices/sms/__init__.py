"""A notice as a short message: counted as networks count it, without a link, with the code."""
