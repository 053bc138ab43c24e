"""Looking at people: every look writes the audit before the answer is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from tocsin.attribution.held import Held, held
from tocsin.attribution.who import Answer, who
from tocsin.book import audit, case_days, cases, notices, pseudonyms
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import CaseRow, Move
from tocsin.book.notices import Notice
from tocsin.cases.silence import Silence
from tocsin.cases.watch import silence_of
from tocsin.pipeline.clock import worker
from tocsin.pipeline.flows_lake import flows_behind
from tocsin.pipeline.house import House
from tocsin.terms.addresses import format_address, format_network
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import format_moment


def look_who(
    house: House,
    address: UUID,
    *,
    at: datetime,
    port: int | None,
    protocol: str | None,
    reason: str,
    actor: str | None = None,
) -> Answer:
    """Who held the address (and port) at that moment. Without an actor it is whoever runs this process who looks."""
    place = format_address(address) + (f" port {port}" if port else "")
    what = f"{place} at {format_moment(at)}"
    _note(house, "who", what, reason, actor)
    answer = who(house.lake, house.config.attribution(), address, at=at, port=port, protocol=protocol)
    if answer.number is not None:
        with house.book.write() as tx:
            pseudonyms.belongs_to(tx, what, answer.number)
    return answer


def look_held(
    house: House, network: tuple[UUID, int], *, since: datetime, until: datetime, reason: str
) -> Iterator[Held]:
    """The sightings held on an address or a prefix; never a subscriber."""
    span = f"{format_moment(since)} to {format_moment(until)}"
    _note(house, "held", f"{format_network(*network)} from {span}", reason)
    return held(house.lake, network, since=since, until=until)


def look_why(house: House, sighting: UUID, *, reason: str) -> Iterator[dict[str, object]]:
    """The flows that a sighting of our own detection rests on, as far as they are kept. BadRequest for no sighting."""
    known = house.engine.rows(f"SELECT 1 FROM {house.lake.scan('sightings')} WHERE id = $id LIMIT 1", id=sighting)
    if not known:
        raise BadRequest(f"no sighting is called {sighting}", remedy="`tocsin held ADDRESS` lists them")
    _note(house, "why", str(sighting), reason)
    return flows_behind(house, sighting)


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case with its time line."""

    row: CaseRow
    moves: tuple[Move, ...]
    days: tuple[CaseDay, ...]
    notices: tuple[Notice, ...]
    silence: Silence | None  # since it was last seen; absent of a case that is over


def look_case(house: House, case: str, *, reason: str) -> CaseView:
    """Raises BadRequest when there is no such case."""
    with house.book.read() as tx:
        rows = cases.case_rows(tx, case=case)
        if not rows:
            raise BadRequest(f"no case is called {case[:40]!r}", remedy="`tocsin cases` lists them")
    _note(house, "case", case, reason)
    with house.book.read() as tx:
        known = cases.find(tx, case)
        return CaseView(
            row=rows[0],
            moves=tuple(cases.moves_of(tx, [case])),
            days=tuple(case_days.days_of_case(tx, case)),
            notices=tuple(notices.of_cases(tx, [case]).get(case, ())),
            silence=silence_of(tx, known, house.now) if known else None,
        )


def _note(house: House, action: str, what: str, reason: str, actor: str | None = None) -> None:
    with house.book.write() as tx:
        audit.append(tx, at=house.now, actor=actor or worker(), action=action, object=what, reason=reason)
