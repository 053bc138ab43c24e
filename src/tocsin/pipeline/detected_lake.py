"""What a provider's own flows have shown, as sightings: from there on they are a feed like any other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import msgspec

from tocsin.evidence.reading import read_file
from tocsin.evidence.settle import Counts
from tocsin.pipeline.house import House
from tocsin.terms.moments import format_moment
from tocsin.terms.roles import Role
from tocsin.traffic.behaviours.table import BY_NAME
from tocsin.traffic.judge import Host, Judgement
from tocsin.traffic.verdict import COUNTS_FROM, Finding, Window

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_PEERS_KEPT = 20


def keep_verdicts(house: House, judgement: Judgement) -> Counts | None:
    """One sighting for each day on which a host is infected and each kind of trouble that shows it; None for none.

    The metadata that a verdict rests on goes with it, as the evidence. The same verdicts again add nothing. Raises
    BadRequest and StorageFailed as `read_file` does.
    """
    lines = [msgspec.json.encode(each) for host in judgement.hosts for each in sightings_of(host)]
    if not lines:
        return None
    evidence = BytesIO(b"\n".join(lines) + b"\n")
    evidence.name = "detected.jsonl"
    return read_file(house.lake, evidence, source=house.config.traffic.source, at=house.now, reader="jsonl")


def sightings_of(host: Host) -> Iterator[dict[str, object]]:
    """As our own JSON lines have them."""
    days = [each for each in host.windows if each.ends_at - each.starts_at == _DAY and each.verdict == "infected"]
    for day in days:
        for finding in _strongest(host, day):
            yield _sighting(host, day, finding)


def _strongest(host: Host, day: Window) -> list[Finding]:
    """Of each kind of trouble the finding that says most, of those that show on that day."""
    best: dict[str, Finding] = {}
    for each in host.behaviours:
        kind = BY_NAME[each.name].kind
        shows = any(day.starts_at <= hour < day.ends_at for hour in each.hours)
        if shows and each.score >= COUNTS_FROM and (kind not in best or each.score > best[kind].score):
            best[kind] = each
    return [best[kind] for kind in sorted(best)]


def _sighting(host: Host, day: Window, finding: Finding) -> dict[str, object]:
    kind = BY_NAME[finding.name].kind
    known: dict[str, object] = {"protocol": finding.protocol, "peer_address": finding.peer, "peer_port": finding.port}
    return {
        "seen_at": format_moment(max(finding.first_at, day.starts_at)),
        "seen_until": format_moment(min(finding.last_at, day.ends_at - _SECOND)),
        "role": str(Role.INFECTED if kind == "infected-system" else Role.ATTACKER),
        "address": host.host,
        "kind": kind,
        "confidence": round(100 * finding.score),
        **{name: value for name, value in known.items() if value},
        "extra": {
            "behaviour": finding.name,
            "text": finding.text,
            "numbers": finding.numbers,
            "peers": list(finding.peers[:_PEERS_KEPT]),
            "rows": list(finding.rows),
        },
    }
