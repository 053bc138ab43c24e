"""Making keys and first templates takes a moment: an example's time says nothing about the code."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("notices", parent=settings.default, deadline=None)
settings.load_profile("notices")
