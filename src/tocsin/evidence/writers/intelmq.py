"""Sightings as IntelMQ events: flat dotted keys, as IntelMQ 3.5 writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from tocsin.engine import Engine
from tocsin.evidence.claims import moment_text, unsaid
from tocsin.evidence.readers.intelmq import claims_of
from tocsin.evidence.staged import Output, Staged
from tocsin.evidence.writers.harmonization import NOTHING, harmonized
from tocsin.evidence.writers.intelmq_shadowserver import from_shadowserver
from tocsin.evidence.writers.jsonl import Row, staged_rows
from tocsin.terms.addresses import format_address

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

_NOTHING = (*NOTHING, "n/a")


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
    """The event of one sighting (a row of `staged_rows`), as IntelMQ takes it.

    What reading the event would not give back (a role that does not follow from the kind, a span, the address where
    IntelMQ takes another for the source) stands under `extra.tocsin.`, by the sighting's column.
    """
    event = harmonized(_told(row, observed_at))
    claims, _ = claims_of(dict(event))
    stated = {f"extra.tocsin.{column}": value for column, value in unsaid(row, claims).items()}
    return event | stated


def _told(row: Row, observed_at: datetime) -> dict[str, object]:
    event: dict[str, object] = {
        key: _value(row[column], row) for column, key in _KEY_BY_COLUMN.items() if row.get(column) not in _NOTHING
    }
    event["time.observation"] = _moment(observed_at)
    if "feed.accuracy" in event:
        event["feed.accuracy"] = float(str(row["confidence"]))
    reader, _, variant = str(row["reader"]).partition(":")
    extra: dict[str, object] = msgspec.json.decode(str(row.get("extra", "{}")))
    extra.pop("peer_address", None)  # what stood there is no address: IntelMQ leaves it out
    if reader == "intelmq":
        if "classification.type" in extra:  # one that IntelMQ does not know
            event["extra.classification.type"] = extra.pop("classification.type")
        return event | {key: value for key, value in extra.items() if value not in _NOTHING}
    event |= {"feed.name": str(row["source"])}
    if row.get("observer") != row.get("source"):
        event["extra.public_source"] = row["observer"]
    if reader == "shadowserver":
        event = from_shadowserver(event, row, variant, extra)
    else:
        event |= {f"extra.{name}": value for name, value in extra.items()}
    return event


def _value(value: object, row: Row) -> object:
    if isinstance(value, datetime):
        return moment_text(value, row.get("precision_s"))
    return format_address(value) if isinstance(value, UUID) else value


def _moment(moment: datetime) -> str:
    """`2026-11-24T03:16:38+00:00`: IntelMQ takes no Z."""
    return moment.astimezone(UTC).isoformat()
