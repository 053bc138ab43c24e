"""The forms in which networks' programs read a report: one file a form."""
