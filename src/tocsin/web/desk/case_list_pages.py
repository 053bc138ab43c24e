"""The list of cases: tabs, filters, search, saved views, and what is done to several at once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import parse_qsl

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Response

from tocsin.book import case_list, changes, views
from tocsin.book.case_list import COUNT_MAX
from tocsin.book.case_search import FOUND_MAX
from tocsin.book.views import SavedView
from tocsin.cases.moves import State
from tocsin.pipeline.case_acts import AT_ONCE_MAX, Deed, Done, act_on_cases, notify_now
from tocsin.terms.errors import BadRequest, Busy
from tocsin.web.desk.case_find import Found, find
from tocsin.web.desk.case_query import GROUPS, OPEN_DAYS, SEEN_DAYS, Query, read_place, read_query, write_place
from tocsin.web.desk.case_rows import TONE_BY_STATE, Row, rows_of
from tocsin.web.people.guards import Person, needs, signed_in
from tocsin.web.shared.forms import Filled, read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
_STATES = [str(state) for state in State]
_MENUS_LAST_S = 60.0


class Menus(msgspec.Struct, frozen=True):
    """What the filters offer: kinds, names of malware, sources."""

    kinds: tuple[str, ...]
    malware: tuple[str, ...]
    sources: tuple[str, ...]


class Remembered:
    """The menus of a site, read anew once a minute: they change more slowly than anybody looks."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[float, Menus]] = {}

    def of(self, site: Site) -> Menus:
        read_at, menus = self._read.get(id(site), (0.0, None))
        if menus is None or time.monotonic() - read_at > _MENUS_LAST_S:
            with site.book.read() as tx:
                menus = Menus(
                    kinds=tuple(case_list.names_in_use(tx, "kind", _STATES)),
                    malware=tuple(case_list.names_in_use(tx, "malware", _STATES)),
                    sources=tuple(sorted(source.name for source in site.config.sources)),
                )
            self._read = {id(site): (time.monotonic(), menus)}
        return menus


_menus = Remembered()


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page of the list shows. `next` and `previous` are links, '' where there is no such page."""

    query: Query
    rows: tuple[Row, ...]
    saved: tuple[SavedView, ...]
    tick: int  # as of which change
    menus: Menus
    may_act: bool
    form: str
    here: str  # this very page
    tabs: Mapping[str, str] = {}
    next: str = ""
    previous: str = ""
    found: Found | None = None  # of a search: then there are no tabs and no pages

    tones: ClassVar[Mapping[State, str]] = TONE_BY_STATE
    seen_days: ClassVar[tuple[int, ...]] = SEEN_DAYS
    open_days: ClassVar[tuple[int, ...]] = OPEN_DAYS


class BulkForm(msgspec.Struct, frozen=True, kw_only=True):
    """Several cases and one thing to do to them all."""

    action: Literal["notify", "hold", "close", "reopen", "false-positive"]
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=250)]
    form: Annotated[str, msgspec.Meta(min_length=8, max_length=40)]
    case: Annotated[list[str], msgspec.Meta(min_length=1, max_length=AT_ONCE_MAX)]
    back: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class ViewForm(msgspec.Struct, frozen=True, kw_only=True):
    """A list to be kept under a name, or forgotten."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=views.NAME_MAX)]
    back: Annotated[str, msgspec.Meta(max_length=views.QUERY_MAX)] = ""
    remove: bool = False


