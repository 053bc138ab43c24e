"""One case: its time line, what it rests on, what was sent, and what can be done about it."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from tocsin.book.cases import Case
from tocsin.book.notes import TEXT_MAX, Audience
from tocsin.cases.by_hand import allowed, may_ask
from tocsin.pipeline.case_acts import Deed, Done, note_on_case, note_reply_seen, note_statement_read
from tocsin.pipeline.case_page import CasePage, case_again, letter_bytes, look_at_case
from tocsin.pipeline.garden_page import GardenOfCase, garden_of_case
from tocsin.pipeline.sightings import sightings_of
from tocsin.terms.errors import BadRequest
from tocsin.web.desk.case_list_pages import do
from tocsin.web.desk.case_rows import TONE_BY_STATE
from tocsin.web.desk.case_story import PROVEN, STATED, story, visible_lines
from tocsin.web.desk.garden import TONE_BY_STAY, WAYS, new_form
from tocsin.web.people.guards import Person, needs, signed_in
from tocsin.web.shared.forms import Filled, read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
REASON = "looked at the case at the desk"
_DIGITS_MAX = 10  # of a statement's number


class ActForm(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do to the case, and why."""

    action: Literal["notify", "hold", "close", "reopen", "false-positive"]
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=250)]
    form: Annotated[str, msgspec.Meta(min_length=8, max_length=40)]


class NoteForm(msgspec.Struct, frozen=True, kw_only=True):
    """A note, and who is to read it."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
    form: Annotated[str, msgspec.Meta(min_length=8, max_length=40)]
    audience: Audience = "colleagues"


class CaseForms(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done, and how the forms came back."""

    actions: tuple[str, ...]
    may_note: bool
    form: str
    garden_form: str
    done: Done | None = None
    filled: Filled[Any] | None = None

    def error(self, name: str) -> str:
        return self.filled.error(name) if self.filled else ""

    def value(self, name: str) -> str:
        return self.filled.value(name) if self.filled else ""


@get("/cases/{case:str}", guards=[needs("viewer")], sync_to_thread=True)
def case_page(request: AnyRequest, site: NamedDependency[Site], case: FromPath[str]) -> Response[Any]:
    """The whole case. The look is in the audit; what htmx fetches anew for an open page is the same look."""
    person = signed_in(request)
    return _page(request, _looked(request, site, case, person), person)


@post("/cases/{case:str}/act", guards=[needs("agent")])
async def act_on_case(request: AnyRequest, site: NamedDependency[Site], case: FromPath[str]) -> Response[Any]:
    """Do it once, and show the case again; what was not done is said, with why."""
    filled: Filled[ActForm] = await read_form(request, ActForm)
    person = signed_in(request)
    if filled.form is None:
        shown = await to_thread.run_sync(_again, site, case)
        return _page(request, shown, person, filled=filled, status=422)
    form = filled.form
    await to_thread.run_sync(_again, site, case)  # 404 before anything is done
    deed = Deed(actor=person.name, reason=form.reason, at=site.clock(), form=form.form)
    done = await to_thread.run_sync(do, site, [case], form.action, deed)
    if not done.not_done:
        return Redirect(f"/cases/{case}", status_code=303)
    shown = await to_thread.run_sync(_again, site, case)
    return _page(request, shown, person, filled=filled, done=done, status=409)


@post("/cases/{case:str}/notes", guards=[needs("agent")])
async def note(request: AnyRequest, site: NamedDependency[Site], case: FromPath[str]) -> Response[Any]:
    """Keep a note."""
    filled: Filled[NoteForm] = await read_form(request, NoteForm)
    person = signed_in(request)
    shown = await to_thread.run_sync(_again, site, case)
    if filled.form is None:
        return _page(request, shown, person, filled=filled, status=422)
    form = filled.form
    deed = Deed(actor=person.name, reason="", at=site.clock(), form=form.form)
    await to_thread.run_sync(note_on_case, site.book, case, form.audience, form.text, deed)
    return Redirect(f"/cases/{case}", status_code=303)


@post("/cases/{case:str}/replies/{arrival:str}", guards=[needs("agent")])
async def reply_seen(
    request: AnyRequest, site: NamedDependency[Site], case: FromPath[str], arrival: FromPath[str]
) -> Response[Any]:
    """Take note of what somebody wrote back. A second click changes nothing."""
    await to_thread.run_sync(_again, site, case)
    deed = Deed(actor=signed_in(request).name, reason="taken note of at the desk", at=site.clock(), form="")
    await to_thread.run_sync(note_reply_seen, site.book, case, arrival, deed)
    return Redirect(f"/cases/{case}", status_code=303)


