"""Sightings as IntelMQ events: flat dotted keys, as IntelMQ 3.5 writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from tocsin.engine import Engine
from tocsin.evidence.readers.shadowserver_reports import REPORT_BY_NAME
from tocsin.evidence.staged import Output, Staged
from tocsin.evidence.writers.jsonl import Row, staged_rows
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import parse_moment

_KEY_BY_COLUMN = {
    "seen_at": "time.source",
    "address": "source.ip",
    "port": "source.port",
    "protocol": "protocol.transport",
    "peer_address": "destination.ip",
    "peer_port": "destination.port",
    "peer_name": "destination.fqdn",
    "kind": "classification.type",
    "taxonomy": "classification.taxonomy",
    "malware": "malware.name",
    "confidence": "feed.accuracy",
    "source_ref": "extra.event_id",
}

# Shadowserver's columns that IntelMQ has a key for; numbers are numbers there, and 0 is none.
_SHADOWSERVER_KEYS: dict[str, tuple[str, bool]] = {
    **{
        f"{ours}{column}": (f"{theirs}.{key}", column == "asn")
        for ours, theirs in (("src_", "source"), ("dst_", "destination"), ("", "source"))
        for column, key in (
            ("asn", "asn"),
            ("geo", "geolocation.cc"),
            ("region", "geolocation.region"),
            ("city", "geolocation.city"),
            ("hostname", "reverse_dns"),
        )
    },
    "src_naics": ("extra.source.naics", True),
    "dst_naics": ("extra.destination.naics", True),
    "naics": ("extra.naics", True),
    "src_sector": ("extra.source.sector", False),
    "dst_sector": ("extra.destination.sector", False),
    "device_vendor": ("product.vendor", False),
    "device_model": ("product.name", False),
    "severity": ("severity", False),
    "username": ("destination.account", False),
}
_NOTHING = ("", "-", "N/A", "n/a", None)  # IntelMQ never stores these


def write_intelmq(output: Output) -> Iterator[bytes]:
    """`time.observation` is the run's clock where the sighting brings none."""
    return intelmq_lines(output.engine, output.staged, observed_at=output.at, on_reject=output.reject)


def intelmq_lines(
    engine: Engine, staged: Staged, *, observed_at: datetime, on_reject: Callable[[int, str], None]
) -> Iterator[bytes]:
    """One event a line, without its line break, keys in alphabetical order. `observed_at` is `time.observation`.

    IntelMQ has no form for a reject: those go to `on_reject(line, reason)`.
    """
    for row in staged_rows(engine, staged):
        line = row["evidence_line"]
        if "reject" in row:
            on_reject(line if isinstance(line, int) else 0, str(row["reject"]))
        else:
            yield msgspec.json.encode(intelmq_event(row, observed_at), order="sorted")


def intelmq_event(row: Row, observed_at: datetime) -> dict[str, object]:
    """The event of one sighting (a row of `staged_rows`)."""
    event: dict[str, object] = {
        key: _value(row[column]) for column, key in _KEY_BY_COLUMN.items() if row.get(column) not in _NOTHING
    }
    event["time.observation"] = _moment(observed_at)
    if "feed.accuracy" in event:
        event["feed.accuracy"] = float(str(row["confidence"]))
    reader, _, variant = str(row["reader"]).partition(":")
    extra: dict[str, object] = msgspec.json.decode(str(row.get("extra", "{}")))
    extra.pop("peer_address", None)  # what stood there is no address: IntelMQ leaves it out
    if reader == "intelmq":
        return event | {key: value for key, value in extra.items() if value not in _NOTHING}
    event |= {"feed.name": str(row["source"])}
    if row.get("observer") != row.get("source"):
        event["extra.public_source"] = row["observer"]
    if reader == "shadowserver":
        event |= _from_shadowserver(row, variant, extra)
    else:
        event |= {f"extra.{name}": value for name, value in extra.items()}
    return event


def _from_shadowserver(row: Row, report_name: str, extra: dict[str, object]) -> dict[str, object]:
    event: dict[str, object] = {"feed.provider": "Shadowserver"}
    stated = extra.pop(
        "timestamp", None
    )  # IntelMQ's moment is that column, also where the report has a start and an end
    if stated is not None:
        event["time.source"] = _stated(str(stated)) or event["time.source"]
        event["extra.start_time"] = _value(row["seen_at"])
        event["extra.end_time"] = _value(row["seen_until"])
    for column, text in extra.items():
        key, is_number = _SHADOWSERVER_KEYS.get(column, (f"extra.{column}", False))
        value = _number(str(text)) if is_number else text
        if value not in _NOTHING:
            event[key] = value
    report = REPORT_BY_NAME.get(report_name)
    if report and report.application:
        event["protocol.application"] = report.application
    identifier = _identifier(report.identifier, row, extra) if report else None
    return event | ({"classification.identifier": identifier} if identifier else {})


def _identifier(rule: str, row: Row, extra: dict[str, object]) -> str | None:
    if not rule.startswith("="):
        return rule or None
    said = row.get("malware") if rule == "=infection" else extra.get(rule[1:])
    return str(said).lower() if said else None


def _stated(text: str) -> str | None:
    for form in (text, text.strip().replace(" ", "T") + "Z"):
        with suppress(ValueError):
            return _moment(parse_moment(form))
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 and int(text) else None


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return _moment(value)
    return format_address(value) if isinstance(value, UUID) else value


def _moment(moment: datetime) -> str:
    """`2026-11-24T03:16:38+00:00`: IntelMQ takes no Z."""
    return moment.astimezone(UTC).isoformat()