@get("/cases", guards=[needs("viewer")], sync_to_thread=True)
def case_list_page(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """One page of the list; or what the search field found."""
    query, person = read_query(request.query_params.multi_items()), signed_in(request)
    if query.q:
        found = find(site, query.q, actor=person.name, may_ask=person.may("agent"))
        if found.malware is not None:
            return Redirect(Query(state="all", malware=found.malware).link(), status_code=303)
        if found.is_exact and len(found.cases) == 1:
            return Redirect(f"/cases/{found.cases[0]}", status_code=303)
        return _found_page(request, site, query, person, found)
    return page(request, "desk/cases.html.j2", list=_list(request, site, query, person))


def _list(request: AnyRequest, site: Site, query: Query, person: Person) -> Listed:
    wanted = query.wanted(site.clock())
    places = {name: read_place(request.query_params.get(name), query.sort) for name in ("after", "before")}
    with site.book.read() as tx:
        listed = case_list.list_page(tx, wanted, after=places["after"], before=places["before"])
        return Listed(
            query=query,
            rows=tuple(rows_of(tx, listed.cases)),
            tabs=_tabs(case_list.count_states(tx, wanted, _STATES)),
            saved=tuple(views.of_person(tx, person.name)),
            tick=changes.ticked(tx),
            menus=_menus.of(site),
            may_act=person.may("agent"),
            form=secrets.token_urlsafe(16),
            here=query.link(**{name: write_place(place) for name, place in places.items() if place}),
            next=query.link(after=write_place(listed.next_after)) if listed.next_after else "",
            previous=query.link(before=write_place(listed.previous_before)) if listed.previous_before else "",
        )


def _found_page(request: AnyRequest, site: Site, query: Query, person: Person, found: Found) -> Response[Any]:
    with site.book.read() as tx:
        rows = sorted(rows_of(tx, found.cases[:FOUND_MAX]), key=lambda row: row.case.last_at, reverse=True)
        listed = Listed(
            query=query,
            rows=tuple(rows),
            saved=tuple(views.of_person(tx, person.name)),
            tick=changes.ticked(tx),
            menus=_menus.of(site),
            may_act=person.may("agent"),
            form=secrets.token_urlsafe(16),
            here=query.link(),
            found=found,
        )
    return page(request, "desk/cases.html.j2", list=listed)


def _tabs(counts: Mapping[str, int]) -> dict[str, str]:
    """The number on each tab; above COUNT_MAX as `1,000+`."""
    many = {name: sum(counts.get(str(state), 0) for state in states) for name, states in GROUPS.items()}
    return {name: f"{COUNT_MAX:,}+" if total > COUNT_MAX else f"{total:,}" for name, total in many.items()}


@post("/cases/bulk", guards=[needs("agent")])
async def act_on_several(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """The same thing to every case that was ticked; what could not be done is told."""
    filled: Filled[BulkForm] = await read_form(request, BulkForm)
    back = _back(filled.value("back"))
    if filled.form is None:
        return page(
            request, "desk/cases_done.html.j2", status=422, done=None, errors=filled.errors, back=back, action=""
        )
    form = filled.form
    deed = Deed(actor=signed_in(request).name, reason=form.reason, at=site.clock(), form=form.form)
    done = await to_thread.run_sync(do, site, form.case, form.action, deed)
    if not done.not_done:
        return Redirect(back, status_code=303)
    return page(request, "desk/cases_done.html.j2", status=409, done=done, errors={}, back=back, action=form.action)


def do(site: Site, cases: list[str], action: str, deed: Deed) -> Done:
    """In a thread. While a run is under way it decides by itself, and nobody is asked twice."""
    if action != "notify":
        return act_on_cases(site.book, cases, action, deed)
    try:
        with site.house() as house:
            return notify_now(house, cases, deed)
    except Busy:
        said = "A run is under way and decides about every open case by itself. Ask again when it has ended."
        return Done(not_done=(said,))


@post("/cases/views", guards=[needs("viewer")])
async def keep_view(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Keep the list as it stands under a name of one's own, or forget it."""
    filled: Filled[ViewForm] = await read_form(request, ViewForm)
    back = _back(filled.value("back"))
    if filled.form is None:
        return page(
            request, "desk/cases_done.html.j2", status=422, done=None, errors=filled.errors, back=back, action=""
        )
    await to_thread.run_sync(_keep_view, site, signed_in(request).name, filled.form, back)
    return Redirect(back, status_code=303)


def _keep_view(site: Site, person: str, form: ViewForm, back: str) -> None:
    with site.book.write() as tx:
        if form.remove:
            views.drop(tx, person, form.name)
        else:
            views.keep(tx, person, SavedView(name=form.name, query=back.partition("?")[2]), site.clock())


def _back(text: str) -> str:
    """The list that somebody came from, and nothing else: never another place."""
    path, mark, query = text.partition("?")
    if path != "/cases" or not mark:
        return "/cases"
    try:
        pairs = parse_qsl(query, max_num_fields=20)
    except ValueError as error:
        raise BadRequest("that is no list of cases") from error
    return read_query(pairs).link()


CASE_LIST_ROUTES: list[Any] = [case_list_page, act_on_several, keep_view]
