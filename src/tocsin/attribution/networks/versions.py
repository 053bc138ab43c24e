"""Which table holds when: the name of a table, its date and its digest stand in the names of its files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from tocsin.book.manifest import File
from tocsin.terms.identity import digest

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_CLAIMS = re.compile(r"\.([a-z0-9-]+)\.(\d+)\.([0-9a-f]{16})\.parquet\Z")
_FLAT = re.compile(r"\.(\d+)\.([0-9a-f]{16})\.parquet\Z")


class Version(msgspec.Struct, frozen=True):
    """One table as it holds from a moment on."""

    name: str
    since: datetime
    inputs: str
    file: File


def claims_part(name: str, since: datetime, inputs: str) -> str:
    """What tells the file of a table's claims from others."""
    return f".{name}.{(since - BEGINNING) // _US}.{inputs[:16]}"


def flat_part(since: datetime, inputs: str) -> str:
    return f".{(since - BEGINNING) // _US}.{inputs[:16]}"


def versions_of(files: Iterable[File]) -> list[Version]:
    """The tables that these files of `prefix_claims` are."""
    found = ((file, _CLAIMS.search(file.path)) for file in files)
    return [Version(name[1], BEGINNING + int(name[2]) * _US, name[3], file) for file, name in found if name is not None]


def flat_of(file: File) -> tuple[datetime, str] | None:
    """From when on a file of `prefixes` holds, and the digest of what it was made from."""
    name = _FLAT.search(file.path)
    return (BEGINNING + int(name[1]) * _US, name[2]) if name else None


def in_force(versions: Iterable[Version], moment: datetime) -> list[Version]:
    """Of each table the newest version that had begun, by name."""
    newest: dict[str, Version] = {}
    for version in versions:
        known = newest.get(version.name)
        if version.since <= moment and (known is None or known.since < version.since):
            newest[version.name] = version
    return [newest[name] for name in sorted(newest)]


def inputs_of(rules: int, versions: Iterable[Version]) -> str:
    parts = (part for each in versions for part in (each.name, str(each.since), each.inputs))
    return digest(str(rules), *parts)[:16]
