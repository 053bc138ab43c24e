"""`/phone/calls`: whom to ring, what to say, what became of it."""

from __future__ import annotations

from typing import Any

import msgspec
from anyio import to_thread
from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.pipeline.calls import LATER_HOURS_MAX, OUTCOMES, Call, Outcome, in_hand, listed, note, take
from tocsin.web.people.guards import needs
from tocsin.web.phone.common import AnyRequest, aloud_in, desk_of, not_too_fast, off
from tocsin.web.portal.plain import line_end
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site

_GUARD = [needs("phone")]


class TakeForm(msgspec.Struct, frozen=True):
    notice: str


class NoteForm(msgspec.Struct, frozen=True):
    notice: str
    outcome: Outcome
    said: str = ""
    hours: int = 4


@get(["/phone/calls", "/phone/calls/take", "/phone/calls/note"], guards=_GUARD)
async def first(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The call in hand, else the list."""
    return await to_thread.run_sync(_first, request, site)


@post("/phone/calls/take", guards=_GUARD, status_code=200)
async def taken(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """Take a call: only now its number and name are shown."""
    filled = await read_form(request, TakeForm)
    await not_too_fast(request)
    name = filled.form.notice[:24] if filled.form else ""
    call = await off(take, desk_of(request, site), name)
    if call is None:
        return await off(_first, request, site, error=words(request, "phone", "calls.gone"), status=409)
    return _shown(request, site, call)


@post("/phone/calls/note", guards=_GUARD, status_code=200)
async def noted(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """What became of it; then the list again."""
    filled = await read_form(request, NoteForm)
    form = filled.form
    if form is None:
        return await off(_first, request, site, error=words(request, "phone", "calls.no_outcome"), status=422)
    done = await off(note, desk_of(request, site), form.notice[:24], form.outcome, form.said, form.hours)
    key = "calls.noted" if done else "calls.gone"
    told = {"done": words(request, "phone", key)} if done else {"error": words(request, "phone", key)}
    return await off(_first, request, site, status=200 if done else 409, **told)


def _first(request: AnyRequest, site: Site, *, status: int = 200, error: str = "", done: str = "") -> Response[bytes]:
    call = in_hand(desk_of(request, site))
    if call is not None:
        return _shown(request, site, call, status=status, error=error)
    found = listed(site.book, site.clock())
    return page(request, "phone/calls.html.j2", status=status, calls=found, error=error, done=done)


def _shown(request: AnyRequest, site: Site, call: Call, *, status: int = 200, error: str = "") -> Response[bytes]:
    return page(
        request,
        "phone/call.html.j2",
        status=status,
        call=call,
        error=error,
        spoken=call.facts.language,
        aloud=aloud_in(site, call.facts.language),
        line=line_end(call.facts.line).strip("·"),
        outcomes=OUTCOMES,
        hours_max=LATER_HOURS_MAX,
    )


CALL_ROUTES: list[Any] = [first, taken, noted]
