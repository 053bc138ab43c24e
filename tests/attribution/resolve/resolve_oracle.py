"""The resolver's question asked the slow way: one sighting at a time, whole seconds, standard-library networks.

It shares nothing with resolve.sql but the rules that stand at its head.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
WEEK_S = 7 * 86_400


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    kind: str
    account: int | None
    network: str
    port_first: int | None
    port_last: int | None
    protocol: str | None
    starts_at: int
    ends_at: int
    doubt_until: int
    doubt: str | None


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    seen_at: int
    seen_until: int | None
    precision_s: int | None
    role: str
    address: str
    port: int | None
    protocol: str | None
    source: str


class Log(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    accuracy_s: int
    spans_by_prefix: dict[str, list[tuple[int, int]]]


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    account: int
    subscriber: int
    starts_at: int
    ends_at: int | None


class World(msgspec.Struct, frozen=True, kw_only=True):
    own: list[str]
    shared: list[str]
    logs: list[Log]
    accuracy_by_source: dict[str, int]
    bindings: list[Binding]
    contracts: list[Contract]
    sightings: list[Sighting]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    outcome: str
    margin_s: int
    subscriber: int | None = None
    bindings: tuple[int, ...] = ()
    sharers: int | None = None


@cache
def contains(network: str, address: str) -> bool:
    net, host = ip_network(network), ip_address(address)
    return net.version == host.version and host in net


def answer(world: World, sighting: Sighting, default_accuracy_s: int) -> Answer:
    logs = [log for log in world.logs if any(contains(prefix, sighting.address) for prefix in log.spans_by_prefix)]
    margin_s = world.accuracy_by_source.get(sighting.source, default_accuracy_s)
    known = [*world.own, *world.shared, *(prefix for log in world.logs for prefix in log.spans_by_prefix)]
    if any(contains(prefix, sighting.address) for prefix in known):
        margin_s += max((log.accuracy_s for log in logs), default=0)
    first = sighting.seen_at - margin_s
    until = sighting.seen_at if sighting.seen_until is None else max(sighting.seen_at, sighting.seen_until)
    last = until + (sighting.precision_s or 0) + margin_s

    def says(outcome: str, **also: object) -> Answer:
        return Answer(outcome=outcome, margin_s=margin_s, **also)  # type: ignore[arg-type]

    if not any(contains(prefix, sighting.address) for prefix in world.own):
        return says("not-ours")
    if last - first > WEEK_S:
        return says("ambiguous")
    if not logs:
        return says("log-gap")
    spans_of_logs = [
        [span for prefix, spans in log.spans_by_prefix.items() if contains(prefix, sighting.address) for span in spans]
        for log in logs
    ]
    if any(all(until <= last for _, until in spans) for spans in spans_of_logs):
        return says("pending")
    if not all(any(since <= first and last < until for since, until in spans) for spans in spans_of_logs):
        return says("log-gap")
    return _by_bindings(world, sighting, (first, last), says)


def _by_bindings(world: World, sighting: Sighting, span: tuple[int, int], says: Callable[..., Answer]) -> Answer:
    first, last = span
    there = [
        binding
        for binding in world.bindings
        if contains(binding.network, sighting.address) and binding.starts_at <= last and binding.doubt_until > first
    ]
    longest = max((ip_network(binding.network).prefixlen for binding in there), default=0)
    there = [binding for binding in there if ip_network(binding.network).prefixlen == longest]
    always_shared = any(contains(prefix, sighting.address) for prefix in world.shared)
    verdicts = [(binding, _told_by_port(binding, sighting, always_shared)) for binding in there]
    if any(verdict and binding.port_first is not None for binding, verdict in verdicts) and sighting.role == "exposed":
        verdicts = [(binding, _beside_a_forward(binding, verdict, sighting)) for binding, verdict in verdicts]
    clients_port = sighting.port is not None and sighting.role in ("infected", "attacker", "lead", "exposed")
    if any(verdict is None for _, verdict in verdicts) or (always_shared and not clients_port):
        return says("shared", sharers=len({binding.account for binding in there} - {None}))
    candidates = [binding for binding, verdict in verdicts if verdict]
    numbers = tuple(sorted(binding.number for binding in candidates))
    if not candidates:
        return says("no-binding")
    if len(candidates) > 1:
        return says("ambiguous", bindings=numbers)
    (held,) = candidates
    if held.starts_at <= first and held.ends_at > last:
        return _by_contract(world, held, span, says)
    vanished = held.ends_at <= first or (held.starts_at <= first and held.doubt_until > last)
    return says("log-gap" if vanished else "ambiguous", bindings=numbers)


def _by_contract(world: World, held: Binding, span: tuple[int, int], says: Callable[..., Answer]) -> Answer:
    first, last = span
    if held.doubt:
        return says("ambiguous", bindings=(held.number,))
    if held.account is None:
        return says("no-binding", bindings=(held.number,))
    contracts = [
        each
        for each in world.contracts
        if each.account == held.account and each.starts_at <= last and (each.ends_at is None or each.ends_at > first)
    ]
    if not contracts:
        return says("no-binding", bindings=(held.number,))
    only = contracts[0]
    if len(contracts) > 1 or only.starts_at > first or (only.ends_at is not None and only.ends_at <= last):
        return says("ambiguous", bindings=(held.number,))
    return says("subscriber", subscriber=only.subscriber, bindings=(held.number,))


def _beside_a_forward(binding: Binding, verdict: bool | None, sighting: Sighting) -> bool | None:
    """What others have of other ports does not count where the port itself is forwarded to somebody."""
    if binding.kind == "assignment" or binding.port_first is None:
        return verdict
    assert sighting.port is not None
    last = binding.port_first if binding.port_last is None else binding.port_last
    return verdict if binding.port_first <= sighting.port <= last else False


def _told_by_port(binding: Binding, sighting: Sighting, always_shared: bool) -> bool | None:
    """Whether the port says that it was this binding; None where the port cannot say."""
    port = sighting.port
    if binding.port_first is None:
        return None if always_shared else True
    if port is None or sighting.role not in ("infected", "attacker", "lead", "exposed"):
        return None
    if sighting.role == "exposed" and binding.kind != "assignment":
        return None
    last = binding.port_first if binding.port_last is None else binding.port_last
    if not binding.port_first <= port <= last:
        return False
    if binding.protocol is None:
        return True
    return None if sighting.protocol is None else binding.protocol == sighting.protocol
