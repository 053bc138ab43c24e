"""The public pages. Never import the desk, the phone or the people who sign in."""
