"""The words of the letters: one file a language, which a translator can work on without reading any code."""
