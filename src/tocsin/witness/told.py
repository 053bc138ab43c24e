"""Sightings as JSON lines: the fields of `tocsin read --to jsonl`, with what the log says of them in `extra`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from tocsin.evidence.lines import bounded
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment
from tocsin.witness.judge import Row
from tocsin.witness.redact import redacted

_FIELDS = (
    *("id", "seen_at", "seen_until", "precision_s", "role", "address", "port", "protocol", "peer_address", "peer_port"),
    *("kind", "taxonomy", "confidence"),
)
_ADDRESSES = ("address", "peer_address")


def json_line(row: Row, source: str, sha256: str) -> bytes:
    """One object, without its line break; absent values are absent keys. A reject names the host where there is one."""
    return msgspec.json.encode(_reject(row) if "reject" in row else _sighting(row, source, sha256))


def _reject(row: Row) -> dict[str, object]:
    fields: dict[str, object] = {"reject": row["reject"], "evidence_line": row["evidence_line"]}
    address = row.get("address")
    if isinstance(address, UUID):
        fields["address"] = format_address(address)
    else:
        fields["host"] = row["host"]
    service = str(row["service_name"])
    return fields | {
        "kind": row["kind"],
        "reader": f"watch:{service}",
        "excerpt": bounded(redacted(str(row["text"]), service)),
    }


def _sighting(row: Row, source: str, sha256: str) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name in _FIELDS:
        value = row.get(name)
        if isinstance(value, datetime):
            fields[name] = format_moment(value)
        elif isinstance(value, UUID):
            fields[name] = format_address(value) if name in _ADDRESSES else str(value)
        elif value is not None:
            fields[name] = value
    fields |= {"source": source, "reader": f"watch:{row['service_name']}"}
    if sha256:
        fields["evidence_sha256"] = sha256
    fields["evidence_line"] = row["evidence_line"]
    extra: dict[str, object] = {"application": row["application"], "rule": row["rule"], "handshake": row["handshake"]}
    extra |= {name: row[name] for name in ("lines", "cve", "spared") if row.get(name) not in (None, "")}
    return fields | {"extra": extra}
