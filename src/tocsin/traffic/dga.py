"""Names that a program made up: how many a client asks for in vain, and how they look."""

from __future__ import annotations

from tocsin.engine import Engine


def find(engine: Engine) -> None:
    """Add what is found to `findings`."""
