"""Facts in canonical form, their signature and code, the issuers' keys: make and verify."""
