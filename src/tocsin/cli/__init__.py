"""One command a verb. Each is imported when it is called, so that `--help` loads no engine."""
