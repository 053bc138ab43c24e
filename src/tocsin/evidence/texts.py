"""The door between a reader and the engine: what each record says, as texts. `sighting.sql` judges them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tocsin.engine import Engine
from tocsin.evidence.lines import Lines, OnReject
from tocsin.evidence.mapping import Mapping
from tocsin.evidence.sinkhole_map import Rule

# One row a record. '' (or NULL) is absent. `proof` says over what a role is believed: see sighting.sql.
TEXTS: tuple[tuple[str, str], ...] = (
    ("line", "UBIGINT"),  # the physical line where the record starts
    ("moment", "VARCHAR"),
    ("starts", "VARCHAR"),
    ("ends", "VARCHAR"),
    ("address", "VARCHAR"),
    ("port", "VARCHAR"),
    ("protocol", "VARCHAR"),
    ("application", "VARCHAR"),  # known only where a connection was completed; judged, not kept
    ("peer", "VARCHAR"),
    ("peer_port", "VARCHAR"),
    ("peer_name", "VARCHAR"),
    ("malware", "VARCHAR"),
    ("source_ref", "VARCHAR"),
    ("observer", "VARCHAR"),
    ("kind", "VARCHAR"),
    ("taxonomy", "VARCHAR"),
    ("role", "VARCHAR"),
    ("proof", "VARCHAR"),
    ("confidence", "VARCHAR"),  # 0 to 100
    ("extra", "VARCHAR"),  # a JSON object
)


class Head(msgspec.Struct, frozen=True):
    """What a format is recognised by: the file's name and how its content begins (decompressed, at most 64 KiB)."""

    name: str
    start: bytes

    def first_line(self) -> str:
        """The first line that is not blank, without byte order mark and line break."""
        lines = (line.strip() for line in self.start.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
        return next((line.decode(errors="replace") for line in lines if line), "")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the source's configuration says to its reader."""

    sinkhole_map: tuple[Rule, ...] = ()
    mapping: Mapping | None = None


class Reading(msgspec.Struct, frozen=True):
    """What a reader is given. `variant` is what was asked for after the colon (`shadowserver:scan_telnet`), or ''."""

    engine: Engine
    name: str  # the file's name, without folders
    lines: Iterator[Lines]
    reject: OnReject
    variant: str = ""
    is_asked: bool = False  # somebody named the reader: then a misfit is an error, not a guess
    settings: Settings = Settings()


class Texts(msgspec.Struct, frozen=True):
    """What a reader gives: a query with the columns of TEXTS (it runs once), and the reader's full name."""

    select: str
    reader: str
    warnings: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()  # temporary ones that the query reads; dropped after it


# The name under which a reader registers its Arrow columns with the engine.
RAW = "raw_columns"
