"""Microsoft SNDS, as its automated data access gives it: CSV without a header, and no zone: it must be named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.engine import csv_fields
from tocsin.evidence.lines import Reject, bounded
from tocsin.evidence.rows import Row, add_rows, extra_of
from tocsin.evidence.texts import Reading, Texts
from tocsin.terms.errors import BadRequest
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

_COLUMNS = (
    *("address", "starts", "ends", "rcpt_commands", "data_commands", "recipients", "filter_result"),
    *("complaint_rate", "trap_starts", "trap_ends", "trap_hits", "helo", "mail_from", "comments"),
)
_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))? ([AP])M")


def read_snds(reading: Reading) -> Texts:
    """Every row is a sighting: of an attacker where its mail was judged red or met traps, else a lead.

    The zone is the variant (`snds:America/Los_Angeles`). Raises BadRequest where none is named, or one that is none.
    """
    try:
        zone = ZoneInfo(reading.variant)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadRequest(
            f"{reading.variant!r} is no time zone, and these rows name none",
            where=reading.name,
            remedy="name it after the reader: snds:America/Los_Angeles",
        ) from error
    return Texts(add_rows(reading.engine, _rows(reading, zone)), f"snds:{reading.variant}")


def _rows(reading: Reading, zone: ZoneInfo) -> Iterator[Row]:
    for chunk in reading.lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            text = (line or b"").decode()
            if not text.strip():
                continue
            cells = csv_fields(text, ",") or []
            if len(cells) < len(_COLUMNS) - 3:  # a row may end at its last value
                reading.reject(Reject(number, f"{len(cells)} fields where {len(_COLUMNS)} belong", bounded(text)))
                continue
            fields = {name: cell.strip() for name, cell in zip(_COLUMNS, cells, strict=False)}
            yield number, _texts(fields, zone), extra_of(_extra(fields))


def _texts(fields: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    is_bad = fields["filter_result"].upper() == "RED" or fields["trap_hits"].strip("0") != ""
    starts = _moment(fields["starts"], zone)
    return {
        "moment": starts,
        "starts": starts,
        "ends": _moment(fields["ends"], zone),
        "address": fields["address"],
        "protocol": "tcp",
        "application": "smtp",
        "observer": "Microsoft SNDS",
        "kind": "spam",
        "taxonomy": TAXONOMY_BY_KIND["spam"],
        "role": str(Role.ATTACKER if is_bad else Role.LEAD),
        "proof": "tcp",
    }


def _moment(text: str, zone: ZoneInfo) -> str:
    """The text itself where it is no time: the reject then shows it."""
    found = _TIME.fullmatch(text)
    if found is None:
        return text or "-"
    month, day, year, hour, minute = (int(part) for part in found.groups()[:5])
    clock = hour % 12 + (12 if found[7] == "P" else 0)
    try:
        return datetime(year, month, day, clock, minute, int(found[6] or 0), tzinfo=zone).isoformat()
    except ValueError:
        return text


def _extra(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: fields.get(name, "") for name in (*_COLUMNS[3:11], "comments")}
