"""Cases for programs: listed, shown, acted on. What is not a constituent's own is not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from tocsin.book import Transaction, case_days, case_list, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.case_list import Place, Wanted
from tocsin.book.cases import Case
from tocsin.cases.by_hand import allowed, may_ask
from tocsin.cases.moves import State
from tocsin.pipeline import garden_acts
from tocsin.pipeline.case_acts import Deed, Done, act_on_cases, notify_now
from tocsin.pipeline.case_page import CasePage, look_at_case
from tocsin.pipeline.garden_acts import Actor
from tocsin.pipeline.garden_page import GardenOfCase, garden_of_case
from tocsin.pipeline.reach import Reach
from tocsin.terms.errors import BadRequest, Busy, Refused
from tocsin.web.api import parts
from tocsin.web.api.cursors import read_cursor, write_cursor
from tocsin.web.api.keys import actor_of, key_of, needs, reach
from tocsin.web.api.once import once, sha256_of
from tocsin.web.api.problems import nothing, unusable
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
CASE_CHARS_MAX = 20
PAGES_LOOKED_AT = 20  # for a constituent whose cases are few among many; then a short page says where to go on
_CaseName = Annotated[str, PathParameter(min_length=1, max_length=CASE_CHARS_MAX, description="Its name.")]


class CaseItem(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list: nobody's name, nobody's number."""

    case: str
    kind: str
    malware: str | None
    role: str
    state: State
    opened_at: datetime
    changed_at: datetime
    first_at: datetime
    last_at: datetime
    sightings: int


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """A page, those last seen first; `next` where there may be more."""

    items: list[CaseItem]
    next: str | None


class MoveItem(msgspec.Struct, frozen=True, kw_only=True):
    """A case came into a state, and why."""

    at: datetime
    state: str
    actor: str
    reason: str


class DayItem(msgspec.Struct, frozen=True, kw_only=True):
    """What one source saw on one day; the address is that of the day's last sighting."""

    day: str
    source: str
    sightings: int
    first_at: datetime
    last_at: datetime
    address: str
    port: int | None
    source_ref: str | None


class StayItem(msgspec.Struct, frozen=True, kw_only=True):
    """A stay in the walled garden, the newest first. `way`: how it ended, or is to end."""

    quarantine: str
    state: str
    asked_at: datetime
    asked_by: str
    reason: str
    starts_at: datetime | None
    ends_at: datetime | None
    released_at: datetime | None
    way: str | None
    error: str | None


class CaseWhole(CaseItem, frozen=True, kw_only=True):
    """One case with its time line. `subscriber` is the provider's customer number."""

    subscriber: str
    notices: list[str]
    actions: list[str]
    moves: list[MoveItem]
    days: list[DayItem]
    quarantines: list[StayItem]


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do to the case, and why: the reason goes into the audit and the case's time line."""

    action: Literal["notify", "hold", "close", "reopen", "false-positive", "garden", "release"]
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=250)]


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    case: str
    action: str
    is_done: bool
    said: str
    state: State


@get("/cases", guards=[needs("cases:read")], sync_to_thread=True)
def list_cases(
    request: AnyRequest,
    site: NamedDependency[Site],
    in_state: Annotated[State | None, QueryParameter(name="state", description="All states without it.")] = None,
    kind: parts.Word = None,
    malware: parts.Word = None,
    source: parts.Word = None,
    limit: parts.Limit = parts.ROWS,
    cursor: parts.Cursor = None,
) -> Cases:
    """The cases, those that were last seen first."""
    after = read_cursor(request, site, cursor, Place)
    states = (str(in_state),) if in_state else tuple(str(each) for each in State)
    wanted = Wanted(states=states, kind=kind, malware=malware, source=source)
    own = reach(request, site)
    found: list[Case] = []
    with site.book.read() as tx:
        for _ in range(PAGES_LOOKED_AT):
            page = case_list.list_page(tx, wanted, after=after, rows=limit - len(found))
            found += _own(tx, page.cases, own)
            after = page.next_after
            if after is None or len(found) >= limit:
                break
    items = [_item(case) for case in found]
    return Cases(items=items, next=write_cursor(request, site, after) if after else None)


@get("/cases/{case:str}", guards=[needs("cases:read")], sync_to_thread=True)
def show_case(
    request: AnyRequest,
    site: NamedDependency[Site],
    case: _CaseName,
    reason: Annotated[
        str, QueryParameter(min_length=3, max_length=250, description="Why you look. It goes into the audit.")
    ] = "looked at the case by the API",
) -> CaseWhole:
    """One case with its time line. The look stands in the audit."""
    _demand_own(site, case, reach(request, site))
    try:
        shown = look_at_case(site.book, case, actor=actor_of(key_of(request)), reason=reason, at=site.clock())
    except BadRequest as error:
        raise nothing() from error
    with site.book.read() as tx:
        garden = garden_of_case(tx, site.config, shown.case, site.data, at=site.clock())
    return _whole(shown, garden)


