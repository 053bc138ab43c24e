"""What a case rests on, sighting by sighting: who said so, the line of the evidence, the bindings, the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast
from uuid import UUID

import msgspec

from tocsin.attribution.named import NAMED_MAX, Named, name_bindings
from tocsin.attribution.reasons import REASON_BY_CODE
from tocsin.book import accounts, case_days, evidence
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case
from tocsin.book.evidence import Evidence
from tocsin.engine import read_sql
from tocsin.evidence.quote import quote_lines, visible
from tocsin.pipeline.house import House
from tocsin.terms.addresses import format_address

ROWS_MAX = 100  # sightings at once; earlier ones are asked for day by day
DAYS_MAX = 14  # days of the lake that one look opens


class Quoted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of evidence: its place, and itself where the evidence is still kept."""

    sha256: str
    line: int
    name: str
    received_at: datetime | None
    text: str | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One sighting, as a person reads it."""

    sighting: UUID
    seen_at: datetime
    source: str
    address: str
    reader: str
    margin_s: int
    reason: str  # in a sentence
    quoted: tuple[Quoted, ...]
    bindings: tuple[Named, ...]
    account: str | None = None
    source_ref: str | None = None
    observer: str | None = None
    port: int | None = None
    protocol: str | None = None
    peer: str | None = None
    confidence: int | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Some days' sightings, the newest first; `earlier` is the last day that is not among them."""

    rows: tuple[Shown, ...]
    earlier: date | None
    is_cut: bool  # one day alone has more than are shown


def sightings_of(house: House, case: Case, *, until: date | None = None) -> Seen:
    """The case's newest sightings (of that day and before). Whoever asks writes the audit first."""
    with house.book.read() as tx:
        days = [day for day in case_days.days_of_case(tx, case.case) if until is None or day.day <= until]
    chosen, earlier = _choose(days)
    rows = _rows(house, case, chosen) if chosen else []
    quoted = _quoted(house, chosen, [cast(UUID, row["id"]) for row in rows])
    bindings, names = _bindings(house, rows), _accounts(house, rows)
    found = tuple(_shown(row, quoted.get(cast(UUID, row["id"]), ()), bindings, names) for row in rows)
    return Seen(rows=found, earlier=earlier, is_cut=len(rows) == ROWS_MAX)


def _choose(days: Sequence[CaseDay]) -> tuple[list[date], date | None]:
    """The newest days, as many as fit on a page; and the next one after them."""
    many: dict[date, int] = {}
    for each in days:
        many[each.day] = many.get(each.day, 0) + each.sightings
    chosen: list[date] = []
    total = 0
    for day in sorted(many, reverse=True):
        if chosen and (total + many[day] > ROWS_MAX or len(chosen) == DAYS_MAX):
            return chosen, day
        chosen.append(day)
        total += many[day]
    return chosen, None


def _rows(house: House, case: Case, days: Sequence[date]) -> list[dict[str, object]]:
    sql = read_sql(__package__, "sightings_of_case")
    for table in ("attributions", "sightings"):
        sql = sql.replace(f"{{{table}}}", house.lake.scan(table, days))
    asked = house.lake.engine.batches(
        sql,
        batch_rows=ROWS_MAX,
        subscriber=case.subscriber,
        kind=case.kind,
        malware=case.malware,
        role=case.role,
        first_at=case.first_at,
        last_at=case.last_at,
        rows_max=ROWS_MAX,
    )
    return [cast("dict[str, object]", row) for batch in asked for row in batch]


def _quoted(house: House, days: Sequence[date], sightings: Sequence[UUID]) -> dict[UUID, tuple[Quoted, ...]]:
    """The pieces of evidence behind each sighting, with their lines."""
    if not sightings:
        return {}
    pieces = house.lake.engine.rows(
        f"SELECT DISTINCT sighting, evidence_sha256, evidence_line FROM {house.lake.scan('pieces', days)}"
        " WHERE list_contains($sightings, sighting) ORDER BY evidence_sha256, evidence_line LIMIT $rows_max",
        sightings=list(sightings),
        rows_max=4 * ROWS_MAX,
    )
    places = [(cast(UUID, sighting), str(sha256), int(str(line))) for sighting, sha256, line in pieces]
    wanted: dict[str, set[int]] = {}
    for _, sha256, line in places:
        wanted.setdefault(sha256, set()).add(line)
    texts = {sha256: quote_lines(house.data, sha256, lines) for sha256, lines in wanted.items()}
    with house.book.read() as tx:
        kept = evidence.named(tx, wanted)
    found: dict[UUID, tuple[Quoted, ...]] = {}
    for sighting, sha256, line in places:
        found[sighting] = (*found.get(sighting, ()), _quote(kept, sha256, line, texts[sha256].get(line)))
    return found


def _quote(kept: Mapping[str, Evidence], sha256: str, line: int, text: str | None) -> Quoted:
    known = kept.get(sha256)
    return Quoted(
        sha256=sha256,
        line=line,
        name=visible(known.name) if known else "",
        received_at=known.received_at if known else None,
        text=text,
    )


def _bindings(house: House, rows: Sequence[Mapping[str, object]]) -> dict[UUID, Named]:
    """Every binding that these rest on, asked for day by day: the lake keeps them so."""
    wanted: dict[date, set[UUID]] = {}
    for row in rows:
        seen_at = cast(datetime, row["seen_at"])
        wanted.setdefault(seen_at.date(), set()).update(cast("list[UUID]", row["bindings"]))
    found: dict[UUID, Named] = {}
    for day, these in wanted.items():
        ordered, noon = sorted(these), datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        for start in range(0, len(ordered), NAMED_MAX):
            named = name_bindings(house.lake, ordered[start : start + NAMED_MAX], noon, timedelta(hours=13))
            found |= {each.binding: each for each in named}
    return found


def _accounts(house: House, rows: Sequence[Mapping[str, object]]) -> dict[int, str]:
    numbers = {int(str(row["account"])) for row in rows if row["account"] is not None}
    with house.book.read() as tx:
        return {number: accounts.name_of(tx, number) or "" for number in numbers}


def _shown(
    row: Mapping[str, object], quoted: tuple[Quoted, ...], bindings: Mapping[UUID, Named], names: Mapping[int, str]
) -> Shown:
    reason, account = str(row["reason"]), row["account"]
    rests_on = cast("list[UUID]", row["bindings"])
    return Shown(
        sighting=cast(UUID, row["id"]),
        seen_at=cast(datetime, row["seen_at"]),
        source=str(row["source"]),
        address=format_address(cast(UUID, row["address"])),
        reader=str(row["reader"]),
        margin_s=int(str(row["margin_s"] or 0)),
        reason=REASON_BY_CODE[reason].sentence if reason in REASON_BY_CODE else reason,
        quoted=quoted,
        bindings=tuple(bindings[each] for each in rests_on if each in bindings),
        account=names.get(int(str(account))) if account is not None else None,
        source_ref=_text(row["source_ref"]),
        observer=_text(row["observer"]),
        port=cast("int | None", row["port"]),
        protocol=_text(row["protocol"]),
        peer=_peer(row),
        confidence=cast("int | None", row["confidence"]),
    )


def _peer(row: Mapping[str, object]) -> str | None:
    """The other side: its name, address and port, as far as they are known."""
    address, port, name = cast("UUID | None", row["peer_address"]), row["peer_port"], _text(row["peer_name"])
    place = f"{format_address(address)}{f' port {port}' if port else ''}" if address is not None else None
    return f"{name} ({place})" if name and place else name or place


def _text(value: object) -> str | None:
    return visible(str(value)) if value else None
