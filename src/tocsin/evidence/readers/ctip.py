"""Microsoft's CTIP: the older documents (one object an indicator) and the newer ones of its sinkholes (JSON lines)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tocsin.evidence.documents import Fields, json_objects, opening_fields
from tocsin.evidence.lines import Reject
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.rows import Row, add_rows, extra_of, fields_of, text_of
from tocsin.evidence.texts import Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

_INFECTED = IncidentType("infected-system", Role.INFECTED, "not-bare")
_WHAT_BY_FEED = {"infected": _INFECTED, "c2": IncidentType("c2-server", Role.INFRASTRUCTURE)}
_CONFIDENCE_BY_WORD = {"high": "90", "medium": "60", "low": "30"}
_OLD_TAKEN = (
    *("networksourceipv4", "networksourceport", "networkdestinationipv4", "networkdestinationport"),
    *("firstreporteddatetime", "externalid", "confidence", "indicatorexpirationdatetime"),
)
_EPOCH_S = 11_644_473_600
_KEPT = ("DataFeed", "SourcedFrom", "ThreatCode", "TotalEncounters", "TLP", "ThreatConfidence")


def recognise_ctip(head: Head) -> str | None:
    fields = opening_fields(head)
    is_old = {"indicatorthreattype", "firstreporteddatetime"} <= fields.keys()
    return "" if is_old or {"DataFeed", "DateTimeReceivedUtc"} <= fields.keys() else None


def read_ctip(reading: Reading) -> Texts:
    """Every indicator is a sighting or a reject. Its times are UTC."""
    return Texts(add_rows(reading.engine, _rows(reading)), "ctip")


def _rows(reading: Reading) -> Iterator[Row]:
    for found in json_objects(reading.lines, reading.reject):
        if "DataFeed" in found.fields:
            yield found.line, *_new(found.fields)
        elif "indicatorthreattype" in found.fields:
            yield found.line, *_old(found.fields)
        else:
            reading.reject(Reject(found.line, "not a CTIP record"))


def _old(fields: Fields) -> tuple[dict[str, str], str | None]:
    what = _INFECTED if text_of(fields.get("indicatorthreattype")).lower() == "botnet" else IncidentType("undetermined")
    peer = text_of(fields.get("networkdestinationipv4"))
    texts = {
        "moment": text_of(fields.get("firstreporteddatetime")),
        "address": text_of(fields.get("networksourceipv4")) or text_of(fields.get("networksourceipv6")),
        "port": text_of(fields.get("networksourceport")),
        "peer": "" if peer == "0.0.0.0" else peer,  # noqa: S104 - how it says that there is none
        "peer_port": text_of(fields.get("networkdestinationport")),
        "malware": text_of(fields.get("externalid")),
        "confidence": text_of(fields.get("confidence")),
        **_kind(what),
    }
    return texts, extra_of({name: value for name, value in fields.items() if name not in _OLD_TAKEN})


def _new(fields: Fields) -> tuple[dict[str, str], str | None]:
    feed = text_of(fields.get("DataFeed")).lower().replace("-", ".").rpartition(".")[2]
    custom = fields_of(fields.get("CustomInfo"))
    http = fields_of(fields.get("HttpInfo"))
    texts = {
        "moment": _moment(fields.get("DateTimeReceivedUtc")),
        "address": text_of(fields.get("SourceIp")),
        "port": text_of(fields.get("SourcePort")),
        "peer": text_of(fields.get("DestinationIp")),
        "peer_port": text_of(fields.get("DestinationPort")),
        "peer_name": text_of(http.get("HttpHost")),
        "malware": text_of(fields.get("Malware")),
        "source_ref": text_of(fields.get("ThreatCode")),
        "confidence": _CONFIDENCE_BY_WORD.get(text_of(fields.get("ThreatConfidence")).lower(), ""),
        **_kind(_WHAT_BY_FEED.get(feed, IncidentType("undetermined"))),
    }
    kept = {name: fields[name] for name in _KEPT if name in fields}
    return texts, extra_of({**kept, "variant": text_of(custom.get("CustomField1"))})


def _moment(ticks: object) -> str:
    """100 ns since 1601-01-01 (MS-DTYP 2.3.3), as RFC 3339 to the millisecond."""
    if not isinstance(ticks, int) or isinstance(ticks, bool):
        return text_of(ticks)
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10 - _EPOCH_S * 1_000_000)
    except OverflowError:
        return text_of(ticks)
    return at.isoformat(timespec="milliseconds")


def _kind(what: IncidentType) -> dict[str, str]:
    return {"kind": what.kind, "taxonomy": TAXONOMY_BY_KIND[what.kind], "role": str(what.role), "proof": what.proof}
