"""What a letter must say for each fact of its proof, and what it says instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from unicodedata import east_asian_width
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tocsin.mailcheck.spoken import Spoken, comparable, packed, stands, visible
from tocsin.proof.facts import TROUBLES_TOLD_MAX, Facts, Trouble
from tocsin.terms.addresses import parse_address

_PRINTED_CHARACTERS_MAX = 40  # every letter prints at least so much of a text from outside
_CUT_CHARACTERS = 5  # of what is left, where it was longer
_TOKENS_MAX = 3_000
_TELEPHONE = re.compile(r"\+?(?:\d[\s().\u2010-\u2015/-]{0,3}){10,}")
_PORT = re.compile(r"(?:\b[Pp]ort|ポート(?:番号)?|पोर्ट)[ :\uff1a]{0,3}(\d{1,5})(?!\d)")
_LINE = re.compile(r"[·•∙*…]{2,8} ?\w{2,6}")


class Statement(msgspec.Struct, frozen=True):
    """A fact as people name it and its value as text; and what is looked for: an address, a moment on a clock, or
    pieces of text."""

    what: str
    value: str
    sought: UUID | datetime | tuple[str, ...]


def statements(facts: Facts) -> list[Statement]:
    """Everything the letter of these facts must say, the code apart."""
    told = [
        _text("the issuer", facts.issuer_name),
        _text("the name", facts.name),
        _text("the line", facts.line),
        _text("the notice's reference", facts.notice),
    ]
    for trouble in facts.troubles[:TROUBLES_TOLD_MAX]:
        told.extend(_of_trouble(trouble, facts.zone))
    return [statement for statement in told if statement.sought]


def _of_trouble(trouble: Trouble, zone: str) -> Iterator[Statement]:
    yield _address("the address", trouble.address)
    if trouble.port is not None:
        yield Statement("the port", str(trouble.port), (str(trouble.port),))
    yield from _moments("seen at", trouble.seen_at, zone)
    if trouble.count > 1 or trouble.first_at != trouble.seen_at:
        yield from _moments("first seen at", trouble.first_at, zone)
    yield _text("who saw it", trouble.source)
    if trouble.malware:
        yield _text("the malware", trouble.malware)
    if trouble.source_ref:
        yield _text("their reference", trouble.source_ref)
    if trouble.peer_address:
        yield _address("the other side", trouble.peer_address)


def is_stated(statement: Statement, spoken: Spoken) -> bool:
    sought = statement.sought
    if isinstance(sought, UUID):
        return sought in spoken.addresses
    if isinstance(sought, datetime):
        return sought in spoken.moments
    if len(sought) == 1 and stands(spoken.words, sought[0]):
        return True
    if sought == (statement.value,) and not _may_be_broken(statement.value):
        return False
    return all(packed(piece) in spoken.packed for piece in sought)


def _may_be_broken(value: str) -> bool:
    """Whether a line may end within it: a script without blanks, or a word longer than a line has room for."""
    return len(value) > _PRINTED_CHARACTERS_MAX // 2 or any(east_asian_width(character) in "WF" for character in value)


def instead(statement: Statement, spoken: Spoken, told: list[Statement]) -> str | None:
    """What the words say in the place of this fact, if that can be told."""
    sought = statement.sought
    proved = [other.sought for other in told]
    if isinstance(sought, UUID):
        return next((text for address, text in spoken.addresses.items() if address not in proved), None)
    if isinstance(sought, datetime):
        return next((text for moment, text in spoken.moments.items() if moment not in proved), None)
    form = {"the port": _PORT, "the line": _LINE}.get(statement.what)
    if form is None:
        return _alike(statement.value, spoken.words)
    values = [other.value for other in told if other.what == statement.what]
    found = (match[match.lastindex or 0] for match in form.finditer(spoken.words))
    return next((text for text in found if text not in values), None)


def _address(what: str, value: str) -> Statement:
    try:
        return Statement(what, value, parse_address(value))
    except ValueError:
        return _text(what, value)


def _moments(what: str, moment: datetime, zone: str) -> Iterator[Statement]:
    """In the reader's zone and in UTC; a moment may be stated once where both are the same."""
    for label, place in ((zone, _zone(zone)), ("UTC", UTC)):
        clock = moment.astimezone(place).replace(tzinfo=None)
        yield Statement(f"{what}, {label}", clock.isoformat(" "), clock)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _text(what: str, value: str) -> Statement:
    """The value as far as letters print it: long ones are cut, telephone numbers left out."""
    line = visible(value[: _PRINTED_CHARACTERS_MAX * 4])
    pieces = _TELEPHONE.split(line[:_PRINTED_CHARACTERS_MAX])
    if len(line) > _PRINTED_CHARACTERS_MAX or len(value) > _PRINTED_CHARACTERS_MAX * 4:
        pieces[-1] = pieces[-1][:-_CUT_CHARACTERS].rstrip("[.:at@/\\-")  # nothing that is half taken apart
    return Statement(what, value, tuple(piece for piece in map(comparable, pieces) if piece))


def _alike(value: str, words: str) -> str | None:
    """Words that look like the value: as many in a row as it has."""
    tokens, size = words.split()[:_TOKENS_MAX], max(1, len(value.split()))
    runs = {" ".join(tokens[start : start + size]).strip(".,:;!?()«»„“”।") for start in range(len(tokens))}
    near = [run for run in runs if abs(len(run) - len(value)) <= len(value) // 3 and run != value]
    return next(iter(difflib.get_close_matches(value, near, n=1, cutoff=0.7)), None)
