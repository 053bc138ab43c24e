"""What routers print of who is there: dnsmasq's lease file, `ip neigh`, `arp -a`, /proc/net/arp."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.engine import read_sql, text_lines
from tocsin.evidence.lines import Lines, Reject, bounded, numbered_lines
from tocsin.evidence.texts import Head
from tocsin.traffic.readers.separated import over
from tocsin.traffic.reading import Reading

_MAC = rb"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}"
_ADDRESS = rb"[0-9A-Fa-f.:]{3,45}"
_FORMS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("dnsmasq", re.compile(rb"\d{1,12} " + _MAC + rb" " + _ADDRESS + rb" \S{1,255}(?: \S*)?$")),
    ("neigh", re.compile(_ADDRESS + rb" dev \S{1,40} (?:lladdr " + _MAC + rb" )?[\w ]{3,60}$")),
    ("arp", re.compile(rb"\S{1,255} \(" + _ADDRESS + rb"\) (?:at|auf) (?:" + _MAC + rb"|<incomplete>)")),
    ("proc", re.compile(rb"IP address +HW type +Flags +HW address")),
    ("proc", re.compile(_ADDRESS + rb" +0x\d+ +0x\d+ +" + _MAC + rb" ")),
)


def recognise_leases(head: Head) -> str | None:
    first = head.first_line().encode()
    return next((name for name, form in _FORMS if form.match(first)), None)


def read_leases(reading: Reading) -> None:
    """A line is a device's address and network card, or a reject. Lines of devices that did not answer are skipped."""
    lines = numbered_lines(reading.blocks, reading.reject)
    known = text_lines((each.first, list(_known(each, reading))) for each in lines)
    reading.add("leases", known, over("SELECT line, text FROM raw", read_sql(__package__, "leases")), file=reading.file)


def _known(chunk: Lines, reading: Reading) -> Iterator[bytes | None]:
    for number, line in enumerate(chunk.split(), chunk.first):
        if not line or line.isspace() or line.startswith(b"IP address ") or line.startswith(b"duid "):
            yield None
        elif any(form.match(line.strip()) for _, form in _FORMS):
            yield line.strip()
        else:
            reading.reject(
                Reject(number, "neither a lease nor a neighbour", bounded(line[:800].decode(errors="replace")))
            )
            yield None
