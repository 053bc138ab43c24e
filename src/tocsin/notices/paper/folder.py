"""A folder that whoever prints takes its letters from: a PDF stands in it whole or not at all, and once."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tocsin.notices.deliver import Delivery, DeliveryResult, move_in, private, storage
from tocsin.notices.seal import Sealed
from tocsin.terms.disk import sync_folder
from tocsin.terms.processes import Fate, fate_of, this_process

_TAKEN = "taken"  # what has been printed goes here, and is not written again
_TEMPORARY = ".tocsin-"


class LetterFolder:
    """Makes the folder where there is none. `<notice>.pdf` in it waits to be printed; in `taken` it has been."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with storage(folder):
            (folder / _TAKEN).mkdir(mode=0o700, parents=True, exist_ok=True)
            for entry in os.listdir(folder):
                name, mark, process = entry.rpartition(_TEMPORARY)
                if mark and name and fate_of(process) is Fate.GONE:
                    (folder / entry).unlink(missing_ok=True)

    def deliver(self, sealed: Sealed) -> Delivery:
        """The notice's reference is its name: a second delivery finds the first."""
        name = f"{sealed.notice}.pdf"
        with storage(self._folder):
            if (self._folder / _TAKEN / name).exists():
                return Delivery(DeliveryResult.DELIVERED, "it was printed already")
            fresh = self._write(name, sealed.raw)
        return Delivery(DeliveryResult.DELIVERED, "written" if fresh else "it was there already")

    def _write(self, name: str, raw: bytes) -> bool:
        temporary = self._folder / f"{name}{_TEMPORARY}{this_process()}"
        try:
            with open(temporary, "wb", opener=private) as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            fresh = move_in(temporary, self._folder / name)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        sync_folder(self._folder)
        return fresh
