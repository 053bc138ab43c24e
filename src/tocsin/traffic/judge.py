"""Any set of files to verdicts: what `tocsin detect` says of each host and `tocsin home` of each device."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from tocsin.engine import Engine, read_sql, table_of
from tocsin.terms.addresses import format_address
from tocsin.traffic import dga
from tocsin.traffic.behaviours import words
from tocsin.traffic.behaviours.table import BY_NAME
from tocsin.traffic.lists import Indicator, hand_in
from tocsin.traffic.own import find_own
from tocsin.traffic.ports import (
    BITTORRENT_PORTS,
    CONTROL_PORTS,
    KEEPALIVE_PORTS,
    LOGIN_PORTS,
    MINING_PORTS,
    PUBLIC_PORTS,
    SERVICE_PORTS,
    SHARING_PORTS,
    SPREADING_PORTS,
)
from tocsin.traffic.read import Traffic
from tocsin.traffic.verdict import SHOWN_FROM, Finding, Verdict, Window, decide, windows

PART_FLOWS = 4_000_000  # of one part of our hosts: with what is made of them they fit into 1 GB
FINDINGS_MAX = 20  # of one behaviour of one host: the strongest
PEERS_SHOWN = 20
ROWS_SHOWN = 20
_ROOM = "tocsin.traffic.behaviours"
_ON_LOOKUPS = frozenset({"dga", "tunnel", "flux"})
_QUERIES = (
    "indicator",
    "lent_name",
    "flood",
    "scan",
    "scan_ports",
    "mail",
    "logins",
    "peers",
    "tunnel",
    "flux",
    "control_port",
    "retries",
)
_QUERIES_MORE = ("beacon", "held", "steered", "relay", "mining")
_FINDING = "host, called, called_port, protocol, score, first_at, last_at, rows, peers, examples, numbers"
_PORT_TABLES = {
    "service_ports": SERVICE_PORTS,
    "keepalive_ports": KEEPALIVE_PORTS,
    "spreading_ports": SPREADING_PORTS,
    "login_ports": LOGIN_PORTS,
    "mining_ports": MINING_PORTS,
    "bittorrent_ports": BITTORRENT_PORTS,
    "sharing_ports": SHARING_PORTS,
    "public_ports": PUBLIC_PORTS,
}


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one device. `opened` counts flows and look-ups of its own."""

    host: str
    addresses: tuple[str, ...]
    verdict: Verdict
    score: float
    first_at: datetime
    last_at: datetime
    opened: int
    behaviours: tuple[Finding, ...]
    windows: tuple[Window, ...]
    sampled: int = 1  # one packet in so many was seen


class Judgement(msgspec.Struct, frozen=True):
    """The hosts, worst first, and how it was known which they are (own.find_own)."""

    hosts: tuple[Host, ...]
    own_by: str


def judge(
    traffic: Traffic, *, own: Sequence[tuple[UUID, int]] = (), lists: Sequence[Indicator] = (), sampled: int = 1
) -> Judgement:
    """A verdict for each of our hosts over all that was read. `own` are our networks (else see find_own); `lists`
    are what is known of attackers' servers. `sampled`: one packet in so many was seen, where no file tells more itself.
    """
    engine = traffic.engine
    own_by = prepare(engine, own)
    hand_in(engine, lists)
    sampled = max(sampled, traffic.sampled)
    _find(traffic, sampled)
    hosts = tuple(
        sorted(_hosts(engine, traffic, sampled), key=lambda each: (-_RANK[each.verdict], -each.score, each.host))
    )
    return Judgement(hosts, own_by)


_RANK: dict[Verdict, int] = {"infected": 3, "suspicious": 2, "clean": 1, "unseen": 0}


