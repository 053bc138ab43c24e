"""A block of a log to findings: one row a line that a rule matches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote

import msgspec

from tocsin.evidence.stamps import Stamps
from tocsin.terms.addresses import parse_address
from tocsin.witness.blocks import Block
from tocsin.witness.candidates import Candidates, candidates
from tocsin.witness.heads import Heads, heads_of
from tocsin.witness.json_lines import json_heads
from tocsin.witness.own import Clients
from tocsin.witness.services import Watch, Watched

# One row a line that a rule matches. '' is absent.
FINDINGS: tuple[tuple[str, str], ...] = (
    ("line", "UBIGINT"),
    ("rule", "USMALLINT"),
    ("machine", "VARCHAR"),
    ("pid", "VARCHAR"),
    ("host", "VARCHAR"),
    ("port", "VARCHAR"),
    ("user", "VARCHAR"),
    ("target", "VARCHAR"),
    ("peer_port", "VARCHAR"),
    ("protocol", "VARCHAR"),
    ("text", "VARCHAR"),
    ("at", "TIMESTAMP"),
    ("local_at", "TIMESTAMP"),  # of the year YEARLESS: the log wrote none
    ("is_exact", "BOOLEAN"),
    ("undated", "VARCHAR"),  # why there is no moment
    ("address", "UUID"),  # of the host, where it is one
    ("origin", "UUID"),  # what behaviours are counted by: the address, of IPv6 its /64 (RFC 6177)
    ("peer_address", "UUID"),
)
TEXT_CHARS_MAX = 1_000  # of a line, as it is kept for a report
FIELD_CHARS_MAX = 300
DECODINGS_MAX = 3  # `%252e` is `%2e` is `.`
_GROUPS = ("stamp", "machine", "pid", "pid5", "host", "port", "user", "target", "peer", "peer_port", "protocol")

Finding = tuple[object, ...]
Values = tuple[str, str, str, str, str, str, str, str, str, str]  # of _GROUPS, the two pids as one


class Sight(msgspec.Struct, frozen=True):
    """What a block is read with."""

    watch: Watch
    stamps: Stamps
    clients: Clients


def findings(block: Block, sight: Sight) -> list[Finding]:
    """Rows of FINDINGS by line; of several rules that match one line, the first of the list.

    Lines about allowed addresses are left out.
    """
    held = candidates(block, sight.watch.needles)
    if not held.texts:
        return []
    heads = heads_of(held.texts)
    json_heads(held.texts, heads)
    requests = _Decoded(heads)
    rows: dict[int, Finding] = {}
    for watched in sight.watch.rules:
        places = _places(watched, held, rows)
        if places:
            for place, values in _matched(watched, places, heads, requests):
                rows[place] = _finding(place, watched.number, values, heads, held, sight)
    return [rows[place] for place in sorted(rows) if rows[place]]


def _places(watched: Watched, held: Candidates, rows: dict[int, Finding]) -> list[int]:
    """Those lines that hold a needle of the rule and that no rule has matched yet."""
    lists = [held.places_by_needle[needle] for needle in watched.needles if needle in held.places_by_needle]
    if not lists:
        return []
    places = lists[0] if len(lists) == 1 else sorted({place for each in lists for place in each})
    return [place for place in places if place not in rows] if rows else places


def _matched(watched: Watched, places: Sequence[int], heads: Heads, requests: _Decoded) -> Iterator[tuple[int, Values]]:
    """The places of the lines that the rule matches, with what they say beside the heads."""
    field = watched.rule.field
    column: list[str] = heads.status if field == "refused" else getattr(heads, field)
    places = [place for place in places if column[place]]
    if not places:
        return
    is_encoded = field not in ("message", "refused", "login")
    texts = requests.of(column, places) if is_encoded else [column[place] for place in places]
    found = watched.pattern.extract(texts)
    if field != "message":
        for at in found.places:
            place = places[at]
            yield (
                place,
                (heads.stamp[place], "", "", heads.host[place], heads.port[place], "", heads.target[place], "", "", ""),
            )
        return
    absent = [""] * len(found.places)
    named = (found.groups.get(name, absent) for name in _GROUPS)
    for at, stamp, machine, pid, pid5, *rest in zip(found.places, *named, strict=True):
        place = places[at]
        yield place, (heads.stamp[place] or stamp, machine, pid or pid5, *rest)


def _finding(place: int, rule: int, values: Values, heads: Heads, held: Candidates, sight: Sight) -> Finding:
    """The row; an empty one where the client is allowed to do what it did."""
    stamp, machine, pid, host, port, user, target, peer, peer_port, protocol = values
    host = sight.clients.client(host, heads.rest[place])
    if sight.clients.is_allowed(host):
        return ()
    moment = sight.stamps.read(stamp)
    return (
        *(
            held.numbers[place],
            rule,
            machine[:FIELD_CHARS_MAX],
            pid,
            host[:FIELD_CHARS_MAX],
            port,
            user[:FIELD_CHARS_MAX],
        ),
        *(target[:FIELD_CHARS_MAX], peer_port, protocol, held.texts[place][:TEXT_CHARS_MAX]),
        *(_naive(moment.at), moment.local, moment.is_exact, moment.why_not),
        *_address(host),
        _address(peer)[0] if peer else None,
    )


@lru_cache(maxsize=1 << 16)
def _address(host: str) -> tuple[bytes | None, bytes | None]:
    """The address and its origin; a log names the same hosts again and again."""
    try:
        address = parse_address(host)
    except ValueError:
        return None, None
    is_v4 = address.int >> 32 == 0xFFFF
    return address.bytes, address.bytes if is_v4 else address.bytes[:8] + bytes(8)


def _naive(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=None) if moment else None


class _Decoded:
    """Requests without their percent-encoding, each decoded once."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._made: dict[str, str] = {}

    def of(self, column: Sequence[str], places: Sequence[int]) -> list[str]:
        return [self._one(text) if "%" in (text := column[place]) else text for place in places]

    def _one(self, text: str) -> str:
        made = self._made.get(text)
        if made is None:
            made = self._made[text] = decoded(text)
        return made


def decoded(text: str) -> str:
    """As a server, or the one behind it, may understand it: percent-decoded until nothing changes, a few times."""
    for _ in range(DECODINGS_MAX):
        plain = unquote(text, errors="backslashreplace")
        if plain == text:
            break
        text = plain
    return text.replace("\0", "\\x00").replace("\n", "\\n").replace("\r", "\\r")
