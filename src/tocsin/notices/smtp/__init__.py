"""A conversation with a mail server (RFC 5321): the wire, the way in, and one mail at a time."""
