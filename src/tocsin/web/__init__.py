"""What people see: the desk, the phone, the portal and the API, as pages and JSON over the rooms below."""
