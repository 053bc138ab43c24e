"""A source's mails, each told apart: from whom the configuration names, or from anybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.evidence.mails import MAIL_BYTES_MAX, MAILS_MAX, mail_kind, mails_of
from tocsin.evidence.senders import Means, unproved
from tocsin.pipeline.config import SourceSection, of_strangers
from tocsin.pipeline.house import House
from tocsin.terms.errors import BadRequest

_BLOCK_BYTES = 1 << 20
_HEAD_BYTES = 65_536


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One mail (or what is none), as whose it is read; `why` it is not the source's, "" where it is."""

    name: str
    raw: bytes
    source: SourceSection
    why: str

    @property
    def is_rejected(self) -> bool:
        return bool(self.why) and self.source.sender.otherwise == "reject"


def told_apart(house: House, source: SourceSection, evidence: Path | BinaryIO, name: str) -> Iterator[Told]:
    """Each mail of a file or mailbox. What is no mail at all is nobody's. Raises BadRequest for an unreadable file."""
    means = house.config.senders.means(house.config_file.parent)
    for number, raw in enumerate(_mails(evidence, name), 1):
        if number > MAILS_MAX:
            raise BadRequest(f"a mailbox of more than {MAILS_MAX} mails", where=name, remedy="split it")
        yield _told(house, source, means, raw, name if number == 1 else f"{name}#{number}")


def _told(house: House, source: SourceSection, means: Means, raw: bytes, name: str) -> Told:
    why = unproved(raw, source.sender.wanted(), means, house.now)
    return Told(name=name, raw=raw, source=of_strangers(source) if why else source, why=why)


def _mails(evidence: Path | BinaryIO, name: str) -> Iterator[bytes]:
    try:
        if isinstance(evidence, Path):
            with evidence.open("rb") as file:
                yield from _mails_in(file)
        else:
            yield from _mails_in(evidence)
    except OSError as error:
        raise BadRequest(f"cannot be read: {error.strerror or error}", where=name) from error


def _mails_in(file: BinaryIO) -> Iterator[bytes]:
    head = file.read(_HEAD_BYTES)
    if mail_kind(head) == "mbox":
        blocks = iter(lambda: file.read(_BLOCK_BYTES), b"")
        yield from (mail for mail in mails_of(_after(head, blocks)) if mail is not None)
    else:
        yield head + file.read(MAIL_BYTES_MAX + 1)


def _after(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from blocks
