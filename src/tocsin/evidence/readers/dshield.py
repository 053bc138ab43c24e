"""DShield's reports on a network (`asdetailsascii`): padded addresses and the days on which they were seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.evidence.lines import Reject, bounded
from tocsin.evidence.rows import Row, add_rows, extra_of
from tocsin.evidence.texts import Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

_FIELDS = 6
_PADDED = re.compile(r"(?<![0-9])0{1,2}(?=[0-9])")
_ROW = re.compile(rb"(?m)^\d{3}\.\d{3}\.\d{3}\.\d{3}\t\d+\t\d+\t|^\d{1,3}(?:\.\d{1,3}){3}\t\d+\t\d+\t[\d-]*\t[\d-]*\t")


def recognise_dshield(head: Head) -> str | None:
    says = b"asdetailsascii" in head.start or b"DShield" in head.start
    return "" if says and head.first_line().startswith(("#", "<!--")) and _ROW.search(head.start) else None


def read_dshield(reading: Reading) -> Texts:
    """Every row is a sighting of the whole day on which the address was last seen; packets alone, so a lead."""
    return Texts(add_rows(reading.engine, _rows(reading)), "dshield")


def _rows(reading: Reading) -> Iterator[Row]:
    comment = False
    for chunk in reading.lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            text = (line or b"").decode().strip()
            comment = (comment or text.startswith("<!--")) and "-->" not in text
            if comment or not text or text.startswith("#") or text.endswith("-->"):
                continue
            cells = text.split("\t")
            if len(cells) != _FIELDS:
                reading.reject(Reject(number, f"{len(cells)} fields where {_FIELDS} belong", bounded(text)))
                continue
            yield number, *_row(cells)


def _row(cells: list[str]) -> tuple[dict[str, str], str | None]:
    address, reports, targets, first, last, updated = (cell.strip() for cell in cells)
    texts = {
        "moment": f"{last} 00:00:00",
        "starts": f"{last} 00:00:00",
        "ends": f"{last} 23:59:59",
        "address": _PADDED.sub("", address),  # `061` is 61 here, never octal: the file says so
        "kind": "scanner",
        "taxonomy": TAXONOMY_BY_KIND["scanner"],
        "role": str(Role.LEAD),
    }
    return texts, extra_of({"reports": reports, "targets": targets, "first_seen": first, "updated": updated})
