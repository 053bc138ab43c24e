"""One file a format that is read: what each record says, as texts."""
