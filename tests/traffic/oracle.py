"""The behaviours' questions asked the slow way, in plain Python over flows and look-ups: SQL must agree with it."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from tests.traffic.oracle_world import Deal, Flow, Lookup, Told, World
from tocsin.traffic.ports import (
    BITTORRENT_PORTS,
    CONTROL_PORTS,
    LOGIN_PORTS,
    MINING_PORTS,
    PUBLIC_PORTS,
    SHARING_PORTS,
    SPREADING_PORTS,
)

HOUR = 3600


def indicator(world: World) -> Iterator[Told]:
    for each in world.lists:
        if each.kind == "address":
            for d in world.outward:
                if d.called == each.value and d.last >= each.first and d.first <= each.last:
                    yield d.told(0.7 if not d.answered else 0.95 if each.role == "sinkhole" else 0.9)
            continue
        for client in {lookup.client for lookup in world.lookups}:
            asked = [
                lookup
                for lookup in world.lookups
                if lookup.client == client and f".{lookup.name}".endswith(f".{each.value}")
                if each.first <= lookup.at <= each.last
            ]
            answers = {answer for lookup in asked for answer in lookup.answers}
            went = any(d.host == client and d.answered and d.called in answers for d in world.outward)
            if asked:
                yield Told(client, None, None, 0.9 if went else 0.6, len(asked), 1)


def near(address: str) -> str:
    return ".".join(address.split(".")[:2])


def _groups(deals: Sequence[Deal], key: Callable[[Deal], object]) -> list[list[Deal]]:
    found: dict[object, list[Deal]] = defaultdict(list)
    for deal in deals:
        found[key(deal)].append(deal)
    return list(found.values())


def _of(group: Sequence[Deal], score: float, *, port: int | None) -> Told:
    return Told(group[0].host, None, port, score, sum(deal.flows for deal in group), len(group))


def tcp(deals: Sequence[Deal]) -> list[Deal]:
    return [deal for deal in deals if deal.protocol == "tcp"]


def scan(world: World) -> Iterator[Told]:
    for group in _groups(tcp(world.outward), lambda d: (d.host, d.port, d.first // HOUR)):
        port, peers = group[0].port, len(group)
        failed = sum(d.answered == 0 and d.failed > 0 for d in group)
        answered = sum(d.answered > 0 for d in group)
        if peers < 20 or failed < 0.8 * peers or (failed - answered) * math.log(4) < math.log(99):
            continue
        if sum(d.name is not None for d in group) > 0.2 * peers:
            continue
        if port in SHARING_PORTS:
            score = 0.3
        elif peers >= 100 and failed >= 0.9 * peers and (port not in (80, 443) or peers >= 500):
            score = 0.95
        elif port in SPREADING_PORTS:
            score = 0.9
        elif port in (80, 443, 8080, 8443, 53):
            score = 0.5 if peers >= 30 and failed >= 0.95 * peers else 0.4
        else:
            score = 0.6
        yield _of(group, score, port=port)


def scan_ports(world: World) -> Iterator[Told]:
    for group in _groups(tcp([*world.outward, *world.inward]), lambda d: (d.host, d.called)):
        tried, failed = len(group), sum(d.answered == 0 for d in group)
        if (tried >= 30 and failed >= 0.7 * tried) or (tried >= 15 and failed >= 0.95 * tried):
            rows = sum(d.flows for d in group)
            yield Told(group[0].host, group[0].called, None, 0.6, rows, 1)
    for group in _groups(tcp(world.inward), lambda d: (d.host, d.port)):
        tried, failed = len(group), sum(d.answered == 0 for d in group)
        if tried >= 20 and failed >= 0.7 * tried:
            yield _of(group, 0.6, port=group[0].port)._replace(peers=min(20, tried))


def mail(world: World) -> Iterator[Told]:
    chosen = [d for d in tcp(world.outward) if d.port in (25, 465, 587)]
    for group in _groups(chosen, lambda d: (d.host, d.port, d.first // HOUR)):
        if len(group) >= 10 and len({near(d.called) for d in group}) >= 5:
            at_servers = group[0].port == 25
            score = 0.6 if not at_servers else 0.9 if len(group) >= 30 else 0.7
            yield _of(group, score, port=group[0].port)


def logins(world: World) -> Iterator[Told]:
    chosen = []
    for deal in tcp([*world.outward, *world.inward]):
        hours = max(1.0, (deal.last - deal.first) / HOUR)
        short = deal.back <= 10_000 * deal.answered and deal.out <= 10_000 * deal.answered
        asks = (deal.port in LOGIN_PORTS or deal.service == "ssh") and deal.answered >= 20
        if asks and short and deal.answered / hours >= 20:
            chosen.append(deal)
    for group in _groups(chosen, lambda d: (d.host, d.port)):
        outside = [d for d in group if not d.is_inside]
        named = sum(d.name is not None for d in outside)
        if (outside and named >= 0.8 * len(outside)) or (not outside and len(group) <= 2):
            score = 0.4
        elif outside and len(group) >= 5 and sum(d.answered for d in group) >= 100:
            score = 0.9
        else:
            score = 0.7 if outside else 0.6
        yield _of(group, score, port=group[0].port)


def peers(world: World) -> Iterator[Told]:
    torrent = {each.client for each in world.lookups if "bittorrent" in each.name or "tracker" in each.name}
    strangers = [
        d
        for d in world.outward
        if d.protocol in ("tcp", "udp") and (d.answered or d.failed) and d.name is None and not d.is_usual
        if d.port >= 1024
    ]
    for group in _groups(strangers, lambda d: d.host):
        count = len(group)
        again = sum(d.flows >= 3 for d in group)
        usual_size = statistics.median(d.out + d.back for d in group) / max(
            1, statistics.median(d.flows for d in group)
        )
        wide = len({near(d.called) for d in group}) >= 30 and len({d.port for d in group}) >= 20
        silent = sum(d.answered == 0 for d in group) >= 0.2 * count
        small = usual_size <= 5000 and max(d.out + d.back for d in group) < 20_000_000
        shares = sum(d.port in BITTORRENT_PORTS for d in group) >= 0.03 * count or group[0].host in torrent
        if count >= 50 and wide and silent and small and not shares:
            yield _of(group, 0.9 if again >= 20 and again >= 0.1 * count else 0.6, port=None)


def tunnel(world: World) -> Iterator[Told]:
    asked: dict[tuple[str, str], list[Lookup]] = defaultdict(list)
    for each in world.lookups:
        labels = each.name.split(".")
        if len(labels) >= 3:
            asked[each.client, ".".join(labels[-2:])].append(each)
    many = Counter(domain for (_, domain), group in asked.items() if len({each.name for each in group}) >= 20)
    for (client, domain), group in asked.items():
        names = len({each.name for each in group})
        length = sum(len(each.name) - len(domain) for each in group) / len(group)
        carrying = sum(each.kind == "TXT" for each in group)
        if names < 100 or length < 20 or many[domain] >= 5:
            continue
        surely = (names >= 300 and length >= 40) or (carrying >= 0.3 * len(group) and length >= 25)
        yield Told(client, None, None, 0.9 if surely else 0.6, len(group), 0)


def flux(world: World) -> Iterator[Told]:
    asked: dict[tuple[str, str], list[Lookup]] = defaultdict(list)
    for each in world.lookups:
        if each.answers and each.kind == "A":
            asked[each.client, each.name].append(each)
    for (client, _), group in asked.items():
        answers = {answer for each in group for answer in each.answers}
        networks = {near(answer) for answer in answers}
        moves = len(answers) >= 3 * max(len(each.answers) for each in group)
        if moves and 1.32 * len(answers) + 18.54 * len(networks) > 142.38:
            yield Told(client, None, None, 0.45, len({each.at for each in group}), len(answers))


def control_port(world: World) -> Iterator[Told]:
    silent = Counter((d.host, d.port) for d in tcp(world.outward) if d.answered == 0)
    scanners = {host for (host, _), count in silent.items() if count >= 50}
    for d in tcp(world.outward):
        if d.port in CONTROL_PORTS and (d.flows >= 5 or d.lasts >= 600 or d.is_lent) and d.host not in scanners:
            usual = d.name is not None and not d.is_lent and (d.service in ("ssl", "http") or d.port in PUBLIC_PORTS)
            score = 0.5 + 0.1 * (d.lasts >= 1800) + 0.1 * (d.flows >= 10) - 0.3 * usual
            yield d.told(min(0.7, score))


def lent_name(world: World) -> Iterator[Told]:
    for d in tcp(world.outward):
        if d.is_lent and not d.is_usual and (d.flows >= 2 or d.lasts >= 60):
            yield d.told(0.6 if d.flows >= 10 or d.lasts >= 1800 else 0.5)


def retries(world: World) -> Iterator[Told]:
    for d in tcp(world.outward):
        span = d.last - d.first
        if d.failed < 30 or d.failed < 0.6 * d.flows or not (span >= 600 or d.failed >= 100):
            continue
        of_use = (0.2, 0.3) if d.is_usual else (0.25, 0.6)
        score = of_use[0] if d.name and (d.is_usual or not d.is_lent) else of_use[1]
        restless = d.answered == 0 and d.failed >= 200 and d.failed >= 30 * max(1.0, span / 60)
        score += 0.15 * (d.failed >= 200) + 0.05 * (d.failed >= 0.98 * d.flows) + 0.1 * restless
        yield d.told(min(0.85, score))


def held(world: World) -> Iterator[Told]:
    for d in tcp(world.outward):
        if d.is_usual or not d.answered or d.lasts < 7200:
            continue
        known = d.service in ("ssl", "ssh", "rdp", "rfb", "xmpp") or (
            d.port in PUBLIC_PORTS and (d.name is not None or not world.lookups)
        )
        score = 0.45 + 0.1 * (d.name is None and bool(world.lookups)) + 0.05 * (d.lasts >= 43_200)
        yield d.told(min(0.6, score - 0.2 * (known or d.out + d.back > 50_000_000)))


def steered(world: World) -> Iterator[Told]:
    for d in tcp(world.outward):
        if d.is_usual or d.answered < 2 or d.lasts < 600:
            continue
        if d.out < 10_000 or d.out < 5 * d.back or d.back == 0:
            continue
        score = 0.5 + 0.1 * (d.lasts >= 1800) + 0.1 * (d.name is None and bool(world.lookups))
        yield d.told(min(0.7, score - 0.3 * (d.service in ("ssl", "ssh") or d.out >= 500_000_000)))


def relay(world: World) -> Iterator[Told]:
    for m in tcp(world.outward):
        if m.is_keepalive or m.lasts < HOUR or m.back < 1_000_000 or m.out < 1_000_000:
            continue
        until = m.last + math.ceil(m.lasts) + 300
        others = [
            d
            for d in tcp(world.outward)
            if d.host == m.host and d.called != m.called and d.name is None and d.first >= m.first and d.last <= until
        ]
        back, out = sum(d.back for d in others), sum(d.out for d in others)
        strangers = len({d.called for d in others})
        if strangers >= 20 and 0.7 * m.out <= back <= 1.3 * m.out and 0.5 * m.back <= out <= 1.5 * m.back:
            yield m.told(0.6)._replace(peers=strangers)


def mining(world: World) -> Iterator[Told]:
    for d in tcp(world.outward):
        if d.port in MINING_PORTS and d.answered and d.lasts >= 1800 and d.out < 5000 + d.lasts * 200:
            yield d.told(0.5)
    pools = Counter((each.client, each.name) for each in world.lookups if "nanopool" in each.name)
    for (client, _), count in pools.items():
        yield Told(client, None, None, 0.6, count, 0)


def flood(world: World) -> Iterator[Told]:
    talks = {(d.host, d.called) for d in tcp(world.outward) if d.answered and d.packets_back > 0.1 * d.packets_out}
    for d in world.outward:
        calls = d.flows >= 1000 and d.packets_back <= 0.1 * d.packets_out
        bulk = d.packets_out >= 60_000 and d.packets_back <= 0.02 * d.packets_out and (d.host, d.called) not in talks
        if d.port == 53 or not (calls or bulk):
            continue
        minutes: dict[int, list[Flow]] = defaultdict(list)
        for flow in d.all:
            minutes[flow.at // 60].append(flow)
        bad = [
            flows
            for flows in minutes.values()
            if len(flows) >= 1000 or sum(each.packets_out / max(1.0, each.lasts / 60) for each in flows) >= 60_000
        ]
        if bad:
            yield d.told(0.95)._replace(rows=sum(map(len, bad)))


def _quartiles(values: list[int]) -> tuple[float, float, float]:
    first, second, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, second, third


def beacon(world: World) -> Iterator[Told]:
    for d in world.outward:
        if d.protocol not in ("tcp", "udp") or not 20 <= d.flows <= 86_400 or d.is_keepalive:
            continue
        if d.last - d.first < 1800 or (d.is_usual and d.name is not None):
            continue
        moments = sorted((flow.at, flow.out) for flow in d.all)
        pairs = [(b[0] - a[0], b[1]) for a, b in itertools.pairwise(moments) if b[0] - a[0] >= 1]
        if len(pairs) < 15:
            continue
        gaps = [gap for gap, _ in pairs]
        q1, q2, q3 = _quartiles(gaps)
        skew = 0.0 if q3 - q1 < 10 or q2 in (q1, q3) else abs((q1 + q3 - 2 * q2) / (q3 - q1))
        spread = statistics.median(abs(gap - statistics.median(gaps)) for gap in gaps)
        if ((1 - skew) + max(0.0, (q2 - spread) / q2)) / 2 < 0.8:
            continue
        sizes = [size for _, size in pairs]
        size = statistics.median(sizes)
        alike = max(0.0, (size - statistics.median(abs(s - size) for s in sizes)) / size) if size > 0 else 0.0
        score = (0.35 if d.is_usual else 0.55) + 0.05 * (alike >= 0.9) + (0.05 if d.name is None else -0.15)
        yield d.told(min(0.7, score))


ASKED: dict[str, Callable[[World], Iterator[Told]]] = {
    "indicator": indicator,
    "lent-name": lent_name,
    "flood": flood,
    "scan": scan,
    "scan-ports": scan_ports,
    "mail": mail,
    "logins": logins,
    "peers": peers,
    "tunnel": tunnel,
    "flux": flux,
    "control-port": control_port,
    "retries": retries,
    "beacon": beacon,
    "held": held,
    "steered": steered,
    "relay": relay,
    "mining": mining,
}
