"""A small world of flows and look-ups, and all of one host's dealings with one peer: made in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tocsin.traffic.ports import KEEPALIVE_PORTS, SERVICE_PORTS


class Flow(NamedTuple):
    at: int
    caller: str
    called: str
    port: int
    protocol: str
    service: str | None
    lasts: float
    out: int
    back: int
    packets_out: int
    packets_back: int
    state: str  # Zeek's


class Lookup(NamedTuple):
    at: int
    client: str
    name: str
    answers: tuple[str, ...]
    kind: str


class Listed(NamedTuple):
    """A line of a list; it says nothing outside `first <= t <= last`."""

    kind: str  # address | name
    value: str
    role: str
    first: int
    last: int


class Told(NamedTuple):
    """A finding, as far as it is compared."""

    host: str
    called: str | None
    port: int | None
    score: float
    rows: int
    peers: int


class Deal:
    """All of one (host, called, port, protocol)."""

    def __init__(self, flows: Sequence[Flow], name: str | None) -> None:
        _, self.host, self.called, self.port, self.protocol = flows[0][:5]
        self.all, self.name, self.flows = flows, name, len(flows)
        self.answered = sum(each.state == "SF" for each in flows)
        self.failed = sum(each.state in ("S0", "REJ") for each in flows)
        self.out, self.back = sum(each.out for each in flows), sum(each.back for each in flows)
        self.packets_out = sum(each.packets_out for each in flows)
        self.packets_back = sum(each.packets_back for each in flows)
        self.lasts = sum(each.lasts for each in flows)
        self.first, self.last = min(each.at for each in flows), max(each.at for each in flows)
        self.service = min((each.service for each in flows if each.service), default=None)
        self.is_lent = name is not None and name.endswith(".duckdns.org")
        self.is_usual, self.is_keepalive = self.port in SERVICE_PORTS, self.port in KEEPALIVE_PORTS
        self.is_inside = self.called.startswith("192.168.")

    @property
    def told(self) -> Callable[[float], Told]:
        return lambda score: Told(self.host, self.called, self.port, score, self.flows, 1)


class World:
    """`outward` and `inward` deals of every host; no host has neighbours enough for anything to be popular."""

    def __init__(self, flows: Sequence[Flow], lookups: Sequence[Lookup], lists: Sequence[Listed]) -> None:
        names: dict[str, str] = {}
        for each in lookups:
            for answer in each.answers:
                names[answer] = min(names.get(answer, each.name), each.name)
        by_deal: dict[tuple[object, ...], list[Flow]] = defaultdict(list)
        for flow in flows:
            by_deal[flow.caller, flow.called, flow.port, flow.protocol].append(flow)
        deals = [Deal(group, names.get(group[0].called)) for group in by_deal.values()]
        self.outward = [deal for deal in deals if not deal.is_inside]
        self.inward = [deal for deal in deals if deal.is_inside]
        self.lookups, self.lists = lookups, lists
