"""The forms of a log's lines: what every line of one form says, before any service's pattern is asked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.engine.patterns import Pattern

# Apache's and nginx's common, combined and vhost formats. Both escape `"` in what the client wrote.
_ACCESS = Pattern(
    r'^(?:(?P<vhost>[0-9A-Za-z_.-]+(?::[0-9]{1,5})?) )?(?P<host>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*|[0-9A-Za-z][0-9A-Za-z_.-]*)(?::(?P<port>[0-9]{1,5}))? - (?P<user>[^"]*?)'
    r' ?\[(?P<stamp>[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4})\] "(?P<request>(?:[^"\\]|\\.)*)"'
    r' (?P<status>[0-9]{3}) (?:[0-9]+|-)(?: "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)")?(?P<rest>.*)$'
)
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
_ZONE = r"(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
_STAMPED = Pattern(
    r"^(?:<[0-9]{1,3}>)?(?:[0-9] )?\[?(?P<stamp>"
    rf"[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}[T ]{_CLOCK}{_ZONE}"
    rf"|(?:[A-Z][a-z]{{2}},? )?[A-Z][a-z]{{2}} {{1,2}}[0-9]{{1,2}} (?:[0-9]{{4}} )?{_CLOCK}(?: (?:19|20)[0-9]{{2}}\b)?{_ZONE}"
    rf"|[0-9]{{1,2}}[-/][A-Z][a-z]{{2}}[-/][0-9]{{4}}[: ]{_CLOCK}{_ZONE}"
    r"|@4[0-9a-f]{23}|[0-9]{9,10}(?:\.[0-9]{1,9})?)\]?:? *(?P<message>.*)$"
)
_REQUEST = Pattern(r"^(?P<method>[A-Z_-]{1,20}) +(?P<target>[^ ].*?)(?: +HTTP/[0-9.]+)?$")


class Heads(msgspec.Struct, frozen=True):
    """A column a field, a row a line; '' is absent."""

    stamp: list[str]
    message: list[str]
    host: list[str]
    port: list[str]
    rest: list[str]  # what an access log has after the agent: X-Forwarded-For, where it is logged
    request: list[str]
    target: list[str]
    agent: list[str]
    status: list[str]


def heads_of(texts: Sequence[str]) -> Heads:
    """The lines taken apart. A line of no known form is its own message."""
    empty = [""] * len(texts)
    heads = Heads(*(empty[:] for _ in Heads.__struct_fields__))
    others = _take_access(texts, heads)
    if others:
        found = _STAMPED.extract([texts[place] for place in others])
        for place in others:
            heads.message[place] = texts[place]
        for at, stamp, message in zip(found.places, found.groups["stamp"], found.groups["message"], strict=True):
            heads.stamp[others[at]], heads.message[others[at]] = stamp, message
    return heads


def _take_access(texts: Sequence[str], heads: Heads) -> list[int]:
    """Fills in the access lines; gives the places of the others."""
    found = _ACCESS.extract(texts)
    names = ("stamp", "host", "port", "rest", "request", "agent", "status")
    for name in names:
        column = getattr(heads, name)
        for place, value in zip(found.places, found.groups[name], strict=True):
            column[place] = value
    requests = _REQUEST.extract(found.groups["request"])
    for at, target in zip(requests.places, requests.groups["target"], strict=True):
        heads.target[found.places[at]] = target
    taken = set(found.places)
    return [place for place in range(len(texts)) if place not in taken] if len(taken) < len(texts) else []
