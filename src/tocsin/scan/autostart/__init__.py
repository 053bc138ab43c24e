"""What starts by itself on a machine: one file a mechanism, one table of places, one table of what is suspicious."""
