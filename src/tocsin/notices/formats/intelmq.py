"""IntelMQ's events (its data harmonization, version 3): one JSON object a line, an event for each address and kind."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tocsin.notices.reports.group import Offence, Reporter
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment

# IntelMQ's `tlp` knows TLP 1 alone: the nearest that allows no more.
_TLP = {"CLEAR": "WHITE", "GREEN": "GREEN", "AMBER": "AMBER", "AMBER+STRICT": "RED", "RED": "RED"}


def intelmq_report(offences: Iterable[Offence], reporter: Reporter, number: str, made: str) -> str:
    events = (msgspec.json.encode(_event(each, reporter, number, made), order="sorted") for each in offences)
    return "".join(f"{event.decode()}\n" for event in events)


def _event(offence: Offence, reporter: Reporter, number: str, made: str) -> dict[str, object]:
    event: dict[str, object] = {
        "feed.name": reporter.name,
        "feed.provider": reporter.domain,
        "feed.accuracy": float(offence.confidence),
        "time.source": _moment(format_moment(offence.first_at)),
        "time.observation": _moment(made),
        "source.ip": format_address(offence.address),
        "classification.type": offence.kind,
        "classification.taxonomy": offence.taxonomy,
        "extra.incident": number,
        "extra.last_seen": _moment(format_moment(offence.last_at)),
        "extra.count": offence.lines,
    }
    known = {
        "tlp": _TLP[offence.tlp],
        "severity": offence.severity,
        "source.port": offence.port,
        "protocol.transport": offence.protocol,
        "protocol.application": offence.application or None,
        "destination.ip": format_address(offence.peer_address) if offence.peer_address else None,
        "destination.port": offence.peer_port,
        "malware.name": offence.malware,
        "extra.event_id": str(offence.sighting) if offence.sighting else None,
        "extra.cve": ",".join(offence.cves) or None,
    }
    return event | {key: value for key, value in known.items() if value is not None}


def _moment(text: str) -> str:
    return text.removesuffix("Z") + "+00:00"
