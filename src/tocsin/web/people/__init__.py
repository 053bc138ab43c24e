"""Who signs in: passwords, second factors, sessions, roles. Never imported by the portal."""