@post("/cases/{case:str}/statements/{number:str}", guards=[needs("agent")])
async def statement_read(
    request: AnyRequest, site: NamedDependency[Site], case: FromPath[str], number: FromPath[str]
) -> Response[Any]:
    """Take note of what was said at the portal. A second click changes nothing."""
    await to_thread.run_sync(_again, site, case)
    deed = Deed(actor=signed_in(request).name, reason="taken note of at the desk", at=site.clock(), form="")
    told = int(number) if number.isascii() and number.isdecimal() and len(number) < _DIGITS_MAX else 0
    await to_thread.run_sync(note_statement_read, site.book, case, told, deed)
    return Redirect(f"/cases/{case}", status_code=303)


@get("/cases/{case:str}/sightings", guards=[needs("viewer")], sync_to_thread=True)
def case_sightings(request: AnyRequest, site: NamedDependency[Site], case: FromPath[str]) -> Response[Any]:
    """What was seen, line by line. A part of the case's page; a page of its own without script."""
    shown = _looked(request, site, case, signed_in(request))
    with site.house() as house:
        seen = sightings_of(house, shown.case, until=_day(request.query_params.get("until")))
    return page(request, "desk/case_sightings.html.j2", shown=shown, seen=seen)


@get("/cases/{case:str}/notices/{notice:str}", guards=[needs("viewer")], sync_to_thread=True)
def notice_as_sent(
    request: AnyRequest, site: NamedDependency[Site], case: FromPath[str], notice: FromPath[str]
) -> Response[bytes]:
    """The bytes that were sent, as a file: never shown by the browser itself."""
    raw, suffix = letter_bytes(
        site.book, case, notice, actor=signed_in(request).name, reason="downloaded at the desk", at=site.clock()
    )
    name = "".join(each for each in notice if each.isalnum() or each == "-")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{suffix}"'}
    return Response(raw, media_type="application/octet-stream", headers=headers)


def _page(
    request: AnyRequest,
    shown: CasePage,
    person: Person,
    *,
    filled: Filled[Any] | None = None,
    done: Done | None = None,
    status: int = 200,
) -> Response[Any]:
    forms = CaseForms(
        actions=_actions(shown.case, person),
        may_note=person.may("agent"),
        form=secrets.token_urlsafe(16),
        garden_form=new_form(),
        done=done,
        filled=filled,
    )
    replies = [msgspec.structs.replace(reply, text=visible_lines(reply.text)) for reply in shown.replies]
    said = [msgspec.structs.replace(each, text=visible_lines(each.text)) for each in shown.statements]
    return page(
        request,
        "desk/case.html.j2",
        status=status,
        shown=shown,
        forms=forms,
        story=story(shown),
        replies=replies,
        said=said,
        stated=STATED,
        proven=PROVEN,
        tones=TONE_BY_STATE,
        garden=_garden(request, shown.case),
        stay_tones=TONE_BY_STAY,
        ways=WAYS,
    )


def _garden(request: AnyRequest, case: Case) -> GardenOfCase:
    site: Site = request.app.state["place"]
    with site.book.read() as tx:
        return garden_of_case(tx, site.config, case, site.data, at=site.clock())


def _actions(case: Case, person: Person) -> tuple[str, ...]:
    if not person.may("agent"):
        return ()
    return (*(("notify",) if may_ask(case) else ()), *allowed(case))


def _looked(request: AnyRequest, site: Site, case: str, person: Person) -> CasePage:
    if "hx-request" in request.headers and f"/cases/{case}" in request.headers.get("hx-current-url", ""):
        return _again(site, case)
    try:
        return look_at_case(site.book, case, actor=person.name, reason=REASON, at=site.clock())
    except BadRequest as error:
        raise NotFoundException(error.what) from error


def _again(site: Site, case: str) -> CasePage:
    try:
        return case_again(site.book, case, site.clock())
    except BadRequest as error:
        raise NotFoundException(error.what) from error


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


CASE_ROUTES: list[Any] = [case_page, act_on_case, note, reply_seen, statement_read, case_sightings, notice_as_sent]
