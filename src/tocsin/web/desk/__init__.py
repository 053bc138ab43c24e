"""The desk: operators at work. Never imported by the portal."""