@post("/cases/{case:str}/actions", guards=[needs("cases:write")], status_code=200, sync_to_thread=True)
def act(
    request: AnyRequest,
    site: NamedDependency[Site],
    case: _CaseName,
    data: JSONBody[Act],
    idempotency: parts.Idempotency,
) -> Any:
    """Do one thing to a case, once.

    `notify` asks for a notice: the rules and brakes of a run decide. `garden` asks for the line to be put into the
    walled garden: a person approves it at the desk. `release` lets it out, whatever else holds. What the case's
    state, or a rule of the garden, does not allow is answered with `is_done` false and why.
    """
    _demand_own(site, case, reach(request, site))

    def do(name: str) -> Acted:
        deed = Deed(actor=actor_of(key_of(request)), reason=data.reason, at=site.clock(), form=name[:40])
        done = _do(site, case, data.action, deed)
        with site.book.read() as tx:
            state = State(book_cases.states_of(tx, [case])[case])
        said = "done" if case in done.done or done.again else " ".join(done.not_done)
        return Acted(case=case, action=data.action, is_done=not done.not_done, said=said, state=state)

    return once(request, site, idempotency, sha256_of(msgspec.json.encode(data)), do)


def _do(site: Site, case: str, action: str, deed: Deed) -> Done:
    if action in ("garden", "release"):
        return _garden(site, case, action, deed)
    if action != "notify":
        return act_on_cases(site.book, [case], action, deed)
    try:
        with site.house() as house:
            return notify_now(house, [case], deed)
    except Busy as error:
        raise unusable(
            "A run is under way and decides about every open case by itself. Ask again later.", 409
        ) from error


def _garden(site: Site, case: str, action: str, deed: Deed) -> Done:
    actor = Actor(name=deed.actor, reason=deed.reason, at=deed.at, form=deed.form)
    try:
        if action == "garden":
            garden_acts.ask(site.book, site.config, case, actor)
            return Done(done=(case,))
        with site.book.read() as tx:
            stays = [each for each in quarantines.of_cases(tx, [case]) if each.state in quarantines.OPEN]
        if not stays:
            return Done(not_done=(f"{case}: its line is not in the garden",))
        garden_acts.release(site.book, stays[-1].quarantine, "desk", actor)
    except Refused as error:
        return Done(not_done=(error.what,))
    return Done(done=(case,))


def owned(tx: Transaction, wanted: Sequence[str], own: Reach) -> set[str]:
    """Those of these cases of which every address lies within the reach."""
    if own.is_all:
        return set(wanted)
    addresses = case_days.addresses_of(tx, wanted)
    return {case for case, seen in addresses.items() if seen and all(own.holds_text(each) for each in seen)}


def _own(tx: Transaction, names: Sequence[str], own: Reach) -> list[Case]:
    mine = owned(tx, names, own)
    known = book_cases.find_all(tx, mine)
    return [known[name] for name in names if name in known]


def _demand_own(site: Site, case: str, own: Reach) -> None:
    with site.book.read() as tx:
        if not _own(tx, [case], own):
            raise nothing()


def _item(case: Case) -> CaseItem:
    return CaseItem(**_values(case))


def _values(case: Case) -> dict[str, Any]:
    values = {name: getattr(case, name) for name in CaseItem.__struct_fields__}
    return values | {"malware": case.malware or None, "state": State(case.state)}


def _whole(shown: CasePage, garden: GardenOfCase) -> CaseWhole:
    case = shown.case
    stays = [each.stay for each in garden.stays]
    can_leave = any(each.state in quarantines.OPEN for each in stays)
    acts = [*(["garden"] if garden.may_ask else []), *(["release"] if can_leave else [])]
    return CaseWhole(
        **_values(case),
        subscriber=shown.ref,
        notices=[each.notice.notice for each in shown.sent],
        actions=[*(["notify"] if may_ask(case) else []), *allowed(case), *acts],
        quarantines=[StayItem(**{name: getattr(each, name) for name in StayItem.__struct_fields__}) for each in stays],
        moves=[MoveItem(at=each.at, state=each.state, actor=each.actor, reason=each.reason) for each in shown.moves],
        days=[
            DayItem(
                day=each.day.isoformat(),
                source=each.source,
                sightings=each.sightings,
                first_at=each.first_at,
                last_at=each.last_at,
                address=each.address,
                port=each.port,
                source_ref=each.source_ref,
            )
            for each in shown.days
        ],
    )


ROUTES: list[Any] = [list_cases, show_case, act]
