"""What the mail check says, one file a language."""
