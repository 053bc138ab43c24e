"""Rows of Shadowserver's reports, in their genuine columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from tests.scenes.moments import stamp
from tocsin.pipeline.demo.feed import COLUMNS as GENUINE

Row = dict[str, str]
SINKHOLE = list(GENUINE["event4_sinkhole"])
BRUTE_FORCE = list(GENUINE["event4_honeypot_brute_force"])
TELNET = list(GENUINE["scan_telnet"])
DDOS_VICTIM = [*SINKHOLE, *["request", "count", "bytes", "end_time", "duration", "avg_pps", "max_pps"]]
REFERER = [
    *["timestamp", "protocol"],
    *[f"http_referer_{name}" for name in ("ip", "port", "asn", "geo", "region", "city", "hostname", "naics", "sector")],
    *SINKHOLE[SINKHOLE.index("dst_ip") :],
    *["http_url", "http_host", "http_referer"],
]
COLUMNS: dict[str, Sequence[str]] = {
    "event4_sinkhole": SINKHOLE,
    "event4_honeypot_brute_force": BRUTE_FORCE,
    "scan_telnet": TELNET,
    "event4_honeypot_ddos_amp": DDOS_VICTIM,
    "event4_sinkhole_http_referer": REFERER,
}


def sinkhole(
    at: datetime,
    address: str,
    *,
    port: int | None = 40_512,
    malware: str = "mirai",
    protocol: str = "tcp",
    observer: str = "",
    ref: str = "",
) -> Row:
    """An address called a sinkhole at 192.0.2.8."""
    return {
        "timestamp": stamp(at),
        "protocol": protocol,
        "src_ip": address,
        "src_port": "" if port is None else str(port),
        "src_asn": "64500",
        "src_geo": "JP",
        "dst_ip": "192.0.2.8",
        "dst_port": "80",
        "dst_asn": "64496",
        "public_source": observer,
        "infection": malware,
        "family": malware,
        "tag": malware,
        "event_id": ref,
    }


def brute_force(at: datetime, address: str, *, until: datetime | None = None, ref: str = "") -> Row:
    """An address guessed passwords at a honeypot; `until` ends the conversation."""
    times = {"start_time": f"{stamp(at)}.250000Z".replace(" ", "T")}
    times["end_time"] = f"{stamp(until or at)}.750000Z".replace(" ", "T")
    more = {"application": "ssh", "username": "root", "password": "xc3511", "client_version": "b'SSH-2.0-Go'"}
    return sinkhole(at, address, malware="ssh-brute-force", ref=ref) | {"dst_port": "22", **times, **more}


def telnet(at: datetime, address: str, *, port: int = 23) -> Row:
    """An address answered a scan for telnet."""
    found = {"timestamp": stamp(at), "ip": address, "protocol": "tcp", "port": str(port), "tag": "telnet"}
    return found | {"asn": "64500", "geo": "JP", "banner": "|HGW telnetd|Password:"}


def ddos_victim(at: datetime, address: str) -> Row:
    """A honeypot was asked, in this address's name, to flood it: `src_ip` is the victim."""
    return sinkhole(at, address, port=None, malware="ddos-amplification", protocol="udp") | {"dst_port": "389"}


def referer(at: datetime, address: str) -> Row:
    """A web page at this address sent its visitors to a sinkhole: infrastructure of somebody, no infected household."""
    seen = {"http_referer_ip": address, "http_referer_port": "80", "http_host": "site.example", "tag": "kovter"}
    return {"timestamp": stamp(at), "protocol": "tcp", **seen, "dst_ip": "192.0.2.8", "dst_port": "80"}


def text_of(columns: Sequence[str], rows: Iterable[Row]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def swapped(rows: Iterable[Row], one: str, other: str) -> list[Row]:
    """As if somebody had exchanged two columns under their header."""
    return [row | {one: row.get(other, ""), other: row.get(one, "")} for row in rows]
