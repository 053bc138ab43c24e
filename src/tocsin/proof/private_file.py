"""Files that stand whole or not at all, for their owner's eyes: keys and secrets."""

from __future__ import annotations

import os
from pathlib import Path

from tocsin.terms.disk import sync_folder
from tocsin.terms.processes import Fate, fate_of, this_process

_HALF = ".half-"


def write_new(path: Path, raw: bytes, *, mode: int = 0o600) -> None:
    """Write a file that is not there yet, synced. Never over one that is: FileExistsError, also in a race of two."""
    half = _write_half(path, raw, mode)
    try:
        os.link(half, path)  # unlike a rename it never replaces
    finally:
        half.unlink()
    sync_folder(path.parent)


def write_over(path: Path, raw: bytes, *, mode: int = 0o644) -> None:
    """Write a file in the place of the one that is there, if any; whoever reads meets the old or the new, whole."""
    _write_half(path, raw, mode).rename(path)
    sync_folder(path.parent)


def sweep_halves(folder: Path) -> None:
    """Delete what killed processes left in the folder."""
    for half in folder.glob(f"*{_HALF}*"):
        if fate_of(half.name.rpartition(_HALF)[2]) is Fate.GONE:
            half.unlink(missing_ok=True)


def _write_half(path: Path, raw: bytes, mode: int) -> Path:
    half = path.with_name(f"{path.name}{_HALF}{this_process()}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    return half
