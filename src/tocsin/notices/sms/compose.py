"""A short message from facts: the same facts give the same text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec
from babel.dates import format_datetime

from tocsin.notices.compose import hold_together
from tocsin.notices.issuer import Issuer
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.local import offset_text, zone_named
from tocsin.notices.outline import phone_words
from tocsin.notices.quoted import bare, quoted, quoted_name
from tocsin.notices.sentences import ROLES
from tocsin.notices.sms.parts import Parts, outside, split
from tocsin.proof.facts import Facts
from tocsin.terms.errors import Refused

PARTS_MAX = 4
_ISSUER_MAX, _SOURCE_MAX, _LINE_MAX = 40, 40, 8
_WORDS = Path(__file__).parent / "words.toml"


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language's sentences; `text` is the whole message."""

    moment_format: str
    line: str
    infected: str
    attacker: str
    exposed: str
    named: str
    source: str
    more: str
    website: str
    text: str


# What may be left out, the first first. The code, the number to ring and what is never asked for always stand there.
OPTIONAL = ("named", "source", "more", "website")


@cache
def words() -> dict[str, Words]:
    """By language."""
    return msgspec.toml.decode(_WORDS.read_bytes(), type=dict[str, Words])


class Short(msgspec.Struct, frozen=True):
    text: str
    parts: Parts


def compose_short(facts: Facts, code: str, issuer: Issuer, *, parts_max: int = PARTS_MAX) -> Short:
    """The fullest message of at most so many parts. Refused as letters are, and when even the shortest has more."""
    hold_together(facts, code, issuer)
    catalogue(facts.language)  # BadRequest where there are no words
    for pieces in _fewer_and_fewer(_pieces(facts, issuer)):
        text = _text(facts, code, issuer, pieces)
        parts = split(text)
        if len(parts.pieces) <= parts_max:
            return Short(text, parts)
    raise Refused(f"even the shortest message takes {len(parts.pieces)} parts, not {parts_max}", where=facts.notice)


def _pieces(facts: Facts, issuer: Issuer) -> dict[str, str]:
    """What may be left out, filled in. A name that alone would make the message one of UCS-2 is left out at once."""
    said, trouble = words()[facts.language], facts.troubles[0]
    values = {"source": quoted(trouble.source, _SOURCE_MAX)}
    if trouble.malware:
        values["named"] = quoted_name(trouble.malware)
    if len(facts.troubles) > 1:
        values["more"] = str(len(facts.troubles) - 1)
    fitting = {name: value for name, value in values.items() if outside(said.text) or not outside(value)}
    slots = {"named": "malware", "source": "source", "more": "count"}
    pieces = {name: getattr(said, name).format_map({slots[name]: value}) for name, value in fitting.items()}
    return {**pieces, "website": said.website}


def _fewer_and_fewer(pieces: dict[str, str]) -> Iterator[dict[str, str]]:
    left = dict(pieces)
    yield left
    for name in OPTIONAL:
        if left.pop(name, None) is not None:
            yield left


def _text(facts: Facts, code: str, issuer: Issuer, pieces: dict[str, str]) -> str:
    said, trouble = words()[facts.language], facts.troubles[0]
    role = min((each.role for each in facts.troubles), key=ROLES.index)
    local = trouble.seen_at.astimezone(zone_named(facts.zone))
    return said.text.format_map(
        {
            "issuer": bare(facts.issuer_name, _ISSUER_MAX),
            "told": getattr(said, role).format(line=_line(facts, said)),
            "moment": format_datetime(local, said.moment_format, locale=facts.language),
            "offset": offset_text(local.utcoffset() or timedelta(0)),
            "phone": phone_words(issuer, catalogue(facts.language)),
            "code": code,
            **dict.fromkeys(OPTIONAL, ""),
            **pieces,
        }
    )


def _line(facts: Facts, said: Words) -> str:
    """The end of it, without the dots that stand for what is hidden: they are in no telephone's alphabet."""
    end = quoted(facts.line, _LINE_MAX + 5).strip("·. \u2026")[-_LINE_MAX:]
    return said.line.format(line=end) if end else ""
