"""The forms that the book has had, one file each, and the way from one to the next."""

from __future__ import annotations

HEAD = "0014"  # the newest form; a test holds it against the files in `versions`
