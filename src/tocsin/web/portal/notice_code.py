"""The first page: one field. What a code alone tells is never that a mail is genuine: anybody can copy a code."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.book.codes import Told
from tocsin.pipeline import own_notice
from tocsin.proof.canonical import read_facts
from tocsin.web.portal.doors import doors_of, pass_by, pass_code
from tocsin.web.portal.plain import day_text, line_end
from tocsin.web.portal.reading import WANTED, Typo, read_typed
from tocsin.web.portal.visiting import AnyRequest
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import language_of


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    code: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What the code alone tells: the day, the end of the line, and whether we have taken it back."""

    day: str
    line: str
    withdrawn: bool


@get("/", sync_to_thread=False)
def first(request: AnyRequest) -> Response[bytes]:
    """One field, and what to do without a code."""
    return page(request, "portal/first.html.j2", typed="", error="")


@get("/code", sync_to_thread=False)
def no_code_typed(request: AnyRequest) -> Response[bytes]:
    """Somebody has loaded the answer's address again: the field once more."""
    return page(request, "portal/first.html.j2", typed="", error="")


@post("/code", status_code=200)
async def check_code(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """What we know of a code. Unknown, expired and never sent are one answer, found by the same one question."""
    typed = (await read_form(request, CodeForm)).value("code")
    reading = read_typed(typed)
    if isinstance(reading, Typo):
        await pass_by(request, doors_of(request).codes)
        return field_again(request, typed, reading)
    await pass_code(request, reading)
    return answer(request, site, reading, await told_by(site, reading))


def field_again(request: AnyRequest, typed: str, typo: Typo) -> Response[bytes]:
    """The field with what was typed, and why that cannot be a code."""
    error = words(request, "portal", typo.words, typed=typo.typed, wanted=WANTED)
    return page(request, "portal/first.html.j2", status=422, typed=typed[:200], error=error)


async def told_by(site: Site, code: str) -> Told | None:
    """The notice of this code, if it can be checked now."""
    return await asyncio.to_thread(own_notice.told_by, site.book, code, at=site.clock())


def answer(request: AnyRequest, site: Site, code: str, told: Told | None) -> Response[bytes]:
    """The page of the code alone."""
    if told is None:
        return unknown(request, site)
    return page(request, "portal/answer.html.j2", sent=sent_of(request, site, told), code=code)


def unknown(request: AnyRequest, site: Site) -> Response[bytes]:
    """The one page for every code that opens nothing: it says nothing that depends on the code."""
    return page(request, "portal/unknown.html.j2", days=site.config.notices.valid_days)


def sent_of(request: AnyRequest, site: Site, told: Told) -> Sent:
    facts = read_facts(told.facts.encode())
    language = language_of(request, site.language)
    return Sent(
        day=day_text(told.left_at, language, facts.zone),
        line=line_end(facts.line),
        withdrawn=told.standing == 0,
    )


CODE_ROUTES: list[Any] = [first, no_code_typed, check_code]
