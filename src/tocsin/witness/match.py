"""A block of a log to findings: one row a line that a rule matches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from tocsin.witness.blocks import Block
from tocsin.witness.candidates import candidates
from tocsin.witness.heads import Heads, heads_of
from tocsin.witness.json_lines import json_heads
from tocsin.witness.services import Watch, Watched

# One row a line and rule. Texts as the log has them; `stamp` is read by stamps.py.
FINDINGS: tuple[tuple[str, str], ...] = (
    ("line", "UBIGINT"),
    ("rule", "USMALLINT"),
    ("stamp", "VARCHAR"),
    ("machine", "VARCHAR"),
    ("pid", "VARCHAR"),
    ("host", "VARCHAR"),
    ("port", "VARCHAR"),
    ("user", "VARCHAR"),
    ("target", "VARCHAR"),
    ("peer", "VARCHAR"),
    ("peer_port", "VARCHAR"),
    ("protocol", "VARCHAR"),
    ("forwarded", "VARCHAR"),
    ("text", "VARCHAR"),
)
TEXT_CHARS_MAX = 1_000  # of a line, as it is kept for a report
FIELD_CHARS_MAX = 300
DECODINGS_MAX = 3  # `%252e` is `%2e` is `.`

Finding = tuple[object, ...]


def findings(block: Block, watch: Watch) -> list[Finding]:
    """Rows of FINDINGS by line; of several rules that match one line, the first of the list."""
    held = candidates(block, watch.needles)
    if not held.texts:
        return []
    heads = heads_of(held.texts)
    json_heads(held.texts, heads)
    decoded = _Decoded(heads)
    rows: dict[int, Finding] = {}
    for watched in watch.rules:
        places = _places(watched, held.places_by_needle, rows)
        for place, row in _matched(watched, places, heads, decoded):
            rows[place] = (held.numbers[place], watched.number, *row, bounded_line(held.texts[place]))
    return [rows[place] for place in sorted(rows)]


def bounded_line(text: str) -> str:
    return text[:TEXT_CHARS_MAX]


def _places(watched: Watched, places_by_needle: object, rows: dict[int, Finding]) -> list[int]:
    assert isinstance(places_by_needle, dict)
    lists = [places_by_needle[needle] for needle in watched.needles if needle in places_by_needle]
    if not lists:
        return []
    places = lists[0] if len(lists) == 1 else sorted({place for each in lists for place in each})
    return [place for place in places if place not in rows] if rows else places


class _Decoded:
    """Requests without their percent-encoding, made when they are first asked for."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._made: dict[tuple[str, int], str] = {}

    def of(self, field: str, places: Sequence[int]) -> list[str]:
        column: list[str] = getattr(self._heads, field)
        return [self._one(field, place, column[place]) for place in places]

    def _one(self, field: str, place: int, text: str) -> str:
        if "%" not in text:
            return text
        made = self._made.get((field, place))
        if made is None:
            made = self._made[field, place] = decoded(text)
        return made


def decoded(text: str) -> str:
    """As a server (or the one behind it) may understand it: percent-decoded until nothing changes, a few times at most."""
    for _ in range(DECODINGS_MAX):
        plain = unquote(text, errors="backslashreplace")
        if plain == text:
            break
        text = plain
    return text.replace("\0", "\\x00").replace("\n", "\\n").replace("\r", "\\r")


def _matched(watched: Watched, places: Sequence[int], heads: Heads, decoded: _Decoded) -> Iterator[tuple[int, Finding]]:
    field = watched.rule.field
    is_message = field == "message"
    column = heads.message if is_message else heads.status if field == "refused" else getattr(heads, field)
    places = [place for place in places if column[place]]
    if not places:
        return
    texts = [column[place] for place in places] if field in ("message", "refused") else decoded.of(field, places)
    found = watched.pattern.extract(texts)
    groups = found.groups
    absent = [""] * len(found.places)
    named = [
        groups.get(name, absent)
        for name in (
            "stamp",
            "machine",
            "pid",
            "pid5",
            "host",
            "port",
            "user",
            "target",
            "peer",
            "peer_port",
            "protocol",
        )
    ]
    for at, *values in zip(found.places, *named, strict=True):
        place = places[at]
        stamp, machine, pid, pid5, host, port, user, target, peer, peer_port, protocol = (
            value[:FIELD_CHARS_MAX] if value else "" for value in values
        )
        yield (
            place,
            (
                heads.stamp[place] or stamp,
                machine,
                pid or pid5,
                host if is_message else heads.host[place],
                port or heads.port[place],
                user,
                target or heads.target[place][:FIELD_CHARS_MAX],
                peer,
                peer_port,
                protocol,
                heads.rest[place][:FIELD_CHARS_MAX],
            ),
        )
