"""Sightings that a program pushes: kept as they came, read at once, answered with what became of them."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from tocsin.book import evidence as book_evidence
from tocsin.evidence.formats import recognise
from tocsin.evidence.read import content_head
from tocsin.pipeline.config import SourceSection
from tocsin.pipeline.house import House
from tocsin.pipeline.intake import Came, find_source, read_source_file
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.uploads import FOLDER, Incoming, RejectRow, rejects_of
from tocsin.terms.errors import BadRequest, Busy

FORMATS = ("jsonl", "xarf", "intelmq", "n6")
REJECTS_TOLD_MAX = 100
_PATIENCE_S, _PAUSE_S = 20.0, 0.2


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `already`: the same bytes had been read before, and nothing was added."""

    sha256: str
    reader: str
    sightings: int
    pieces: int
    rejected: int
    already: bool
    rejects: tuple[RejectRow, ...] = ()
    warnings: tuple[str, ...] = ()


def read_pushed(house: House, incoming: Incoming, sha256: str, *, source: str | None, form: str | None) -> Pushed:
    """Read it as that source, and answer with the counts and the first rejects.

    Raises BadRequest for what cannot be read at all, Busy while a run writes.
    """
    path = house.data / FOLDER / incoming.upload / incoming.name
    section = find_source(house.config, source, form or _form_of(path))
    came = _patiently(house, section, path)
    if came.error:
        raise BadRequest(came.error.replace(str(path), "the body"))
    return _pushed(house, came, sha256)


def _form_of(path: Path) -> str:
    """Which of FORMATS it is. BadRequest for anything else: no archive is opened, no other reader asked."""
    head = content_head(path, "body.json")
    if not head.first_line().lstrip("\ufeff \t").startswith(("{", "[")):
        raise BadRequest("the body is not JSON", remedy=f"send one of {', '.join(FORMATS)}")
    found = recognise(head)
    name = found.format.name if found else "jsonl"
    if name not in FORMATS:
        raise BadRequest(f"the body looks like {name}", remedy=f"send one of {', '.join(FORMATS)}")
    return name


def _patiently(house: House, section: SourceSection, path: Path) -> Came:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return read_source_file(house, section, path, Progress(), is_vouched=True)
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)


def _pushed(house: House, came: Came, sha256: str) -> Pushed:
    with house.book.read() as tx:
        known = book_evidence.find(tx, sha256, came.of, came.reader)
    return Pushed(
        sha256=sha256,
        reader=came.reader,
        sightings=(known.records if known else None) or came.records,
        pieces=(known.pieces if known else None) or came.pieces,
        rejected=(known.rejects if known else None) or came.rejects,
        already=came.already,
        rejects=tuple(rejects_of(house.lake, [known], REJECTS_TOLD_MAX)) if known and known.rejects else (),
        warnings=came.warnings,
    )
