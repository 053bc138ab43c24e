"""Team Cymru's CAP reports: `category|address|asn|timestamp|comments|name`, with comments in an old and a new form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.evidence.lines import Reject, bounded
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.rows import Row, add_rows, extra_of
from tocsin.evidence.texts import Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

_FIELDS = 6
_ROW = re.compile(r"[a-z]{3,20}\|[0-9A-Fa-f.:]{3,45}\|\d{1,10}\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\|")
_SCANNER = IncidentType("scanner", Role.ATTACKER, "talk")
_WHAT: dict[str, IncidentType] = {
    "bot": IncidentType("infected-system", Role.INFECTED, "not-bare"),
    "bots": IncidentType("infected-system", Role.INFECTED, "not-bare"),
    "bruteforce": IncidentType("brute-force", Role.ATTACKER, "tcp"),
    "controller": IncidentType("c2-server", Role.INFRASTRUCTURE),
    "darknet": IncidentType("scanner"),  # what falls into a dark net is a packet, not a conversation
    "honeypot": _SCANNER,
    "scanner": IncidentType("scanner"),
    "phishing": IncidentType("phishing", Role.INFRASTRUCTURE),
    "proxy": IncidentType("proxy", Role.EXPOSED, is_a_service=True),
    "openresolvers": IncidentType("ddos-amplifier", Role.EXPOSED, is_a_service=True),
    "spam": IncidentType("spam", Role.ATTACKER, "tcp"),
}
_PROTOCOL_BY_NUMBER = {"1": "icmp", "6": "tcp", "17": "udp"}
_OLD = re.compile(r"\b(srcport|dstport|mwtype|destaddr|dstaddr) (\S+)")
_NEW = re.compile(r"([a-z_]+): ?([^;]*);?")
_NEW_NAMES = {
    "family": "malware",
    "dest_addr": "peer",
    "dest_port": "peer_port",
    "destination_port_numbers": "peer_port",
    "honeypot_port": "peer_port",
    "darknet_port": "peer_port",
    "ports_scanned": "peer_port",
    "port": "port",
    "hostname": "peer_name",
}
_OLD_NAMES = {"srcport": "port", "dstport": "peer_port", "mwtype": "malware", "destaddr": "peer", "dstaddr": "peer"}


def recognise_cap(head: Head) -> str | None:
    lines = head.start[:4096].decode(errors="replace").removeprefix("\ufeff").splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return "" if _ROW.match(first) else None


def read_cap(reading: Reading) -> Texts:
    """Every row is a sighting or a reject. Its times are UTC."""
    return Texts(add_rows(reading.engine, _rows(reading)), "cap")


def _rows(reading: Reading) -> Iterator[Row]:
    for chunk in reading.lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            text = (line or b"").decode().strip()
            if not text or text.startswith("#"):
                continue
            cells = [cell.strip() for cell in text.split("|")]
            if len(cells) < _FIELDS:
                reading.reject(Reject(number, f"{len(cells)} fields where {_FIELDS} belong", bounded(text)))
                continue
            yield _row(number, cells)


def _row(number: int, cells: list[str]) -> Row:
    category, address, asn, moment, comments = cells[0].lower(), *cells[1:4], "|".join(cells[4:-1])
    what = _WHAT.get(category, IncidentType("undetermined"))
    texts = {
        "moment": moment,
        "address": address,
        "kind": what.kind,
        "taxonomy": TAXONOMY_BY_KIND[what.kind],
        "role": str(what.role),
        "proof": what.proof,
        **_comments(comments, category),
    }
    if category in {"spam", "bruteforce"}:
        texts["protocol"] = "tcp"
    return number, texts, extra_of({"category": category, "asn": asn, "comments": comments, "as_name": cells[-1]})


def _comments(text: str, category: str) -> dict[str, str]:
    texts = {_OLD_NAMES[name]: value for name, value in _OLD.findall(text)}
    for name, value in _NEW.findall(text):
        if name in _NEW_NAMES:
            texts[_NEW_NAMES[name]] = value.strip()
        elif name == "protocol":
            texts["protocol"] = _PROTOCOL_BY_NUMBER.get(value.strip(), "")
    if not texts.get("peer_port", "").isdigit():  # several, or a note: `23, 2323`
        texts.pop("peer_port", None)
    if category == "honeypot":
        texts["application"] = "honeypot"  # it answered
    return texts
