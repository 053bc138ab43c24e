"""What people tell us of a notice: `I did it`, `this is wrong`, `please erase it`. None of it closes a case."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Response

from tocsin.book.codes import Told
from tocsin.pipeline.own_notice import state
from tocsin.web.portal.doors import doors_of, pass_by, pass_code
from tocsin.web.portal.notice_code import field_again, told_by, unknown
from tocsin.web.portal.notice_read import WORDS_MAX, standing_of
from tocsin.web.portal.reading import Typo, read_typed
from tocsin.web.portal.visiting import AnyRequest, visit_of
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site


class SaidForm(msgspec.Struct, frozen=True):
    """From the notice, or with its code alone; who has only the code cannot ask for anything to be erased."""

    kind: Literal["did-it", "objection", "erase"]
    text: str = ""
    code: str = ""


class TellForm(msgspec.Struct, frozen=True):
    code: str = ""


@post("/notice/tell", status_code=200)
async def tell(request: AnyRequest) -> Response[bytes]:
    """The form for who has nothing but the code."""
    code = (await read_form(request, TellForm)).value("code")
    return page(request, "portal/tell.html.j2", code=code[:200], missing=False, text_max=WORDS_MAX)


@get("/notice/tell", sync_to_thread=False)
def tell_again() -> Redirect:
    return Redirect("/")


@post("/notice/said", status_code=200)
async def say(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Keep it, and say what becomes of it."""
    filled = await read_form(request, SaidForm)
    if filled.form is None:
        return Redirect("/", status_code=303)
    form = filled.form
    await pass_by(request, doors_of(request).said)
    told, proven_by, refused = await _whose(request, site, form.code)
    if refused is not None:
        return refused
    if told is None or (form.kind == "erase" and proven_by == "code"):
        return Redirect("/", status_code=303)
    text = form.text[:WORDS_MAX].strip()
    if form.kind == "objection" and not text:
        return page(request, "portal/tell.html.j2", status=422, code=form.code, missing=True, text_max=WORDS_MAX)
    kept = await asyncio.to_thread(
        state, site.book, told, kind=form.kind, text=text, proven_by=proven_by, at=site.clock()
    )
    kind = form.kind.replace("-", "_") if kept else "full"
    return page(request, "portal/said.html.j2", kind=kind, quiet_days=site.config.notices.quiet_days, code=form.code)


async def _whose(request: AnyRequest, site: Site, code: str) -> tuple[Told | None, str, Response[bytes] | None]:
    """The notice that is spoken of, and how it is known to be the speaker's; or the page that says it is not known."""
    if not code:
        visit = await asyncio.to_thread(visit_of, request, site)
        standing = await asyncio.to_thread(standing_of, site, visit) if visit and visit.notice else None
        if standing is None or not standing.is_proven:
            return None, "", None
        return standing.told, str(standing.visit.proven_by), None
    reading = read_typed(code)
    if isinstance(reading, Typo):
        return None, "", field_again(request, code, reading)
    await pass_code(request, reading)
    told = await told_by(site, reading)
    return told, "code", unknown(request, site) if told is None else None


SAID_ROUTES: list[Any] = [tell, tell_again, say]
