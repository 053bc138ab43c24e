"""A file that a verb was asked to write."""

from __future__ import annotations

from pathlib import Path

from tocsin.terms.errors import StorageFailed


def write_text(path: Path, text: str) -> None:
    """UTF-8. Raises StorageFailed, with the path."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"cannot be written: {error.strerror}", where=str(path)) from error
