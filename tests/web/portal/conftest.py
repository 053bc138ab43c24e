"""A provider of its own for the portal's tests: the same as the scenes have."""

from __future__ import annotations

from tests.scenes.conftest import scene, scenes, templates

__all__ = ["scene", "scenes", "templates"]
