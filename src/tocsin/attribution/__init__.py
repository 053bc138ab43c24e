"""Whose network, whose line: prefixes, contracts, bindings (one reader a log format), the resolver."""
