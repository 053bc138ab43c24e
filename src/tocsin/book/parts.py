"""Long lists in short ones, so that no statement has more parameters than a database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T", int, str)

PART_MAX = 500  # SQLite takes 32,766 parameters; short lists plan faster


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Each value once, in order, a bounded number at a time."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), PART_MAX):
        yield ordered[start : start + PART_MAX]
