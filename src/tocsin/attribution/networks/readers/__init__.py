"""Prefix tables: one file a format. What each says stands in docs/networks.md."""