def prepare(engine: Engine, own: Sequence[tuple[UUID, int]]) -> str:
    """Make what behaviours ask of, but for the hosts' dealings: ends, own, inside, devices, named, popular, ports."""
    for name, ports in _PORT_TABLES.items():
        _add(engine, name, (("port", "USMALLINT"),), [sorted(ports)])
    families = sorted(CONTROL_PORTS.items())
    columns = (("port", "USMALLINT"), ("family", "VARCHAR"))
    values: list[list[object]] = [[port for port, _ in families], [family for _, family in families]]
    _add(engine, "control_ports", columns, values)
    own_by = find_own(engine, own)
    # Two who were only guessed to be the watched ones are no house: each is an outsider to the other.
    ours = "false" if own_by == "watched" else "address IN (SELECT address FROM own)"
    engine.run(
        "CREATE OR REPLACE TEMP TABLE inside AS SELECT address FROM ends"
        f" WHERE called_in > 0 AND (is_private(address) OR {ours})"
    )
    for name in ("devices", "named", "popular"):
        _table(engine, name)
    return own_by


def _table(engine: Engine, name: str) -> None:
    engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {read_sql(__package__, name)}")


def _add(
    engine: Engine, name: str, columns: tuple[tuple[str, str], ...], values: list[list[object]] | list[list[int]]
) -> None:
    engine.add("handed_in", table_of(columns, values))
    engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {', '.join(c for c, _ in columns)} FROM handed_in")
    engine.drop("handed_in")


def _find(traffic: Traffic, sampled: int) -> None:
    """Ask every behaviour; make `findings`, numbered, of which `kept` are the strongest of each host.

    Each part of our hosts in turn is a world of its own: a part bounds the memory, and the time grows as the flows do.
    """
    engine = traffic.engine
    engine.run(
        "CREATE OR REPLACE TEMP TABLE findings (name VARCHAR, host UUID, called UUID, called_port USMALLINT,"
        " protocol VARCHAR,"
        " score DOUBLE, first_at TIMESTAMP, last_at TIMESTAMP, rows BIGINT, peers BIGINT, examples UUID[],"
        " numbers VARCHAR)"
    )
    ((opened,),) = engine.rows("SELECT coalesce(sum(opened), 0)::BIGINT FROM ends SEMI JOIN own USING (address)")
    parts = 1 + int(str(opened)) // PART_FLOWS
    # Little of what flows show stays inside: one pass for all.
    engine.run(f"CREATE OR REPLACE TEMP TABLE all_inward AS {read_sql(__package__, 'inward')}")
    for part in range(parts):
        traffic.narrow(part, parts)
        _table(engine, "outward")
        engine.run(f"CREATE OR REPLACE TEMP VIEW inward AS FROM all_inward WHERE hash(host) % {parts} = {part}")
        for query in (*_QUERIES, *_QUERIES_MORE):
            _ask(engine, query, sampled)
        dga.find(engine)
    traffic.narrow(0, 1)
    _keep(engine)


def _ask(engine: Engine, query: str, sampled: int) -> None:
    name = query.replace("_", "-")
    cap, question = BY_NAME[name].cap, _question(name, query, sampled)
    if not question:
        return
    params = {"rate": sampled} if question == "flood_sampled" else {}
    engine.run(
        f"INSERT INTO findings SELECT '{name}', host, called, called_port, protocol, least(score, {cap}),"
        f" first_at, last_at, rows, peers, examples, numbers FROM ({read_sql(_ROOM, question)})"
        " WHERE host IN (SELECT address FROM own)",
        **params,
    )


def _keep(engine: Engine) -> None:
    on_lookups = ", ".join(f"'{name}'" for name in sorted(_ON_LOOKUPS))
    engine.run(
        "CREATE OR REPLACE TEMP TABLE kept AS SELECT"
        " row_number() OVER (ORDER BY name, host, score DESC, called, called_port)"
        f" AS finding, name, {_FINDING}, name IN ({on_lookups}) AS on_lookups FROM findings WHERE score >= $shown"
        " QUALIFY row_number() OVER (PARTITION BY name, host"
        " ORDER BY score DESC, rows DESC, called, called_port) <= $most",
        shown=SHOWN_FROM,
        most=FINDINGS_MAX,
    )


