"""The scan of files, of what starts by itself and of what is running."""
