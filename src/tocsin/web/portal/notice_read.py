"""`/notice`: as far as the visit has proved, the notice itself. Whoever reads it here need trust no mail."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from tocsin.book import codes, visits
from tocsin.book.codes import Told
from tocsin.book.visits import Visit
from tocsin.pipeline.own_line import read_answer
from tocsin.pipeline.own_notice import as_csv, as_json, read_own
from tocsin.web.portal.notice_code import unknown
from tocsin.web.portal.notice_proof import number_page
from tocsin.web.portal.plain import day_text
from tocsin.web.portal.visiting import AnyRequest, forget_visit, visit_of
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import language_of

WORDS_MAX = 1000  # characters of what somebody writes to us
PATIENCE_S = 3.0  # for which a page waits for an answer that is being looked up
_LOOK_S = 0.15
_FILES = {"json": ("application/json", as_json), "csv": ("text/csv", as_csv)}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a visit has come with its notice."""

    visit: Visit
    told: Told

    @property
    def is_proven(self) -> bool:
        return self.visit.proven_by is not None and self.visit.subscriber == self.told.subscriber


@get("/notice")
async def read_notice(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """The notice, or what stands between."""
    visit = await answered_visit(request, site)
    if visit is None or visit.notice is None:
        return Redirect("/")
    standing = await asyncio.to_thread(standing_of, site, visit)
    if standing is None:
        return unknown(request, site)
    if standing.is_proven:
        return await _show(request, site, standing)
    if visit.mail_at is not None:
        return number_page(request, wrong=False)
    if visit.answer is None:
        return page(request, "portal/waiting.html.j2", asked_at=visit.asked_at or visit.started_at)
    return page(request, "portal/not_proven.html.j2", finding=read_answer(visit.answer).finding)


async def answered_visit(request: AnyRequest, site: Site) -> Visit | None:
    """The visit; where its question was asked just now, a moment is waited for the answer."""
    left_s = PATIENCE_S
    while True:
        visit = await asyncio.to_thread(visit_of, request, site)
        if visit is None or visit.asked_at is None or visit.answer is not None or left_s <= 0:
            return visit
        await asyncio.sleep(_LOOK_S)
        left_s -= _LOOK_S


def standing_of(site: Site, visit: Visit) -> Standing | None:
    with site.book.read() as tx:
        told = codes.told(tx, visit.notice or "", at=site.clock())
    return Standing(visit=visit, told=told) if told else None


async def _show(request: AnyRequest, site: Site, standing: Standing) -> Response[bytes]:
    language = language_of(request, site.language)
    own = await asyncio.to_thread(
        read_own, site.book, standing.told, site.issuer, site.keys, language, at=site.clock(), by=standing.visit
    )
    return page(
        request,
        "portal/notice.html.j2",
        own=own,
        proven_by=standing.visit.proven_by,
        day=lambda moment: day_text(moment, language, own.facts.zone),
        text_max=WORDS_MAX,
    )


def proven(request: AnyRequest, site: Site) -> Standing:
    """The visit's notice, if it has been proved to be the visitor's; else there is no such page."""
    visit = visit_of(request, site)
    standing = standing_of(site, visit) if visit and visit.notice else None
    if standing is None or not standing.is_proven:
        raise NotFoundException
    return standing


@get("/notice/evidence/{form:str}", sync_to_thread=True)
def own_evidence(request: AnyRequest, site: NamedDependency[Site], form: FromPath[str]) -> Response[bytes]:
    """What the notice rests on, as a file to take away."""
    if form not in _FILES:
        raise NotFoundException
    standing = proven(request, site)
    own = read_own(site.book, standing.told, site.issuer, site.keys, site.language, at=site.clock(), by=standing.visit)
    media_type, write = _FILES[form]
    headers = {"Content-Disposition": f'attachment; filename="{own.facts.notice}.{form}"'}
    return Response(write(own), media_type=media_type, headers=headers)


@post("/notice/leave", sync_to_thread=True)
def leave(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Close the notice on this computer."""
    visit = visit_of(request, site)
    if visit is not None:
        with site.book.write() as tx:
            visits.end(tx, visit.visit)
    return forget_visit(Redirect("/", status_code=303), site)


READ_ROUTES: list[Any] = [read_notice, own_evidence, leave]
