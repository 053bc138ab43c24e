"""What a provider's own flows have shown, as sightings: from there on they are a feed like any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import msgspec

from tocsin.evidence.reading import read_file
from tocsin.evidence.settle import Counts
from tocsin.pipeline.house import House
from tocsin.terms.moments import format_moment
from tocsin.terms.roles import Role
from tocsin.traffic.behaviours.table import BY_NAME
from tocsin.traffic.judge import Host, Judgement
from tocsin.traffic.verdict import COUNTS_FROM, Finding, Window, condemns

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_PEERS_KEPT = 20


class Told(msgspec.Struct, frozen=True):
    """A sighting as our own JSON lines have it, and the findings that it rests on."""

    sighting: dict[str, object]
    rests_on: tuple[Finding, ...]
    sampled: int = 1


def keep_verdicts(house: House, judgement: Judgement) -> Counts | None:
    """One sighting for each day on which a host is infected and each kind of trouble that shows it; None for none.

    The metadata that a verdict rests on goes with it, as the evidence. The same verdicts again add nothing. Raises
    BadRequest and StorageFailed as `read_file` does.
    """
    told = told_of(judgement)
    if not told:
        return None
    evidence = BytesIO(_evidence(told))
    evidence.name = "detected.jsonl"
    return read_file(house.lake, evidence, source=house.config.traffic.source, at=house.now, reader="jsonl")


def told_of(judgement: Judgement) -> list[Told]:
    """What is told of every host, in the order of the evidence's lines."""
    return [each for host in judgement.hosts for each in told_of_host(host)]


def evidence_sha256(told: Iterable[Told]) -> str:
    """Under which the evidence of these is kept."""
    return sha256(_evidence(told)).hexdigest()


def _evidence(told: Iterable[Told]) -> bytes:
    return b"".join(msgspec.json.encode(each.sighting) + b"\n" for each in told)


def told_of_host(host: Host) -> Iterator[Told]:
    """One for each day and kind of trouble.

    What condemns by itself spans its own time. A verdict of two findings spans both: an address changes hands, and only
    one who held it all that time can have done both.
    """
    days = [each for each in host.windows if each.ends_at - each.starts_at == _DAY and each.verdict == "infected"]
    for day in days:
        counting = [each for each in host.behaviours if each.score >= COUNTS_FROM and _shows(each, day)]
        for finding in _strongest(counting):
            together = [each for each in counting if each.address == finding.address]
            rests_on = [finding] if condemns(finding) else together
            yield Told(_sighting(day, finding, rests_on, host.sampled), tuple(rests_on), host.sampled)


def _shows(finding: Finding, day: Window) -> bool:
    return any(day.starts_at <= hour < day.ends_at for hour in finding.hours)


def _strongest(findings: Iterable[Finding]) -> list[Finding]:
    """Of each kind of trouble the finding that says most."""
    best: dict[str, Finding] = {}
    for each in findings:
        kind = BY_NAME[each.name].kind
        if kind not in best or each.score > best[kind].score:
            best[kind] = each
    return [best[kind] for kind in sorted(best)]


def _sighting(day: Window, finding: Finding, rests_on: Iterable[Finding], sampled: int) -> dict[str, object]:
    kind = BY_NAME[finding.name].kind
    spans = [(each.first_at, each.last_at) for each in rests_on]
    known: dict[str, object] = {"protocol": finding.protocol, "peer_address": finding.peer, "peer_port": finding.port}
    return {
        "seen_at": format_moment(max(min(first for first, _ in spans), day.starts_at)),
        "seen_until": format_moment(min(max(last for _, last in spans), day.ends_at - _SECOND)),
        "role": str(Role.INFECTED if kind == "infected-system" else Role.ATTACKER),
        "address": finding.address,
        "kind": kind,
        "confidence": round(100 * finding.score),
        **{name: value for name, value in known.items() if value},
        "extra": {
            "behaviour": finding.name,
            "text": finding.text,
            "numbers": finding.numbers,
            "peers": list(finding.peers[:_PEERS_KEPT]),
            "rows": list(finding.rows),
            **({"sampled": sampled} if sampled > 1 else {}),
        },
    }
