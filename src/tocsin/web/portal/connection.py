"""`/connection`: what is known of the address one comes from. No other page may learn it, not even by size or time.

The answer is looked up behind the page, after a press of a button on our own page. Whatever it is, the page does the
same work and has the same number of bytes; nobody may frame it, embed it or read it from elsewhere
(shared/security.py).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Response

from tocsin.book.visits import Visit
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.sentences import TOLD_BY_ROLE_AND_KIND
from tocsin.pipeline import own_line
from tocsin.pipeline.own_line import LineAnswer, Seen, read_answer
from tocsin.terms.errors import Busy
from tocsin.web.portal.doors import doors_of, pass_by
from tocsin.web.portal.notice_read import answered_visit
from tocsin.web.portal.plain import day_text
from tocsin.web.portal.visiting import LINE_HOURS, AnyRequest, keep_visit, new_visit
from tocsin.web.shared.clients import client_of
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import language_of

PAGE_BYTES = 32_768  # of every answer, whatever it says
_FOREIGN = ("cross-site", "same-site")
_NEVER = LineAnswer(finding="unknown")


class Told(msgspec.Struct, frozen=True):
    """One kind of trouble as the page tells it."""

    text: str
    role: str


@get("/connection", sync_to_thread=False)
def connection(request: AnyRequest) -> Response[bytes]:
    """What the page tells and what not, and the button."""
    return page(request, "portal/connection.html.j2", address=str(client_of(request)))


@post("/connection")
async def ask(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Have the address looked up that this very request comes from."""
    await pass_by(request, doors_of(request).lines)
    visit, token = new_visit(site, lasts=timedelta(hours=LINE_HOURS))
    visit = msgspec.structs.replace(visit, address=str(client_of(request)), asked_at=site.clock())
    if not await asyncio.to_thread(own_line.ask, site.book, visit, at=site.clock()):
        raise Busy("too many questions at once")
    return keep_visit(Redirect("/connection/answer", status_code=303), site, token)


@get("/connection/answer")
async def line_answer(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """The answer, once it is there; always of the same size and after the same work."""
    foreign = request.headers.get("sec-fetch-site") in _FOREIGN
    visit = None if foreign else await answered_visit(request, site)
    if visit is None or visit.address is None:
        return Redirect("/connection")
    answer = read_answer(visit.answer) if visit.answer else None
    pages = {
        "waiting": page(request, "portal/waiting.html.j2", asked_at=visit.asked_at),
        "clear": _line_page(request, site, visit, "clear", answer),
        "seen": _line_page(request, site, visit, "seen", answer),
        "other": _line_page(request, site, visit, answer.finding if answer else "unknown", answer),
    }
    finding = answer.finding if answer else "waiting"
    chosen = pages.get(finding, pages["other"])
    chosen.content = padded(chosen.content)
    return chosen


def padded(page_bytes: bytes) -> bytes:
    """The page with as much noise after its end as makes it PAGE_BYTES long (or the next multiple): noise, so that it
    stays as long when something on the way compresses it."""
    frame = len(b"<!--  -->")
    whole = -(-(len(page_bytes) + frame) // PAGE_BYTES) * PAGE_BYTES
    noise = secrets.token_urlsafe(whole)[: whole - len(page_bytes) - frame].replace("-", "_")
    return page_bytes + f"<!-- {noise} -->".encode()


def _line_page(
    request: AnyRequest, site: Site, visit: Visit, finding: str, answer: LineAnswer | None
) -> Response[bytes]:
    answer, at = answer or _NEVER, visit.asked_at or visit.started_at
    letter = _letter(request, visit.address or "", answer.since, at)
    return page(
        request,
        "portal/line.html.j2",
        finding=finding,
        since=_day(request, site, answer.since or at),
        seen=_seen(request, site, answer.seen or (_made_up(at),)),
        address=visit.address,
        cert_name=site.config.portal.cert_name,
        letter=letter["body"],
        mailto=f"mailto:{quote(site.config.portal.cert_mail)}?subject={quote(letter['subject'])}"
        f"&body={quote(letter['body'].replace(chr(10), chr(13) + chr(10)))}",
    )


def _made_up(at: datetime) -> Seen:
    """What a page tells that is never shown: so that there is something to do where there is nothing to tell."""
    return Seen(role="infected", kind="infected-system", first_at=at, last_at=at)


def _seen(request: AnyRequest, site: Site, seen: tuple[Seen, ...]) -> list[Told]:
    letters = catalogue(language_of(request, site.language))
    found = []
    for each in seen:
        told = letters.say(TOLD_BY_ROLE_AND_KIND.get((each.role, each.kind), each.role))
        first, last = (_day(request, site, moment) for moment in (each.first_at, each.last_at))
        key = "connection.seen_one_day" if first == last else "connection.seen_days"
        found.append(Told(words(request, "portal", key, told=told, first=first, last=last), each.role))
    return found


def _letter(request: AnyRequest, address: str, since: datetime | None, until: datetime) -> Mapping[str, str]:
    unknown = words(request, "portal", "connection.cert_since_unknown")
    values = {"address": address, "since": _utc(since) if since else unknown, "until": _utc(until)}
    return {
        "subject": words(request, "portal", "connection.cert_subject", **values),
        "body": words(request, "portal", "connection.cert_letter", **values),
    }


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _day(request: AnyRequest, site: Site, moment: datetime) -> str:
    return day_text(moment, language_of(request, site.language), site.zone)


CONNECTION_ROUTES: list[Any] = [connection, ask, line_answer]
