"""A town of lines that fall ill, are told, and get well or not: what a policy would do, before it touches anybody."""
