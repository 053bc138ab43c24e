"""One file a form of the book; once released, a file never changes."""
