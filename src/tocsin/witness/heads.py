"""The forms of a log's lines: what every line of one form says, before any service's pattern is asked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.engine.patterns import Pattern

# Apache's and nginx's common, combined and vhost formats. Both escape `"` in what the client wrote.
_ACCESS = Pattern(
    r"^(?:(?P<vhost>[0-9A-Za-z_.-]+(?::[0-9]{1,5})?) )?"
    r'(?P<host>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*|[0-9A-Za-z][0-9A-Za-z_.-]*)(?::(?P<port>[0-9]{1,5}))? - (?P<user>[^"]*?)'
    r' ?\[(?P<stamp>[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4})\] "(?P<request>(?:[^"\\]|\\.)*)"'
    r' (?P<status>[0-9]{3}) (?:[0-9]+|-)(?: "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)")?(?P<rest>.*)$'
)
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
_ZONE = r"(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
_STAMPED = Pattern(
    r"^(?:<[0-9]{1,3}>)?(?:[0-9] )?\[?(?P<stamp>"
    rf"[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}[T ]{_CLOCK}{_ZONE}"
    r"|(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2} {1,2}[0-9]{1,2} (?:[0-9]{4} )?"
    rf"{_CLOCK}(?: (?:19|20)[0-9]{{2}}\b)?{_ZONE}"
    rf"|[0-9]{{1,2}}[-/][A-Z][a-z]{{2}}[-/][0-9]{{4}}[: ]{_CLOCK}{_ZONE}"
    r"|@4[0-9a-f]{23}|[0-9]{9,10}(?:\.[0-9]{1,9})?)\]?:? *(?P<message>.*)$"
)
_OF_ACCESS = ("stamp", "host", "port", "rest", "request", "agent", "status")
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
    login: list[str]  # `401 alice`: a status and the user that was named, where one was


def heads_of(texts: Sequence[str]) -> Heads:
    """The lines taken apart. A line of no known form is its own message."""
    found = _ACCESS.extract(texts)
    requests = _REQUEST.extract(found.groups["request"])
    columns = {name: found.groups[name] for name in _OF_ACCESS}
    columns["target"] = _spread(requests.groups["target"], requests.places, len(found.places))
    columns["message"] = [""] * len(found.places)
    columns["login"] = [
        f"{status} {user}" if user and user != "-" else ""
        for status, user in zip(found.groups["status"], found.groups["user"], strict=True)
    ]
    if len(found.places) == len(texts):
        return Heads(**columns)
    heads = Heads(**{name: _spread(column, found.places, len(texts)) for name, column in columns.items()})
    taken = set(found.places)
    _take_stamped(texts, [place for place in range(len(texts)) if place not in taken], heads)
    return heads


def _take_stamped(texts: Sequence[str], places: Sequence[int], heads: Heads) -> None:
    found = _STAMPED.extract([texts[place] for place in places])
    for place in places:
        heads.message[place] = texts[place]
    for at, stamp, message in zip(found.places, found.groups["stamp"], found.groups["message"], strict=True):
        heads.stamp[places[at]], heads.message[places[at]] = stamp, message


def _spread(values: list[str], places: Sequence[int], count: int) -> list[str]:
    """The values at their places, '' elsewhere."""
    if len(places) == count:
        return values
    column = [""] * count
    for place, value in zip(places, values, strict=True):
        column[place] = value
    return column
