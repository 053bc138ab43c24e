"""The CERT's feed: Shadowserver CSV reports, one file a report type and UTC day, columns and quoting as theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from time import gmtime, strftime

from tocsin.pipeline.demo.seen import BRUTE_FORCE, SINKHOLE, TELNET, Seen
from tocsin.terms.roles import Role

Cell = str | int | None
ORIGIN = 64_500  # RFC 5398
_EVENT = (
    "timestamp",
    "protocol",
    "src_ip",
    "src_port",
    "src_asn",
    "src_geo",
    "src_region",
    "src_city",
    "src_hostname",
    "src_naics",
    "src_sector",
    "device_vendor",
    "device_type",
    "device_model",
    "dst_ip",
    "dst_port",
    "dst_asn",
    "dst_geo",
    "dst_region",
    "dst_city",
    "dst_hostname",
    "dst_naics",
    "dst_sector",
    "public_source",
    "infection",
    "family",
    "tag",
    "application",
    "version",
    "event_id",
)
_SERVICE = ("service", "start_time", "end_time", "client_version", "username", "password", "payload_url", "payload_md5")
COLUMNS: dict[str, tuple[str, ...]] = {
    SINKHOLE.name: _EVENT,
    BRUTE_FORCE.name: _EVENT + _SERVICE,
    TELNET.name: (
        "timestamp",
        "ip",
        "protocol",
        "port",
        "hostname",
        "tag",
        "asn",
        "geo",
        "region",
        "city",
        "naics",
        "sic",
        "banner",
    ),
}
# infection, family, the port that its controllers listen on
_FAMILIES = (
    ("mirai", "mirai", 23),
    ("mozi", "mozi", 6881),
    ("qsnatch", "qsnatch", 443),
    ("andromeda", "andromeda", 80),
    ("avalanche-andromeda", "andromeda", 80),
    ("conficker", "conficker", 80),
    ("gamarue", "gamarue", 443),
    ("flubot", "flubot", 443),
)
_LOGINS = (("root", "xc3511"), ("admin", "admin"), ("root", "vizxv"), ("support", "support"))
_BANNERS = ("|MikroTik v6.42.1 (stable)|Login:", "|BusyBox v1.19.4|(none) login:", "|HGW telnetd|Password:")


def write_feeds(folder: Path, sightings: list[Seen], rng: Random) -> list[str | None]:
    """Writes `<folder>/YYYY-MM-DD-<report>-demo-as64500.csv`. Returns each sighting's reference number, in order."""
    pages: dict[tuple[str, str], list[list[Cell]]] = {}
    references: list[str | None] = []
    for place, seen in enumerate(sightings):
        day = strftime("%Y-%m-%d", gmtime(seen.seen_at))
        reference = None if seen.report is TELNET else f"DEMO-{day.replace('-', '')}-{place:06d}"
        references.append(reference)
        cells = _CELLS[seen.report.name](seen, reference, rng)
        row = [cells.get(column) for column in COLUMNS[seen.report.name]]
        pages.setdefault((day, seen.report.name), []).append(row)
    folder.mkdir(parents=True, exist_ok=True)
    for (day, report), rows in sorted(pages.items()):
        header: list[Cell] = list(COLUMNS[report])
        text = "".join(",".join(map(_quoted, row)) + "\n" for row in [header, *rows])
        (folder / f"{day}-{report}-demo-as{ORIGIN}.csv").write_text(text, encoding="utf-8")
    return references


def _quoted(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell) if isinstance(cell, int) else '"' + cell.replace('"', '""') + '"'


def _event(seen: Seen, reference: str | None, rng: Random, port: int) -> dict[str, Cell]:
    absent = rng.choice((0, None))  # both are written for "no port"
    return {
        "timestamp": strftime("%Y-%m-%d %H:%M:%S", gmtime(seen.seen_at)),
        "protocol": seen.protocol,
        "src_ip": seen.address,
        "src_port": absent if seen.port is None else seen.port,
        "src_asn": ORIGIN,
        "src_geo": "JP",
        "src_region": "TOKYO",
        "src_city": "CHIYODA",
        "dst_ip": f"192.0.2.{rng.randrange(200, 250)}",
        "dst_port": port,
        "dst_asn": 64_496,
        "dst_geo": "NL",
        "dst_region": "NOORD-HOLLAND",
        "dst_city": "AMSTERDAM",
        "event_id": reference,
    }


def _sinkhole(seen: Seen, reference: str | None, rng: Random) -> dict[str, Cell]:
    # The address decides, so that what is seen of it again is the same trouble.
    infection, family, port = _FAMILIES[sum(map(ord, seen.address)) % len(_FAMILIES)]
    udp = seen.role is Role.LEAD
    return _event(seen, reference, rng, 16_464 if udp else port) | {
        "public_source": "sinkhole-demo",
        "infection": infection,
        "family": family,
        "tag": family,
    }


def _brute_force(seen: Seen, reference: str | None, rng: Random) -> dict[str, Cell]:
    service, port = rng.choice((("ssh", 22), ("telnet", 23)))
    username, password = rng.choice(_LOGINS)
    fraction = rng.randrange(1_000_000)
    return _event(seen, reference, rng, port) | {
        "public_source": "HONEYPOT-DEMO",
        "infection": f"{service}-brute-force",
        "application": service,
        "start_time": _precise(seen.seen_at, fraction),
        "end_time": _precise(seen.seen_until or seen.seen_at, max(fraction, rng.randrange(1_000_000))),
        "client_version": "b'SSH-2.0-Go'" if service == "ssh" else None,
        "username": username,
        "password": password,
    }


def _telnet(seen: Seen, _: str | None, rng: Random) -> dict[str, Cell]:
    return {
        "timestamp": strftime("%Y-%m-%d %H:%M:%S", gmtime(seen.seen_at)),
        "ip": seen.address,
        "protocol": seen.protocol,
        "port": seen.port,
        "tag": "telnet",
        "asn": ORIGIN,
        "geo": "JP",
        "region": "TOKYO",
        "city": "CHIYODA",
        "naics": 0,
        "sic": 0,
        "banner": rng.choice(_BANNERS),
    }


def _precise(at: int, micro: int) -> str:
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(at))}.{micro:06d}Z"


_CELLS: dict[str, Callable[[Seen, str | None, Random], dict[str, Cell]]] = {
    SINKHOLE.name: _sinkhole,
    BRUTE_FORCE.name: _brute_force,
    TELNET.name: _telnet,
}
