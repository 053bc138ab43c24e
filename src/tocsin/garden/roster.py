"""Who is inside, as a file: all that the garden's page and the way out need while the book cannot be reached.

It names nobody. Only the account that runs Tocsin can read it.
"""

from __future__ import annotations

import ipaddress
import os
import tempfile
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.garden.order import Order
from tocsin.terms.disk import sync_folder
from tocsin.terms.errors import StorageFailed

FOLDER = "garden"  # below the data folder
_FILE = "roster.json"
_BYTES_MAX = 64 * 1024 * 1024


class Inside(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line in the garden: what its people are told, and how it is let out.

    `self_left` is how often they may still let themselves out.
    """

    quarantine: str
    since: datetime
    ends_at: datetime
    role: str
    kind: str
    seen_at: datetime  # the last sighting
    source: str  # as letters name it
    language: str
    zone: str
    line: str  # masked
    self_left: int
    nas: str
    session: str
    login: str
    address: str
    malware: str = ""

    def order(self, at: datetime) -> Order:
        """What lets it out."""
        return Order(
            what="release",
            quarantine=self.quarantine,
            nas=self.nas,
            session=self.session,
            login=self.login,
            address=self.address,
            at=at,
        )


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    made_at: datetime
    inside: tuple[Inside, ...] = ()

    def at_address(self, address: str) -> Inside | None:
        """Whose address this is; an IPv6 address belongs to the prefix around it. Raises ValueError."""
        wanted = ipaddress.ip_address(address)
        for each in self.inside:
            network = ipaddress.ip_network(each.address, strict=False)
            if network.version == wanted.version and wanted in network:
                return each
        return None

    def named(self, quarantine: str) -> Inside | None:
        return next((each for each in self.inside if each.quarantine == quarantine), None)


def read_roster(data: Path) -> Roster | None:
    """The roster as it was last written; None where there is none. StorageFailed when it cannot be read."""
    path = data / FOLDER / _FILE
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_BYTES_MAX), type=Roster)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise StorageFailed(f"cannot be read: {error}", where=str(path), remedy="tocsin garden queue") from error


def write_roster(data: Path, roster: Roster) -> None:
    """In the old one's place, there whole or not at all."""
    write_whole(data / FOLDER / _FILE, msgspec.json.encode(roster))


def write_whole(path: Path, body: bytes) -> None:
    """A file that is there whole or not at all, also after the power has gone. StorageFailed when it cannot be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageFailed(f"cannot be written: {error.strerror}", where=str(path.parent)) from error
