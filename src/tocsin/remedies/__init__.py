"""The cleaning centre: what a threat is, how to tell it, what helps and what does not, in the reader's language."""
