"""`/garden`: who is in the walled garden, who waits for a word, how full it is; and what a person does about it.

Each form says why, is acted on once, and goes through the very rules that a policy's wish goes through.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from tocsin.book.quarantines import Quarantine
from tocsin.pipeline import garden_acts
from tocsin.pipeline.garden_acts import Actor
from tocsin.pipeline.garden_page import garden_page
from tocsin.terms.errors import BadRequest, Refused
from tocsin.web.desk import charts
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.shared.forms import Filled, read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
TONE_BY_STAY = {  # how a stay looks, and in words
    "asked": ("open", "waits for a person"),
    "approved": ("open", "on the way in"),
    "sent": ("open", "on the way in"),
    "active": ("bad", "inside"),
    "releasing": ("open", "on the way out"),
    "released": ("good", "out"),
    "refused": ("quiet", "refused"),
    "failed": ("bad", "could not be done"),
}
WAYS = {
    "self": "let himself out",
    "clerk": "by the clerk",
    "desk": "at the desk",
    "quiet": "nothing more was seen",
    "time": "the time was over",
    "withdrawn": "it was taken back",
}


class StayForm(msgspec.Struct, frozen=True, kw_only=True):
    """Why it is done, and where the form stood."""

    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=250)]
    form: Annotated[str, msgspec.Meta(min_length=8, max_length=32)]
    back: Literal["garden", "case"] = "garden"


@get("/garden", guards=[needs("viewer")], sync_to_thread=True)
def garden(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """All of it."""
    return _page(request, site)


@post("/cases/{case:str}/garden", guards=[needs("agent")])
async def ask(request: AnyRequest, site: NamedDependency[Site], case: FromPath[str]) -> Response[Any]:
    """Ask for it. Somebody approves."""
    return await _do(request, site, "ask", partial(garden_acts.ask, site.book, site.config, case))


@post("/garden/{quarantine:str}/approve", guards=[needs("lead")])
async def approve(request: AnyRequest, site: NamedDependency[Site], quarantine: FromPath[str]) -> Response[Any]:
    """Yes: it is done in the next round, if the rules allow it then."""
    return await _do(request, site, "approve", partial(garden_acts.approve, site.book, site.config, quarantine))


@post("/garden/{quarantine:str}/refuse", guards=[needs("agent")])
async def refuse(request: AnyRequest, site: NamedDependency[Site], quarantine: FromPath[str]) -> Response[Any]:
    """No."""
    return await _do(request, site, "refuse", partial(garden_acts.refuse, site.book, quarantine))


@post("/garden/{quarantine:str}/release", guards=[needs("agent")])
async def release(request: AnyRequest, site: NamedDependency[Site], quarantine: FromPath[str]) -> Response[Any]:
    """Out: nothing can forbid it."""
    return await _do(request, site, "release", partial(garden_acts.release, site.book, quarantine, "desk"))


def new_form() -> str:
    """A name for the forms of a page; each adds its stay's, so that each is acted on once for each deed."""
    return secrets.token_urlsafe(9)


async def _do(request: AnyRequest, site: Site, deed: str, act: Callable[[Actor], Quarantine]) -> Response[Any]:
    """Do it once, and show what came of it; what was not done is said, with why."""
    filled: Filled[StayForm] = await read_form(request, StayForm)
    form = filled.form
    if form is None:
        why = "Say in 3 to 250 characters why."
        return await to_thread.run_sync(partial(_page, request, site, status=422, error=why))
    actor = Actor(name=signed_in(request).name, reason=form.reason, at=site.clock(), form=f"{deed} {form.form}")
    try:
        stay = await to_thread.run_sync(act, actor)
    except Refused as error:
        return await to_thread.run_sync(partial(_page, request, site, status=409, error=error.what))
    except BadRequest as error:
        raise NotFoundException(error.what) from error
    return Redirect(f"/cases/{stay.case}#garden" if form.back == "case" else "/garden", status_code=303)


def _page(request: AnyRequest, site: Site, *, status: int = 200, error: str = "") -> Response[bytes]:
    shown = garden_page(site.book, site.config, site.data, at=site.clock())
    return page(
        request,
        "desk/garden.html.j2",
        status=status,
        shown=shown,
        error=error,
        form=new_form(),
        meter=charts.meter,
        stay_tones=TONE_BY_STAY,
        ways=WAYS,
    )


ROUTES: list[Any] = [garden, ask, approve, refuse, release]
