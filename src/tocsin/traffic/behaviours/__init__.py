"""One query a behaviour, and the table of them."""
