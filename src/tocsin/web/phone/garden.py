"""`/phone/garden`: somebody rings whose line is in the garden. The number tells why; a proof lets out, at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from anyio import to_thread
from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.pipeline.garden_phone import HeardStay, hear_stay, number_of, release_by_phone
from tocsin.pipeline.telephone import PROOFS, Proof
from tocsin.terms.errors import Refused
from tocsin.web.people.guards import needs
from tocsin.web.phone.common import AnyRequest, aloud_in, desk_of, not_too_fast, off
from tocsin.web.portal.plain import day_text
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES, language_of

_GUARD = [needs("phone")]


class NumberForm(msgspec.Struct, frozen=True):
    """`spoken` is the caller's language."""

    number: str
    spoken: str = ""


class OutForm(msgspec.Struct, frozen=True):
    """How the caller has proved who he is; `depends`: somebody depends on the line."""

    number: str
    proof: Proof
    spoken: str = ""
    reason: str = ""
    depends: bool = False


@get(["/phone/garden", "/phone/garden/out"], guards=_GUARD)
async def first(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The question: which matter?"""
    return await to_thread.run_sync(_first, request, site)


@post("/phone/garden", guards=_GUARD, status_code=200)
async def by_number(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """What may be said to whoever reads the number out."""
    filled = await read_form(request, NumberForm)
    await not_too_fast(request)
    spoken = _spoken(request, site, filled.value("spoken"))
    number = number_of(filled.value("number"))
    stay = await off(hear_stay, desk_of(request, site), site.config, number, spoken)
    if stay is None:
        return _first(request, site, status=404, typed=filled.value("number")[:30], error="garden.unknown")
    return _shown(request, site, stay, spoken)


@post("/phone/garden/out", guards=_GUARD, status_code=200)
async def out(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """Let them out."""
    filled = await read_form(request, OutForm)
    spoken, form = _spoken(request, site, filled.value("spoken")), filled.form
    number = number_of(filled.value("number"))
    await not_too_fast(request)
    desk = desk_of(request, site)
    if form is None:
        stay = await off(hear_stay, desk, site.config, number, spoken)
        if stay is None:
            return _first(request, site, status=422, error="garden.unknown")
        return _shown(request, site, stay, spoken, status=422, error=words(request, "phone", "garden.no_proof"))
    try:
        done = await off(
            release_by_phone, desk, site.config, number, form.proof, form.reason[:200], spoken, depends=form.depends
        )
    except Refused:  # it never began
        done = await off(hear_stay, desk, site.config, number, spoken)
    if done is None:
        return _first(request, site, status=404, error="garden.unknown")
    return _shown(request, site, done, spoken)


def _first(request: AnyRequest, site: Site, *, status: int = 200, typed: str = "", error: str = "") -> Response[bytes]:
    said = words(request, "phone", error) if error else ""
    spoken = _spoken(request, site, "")
    return page(request, "phone/garden_first.html.j2", status=status, typed=typed, error=said, spoken=spoken)


def _shown(
    request: AnyRequest, site: Site, stay: HeardStay, spoken: str, *, status: int = 200, error: str = ""
) -> Response[bytes]:
    return page(
        request,
        "phone/garden.html.j2",
        status=status,
        stay=stay,
        error=error,
        spoken=spoken,
        aloud=aloud_in(site, spoken),
        since=_day(stay.since, spoken, stay.zone),
        until=_day(stay.until, spoken, stay.zone),
        proofs=PROOFS,
    )


def _spoken(request: AnyRequest, site: Site, asked: str) -> str:
    return asked if asked in LANGUAGES else language_of(request, site.language)


def _day(moment: datetime | None, language: str, zone: str) -> str:
    return day_text(moment, language, zone) if moment else ""


GARDEN_ROUTES: list[Any] = [first, by_number, out]
