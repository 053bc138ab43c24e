"""The words by which a request, a threat or a lure is known: one file a language, one line an idea."""