def _question(name: str, query: str, sampled: int) -> str:
    """The query to ask; '' where only a sample of the packets was seen and it would not do."""
    instead = BY_NAME[name].sampled
    return query if sampled == 1 or instead == "same" else instead


def _hosts(engine: Engine, traffic: Traffic, sampled: int) -> list[Host]:
    found = _findings(engine, traffic)
    days = _days(engine)
    hosts = []
    for device, addresses, first, last, opened, asked in engine.rows(read_sql(__package__, "spoken")):
        assert isinstance(device, UUID)
        assert isinstance(first, datetime)
        assert isinstance(last, datetime)
        findings = sorted(found.get(device, []), key=lambda each: (-each.score, each.name, each.peer or ""))
        seen = int(str(opened)) + int(str(asked))
        verdict, score = decide(findings, seen, sampled)
        hosts.append(
            Host(
                host=format_address(device),
                addresses=tuple(format_address(each) for each in cast("list[UUID]", addresses)),
                verdict=verdict,
                score=score,
                first_at=first,
                last_at=last,
                opened=seen,
                behaviours=tuple(findings),
                windows=windows(findings, days.get(device, ()), seen, sampled),
                sampled=sampled,
            )
        )
    return hosts


def _days(engine: Engine) -> dict[UUID, list[datetime]]:
    """The days on which each device did anything."""
    found: dict[UUID, list[datetime]] = {}
    for device, day in engine.rows(read_sql(__package__, "days")):
        assert isinstance(device, UUID)
        assert isinstance(day, datetime)
        found.setdefault(device, []).append(day)
    return found


def _findings(engine: Engine, traffic: Traffic) -> dict[UUID, list[Finding]]:
    """Of each device, its findings with their rows and hours."""
    places: dict[int, list[str]] = {}
    hours: dict[int, list[datetime]] = {}
    for finding, hour, _, rows in engine.rows(read_sql(__package__, "rested")):
        number = int(str(finding))
        assert isinstance(hour, datetime)
        hours.setdefault(number, []).append(hour)
        shown = places.setdefault(number, [])
        for each in cast("list[dict[str, int]]", rows)[: ROWS_SHOWN - len(shown)]:
            shown.append(f"{traffic.sources[each['file']].name}:{each['line']}")
    found: dict[UUID, list[Finding]] = {}
    names = ("finding", "name", "device", *_FINDING.split(", "))
    sql = f"SELECT {', '.join(names)} FROM kept JOIN devices ON devices.address = kept.host ORDER BY finding"
    for values in engine.rows(sql):
        row: dict[str, object] = dict(zip(names, values, strict=True))
        number, device = int(str(row["finding"])), row["device"]
        assert isinstance(device, UUID)
        found.setdefault(device, []).append(_finding(row, places.get(number, []), hours.get(number, [])))
    return found


def _finding(row: dict[str, object], places: Sequence[str], hours: Sequence[datetime]) -> Finding:
    name = str(row["name"])
    numbers = msgspec.json.decode(str(row["numbers"]), type=dict[str, object])
    called, port, first, last = row["called"], row["called_port"], row["first_at"], row["last_at"]
    address = row["host"]
    assert isinstance(address, UUID)
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    examples = row["examples"] or ()
    peers = tuple(format_address(each) for each in examples)[:PEERS_SHOWN]  # type: ignore[attr-defined]
    return Finding(
        name=name,
        score=round(float(str(row["score"])), 3),
        text=BY_NAME[name].say(numbers) if name in BY_NAME else words.span(0),
        first_at=first,
        last_at=last,
        peers=peers,
        peers_total=int(str(row["peers"])),
        rows=tuple(places),
        rows_total=int(str(row["rows"])),
        port=int(str(port)) if port is not None else None,
        protocol=str(row["protocol"]) if row["protocol"] else None,
        peer=format_address(called) if isinstance(called, UUID) else None,
        address=format_address(address),
        numbers={key: value for key, value in numbers.items() if value is not None},
        hours=tuple(hours),
    )
