"""The walled garden: how a line is put there and let out, what stays open in it, and the way out when all is down."""
