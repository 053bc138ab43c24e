"""The page of those in the walled garden: why, since when, what to do, how to get out. It opens no book and no lake."""
