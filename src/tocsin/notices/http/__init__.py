"""One HTTP request (RFC 9112), with a moment for the caller before its last byte: what lacks it was not asked."""
