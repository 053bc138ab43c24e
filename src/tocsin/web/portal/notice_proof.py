"""Proving that a notice is one's own: by the line one is on, or by a number mailed to the contract's address."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.response import Redirect, Response

from tocsin.book import visits
from tocsin.book.visits import TRIES_MAX, Visit
from tocsin.pipeline import own_line, own_mail
from tocsin.terms.errors import Busy
from tocsin.web.portal.doors import doors_of, pass_by, pass_code
from tocsin.web.portal.notice_code import field_again, told_by, unknown
from tocsin.web.portal.reading import Typo, read_typed
from tocsin.web.portal.visiting import LINE_HOURS, PROVEN_HOURS, AnyRequest, keep_visit, new_visit, visit_of
from tocsin.web.shared.clients import client_of
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site


class LineForm(msgspec.Struct, frozen=True):
    code: str = ""


class MailForm(msgspec.Struct, frozen=True):
    code: str = ""
    account: str = ""


class NumberForm(msgspec.Struct, frozen=True):
    number: str = ""


@post("/notice/line")
async def prove_by_line(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """`I am at home now`: whose line the address is at this moment is looked up behind the page."""
    typed = (await read_form(request, LineForm)).value("code")
    begun = await _begin(request, site, typed, lasts=timedelta(hours=LINE_HOURS))
    if isinstance(begun, Response):
        return begun
    visit, token = begun
    visit = msgspec.structs.replace(visit, address=str(client_of(request)), asked_at=site.clock())
    await pass_by(request, doors_of(request).lines)
    if not await asyncio.to_thread(own_line.ask, site.book, visit, at=site.clock()):
        raise Busy("too many questions at once")
    return keep_visit(Redirect("/notice", status_code=303), site, token)


@post("/notice/mail")
async def prove_by_mail(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """A number to the contract's address, if the customer number fits; the page is the same if it does not."""
    filled = await read_form(request, MailForm)
    begun = await _begin(request, site, filled.value("code"), lasts=timedelta(minutes=own_mail.MINUTES))
    if isinstance(begun, Response):
        return begun
    visit, token = begun
    await pass_by(request, doors_of(request).mails)
    visit = msgspec.structs.replace(visit, mail_at=site.clock())
    account = filled.value("account")
    if not await asyncio.to_thread(own_mail.ask, site.book, site.keys.secret, visit, account, at=site.clock()):
        return page(request, "portal/often.html.j2", status=429)
    return keep_visit(Redirect("/notice", status_code=303), site, token)


@post("/notice/number", status_code=200)
async def type_number(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """The number from the mail. Each try counts, right or wrong."""
    number = (await read_form(request, NumberForm)).value("number")[:40]
    await pass_by(request, doors_of(request).codes)
    if await asyncio.to_thread(_try_number, request, site, number):
        return Redirect("/notice", status_code=303)
    return number_page(request, wrong=True)


def number_page(request: AnyRequest, *, wrong: bool) -> Response[bytes]:
    return page(
        request,
        "portal/number.html.j2",
        status=422 if wrong else 200,
        wrong=wrong,
        minutes=own_mail.MINUTES,
        tries=TRIES_MAX,
    )


def _try_number(request: AnyRequest, site: Site, number: str) -> bool:
    visit = visit_of(request, site)
    if visit is None or visit.notice is None:
        return False
    until = site.clock() + timedelta(hours=PROVEN_HOURS)
    digest = own_mail.number_digest(site.keys.secret, visit.visit, number)
    with site.book.write() as tx:
        return visits.prove_by_mail(tx, visit.visit, digest=digest, at=site.clock(), until=until)


async def _begin(
    request: AnyRequest, site: Site, typed: str, *, lasts: timedelta
) -> tuple[Visit, str] | Response[bytes]:
    """A visit for the notice of this code; or the page that says why there is none."""
    reading = read_typed(typed)
    if isinstance(reading, Typo):
        return field_again(request, typed, reading)
    await pass_code(request, reading)
    told = await told_by(site, reading)
    if told is None:
        return unknown(request, site)
    visit, token = new_visit(site, lasts=lasts)
    return msgspec.structs.replace(visit, notice=told.notice), token


PROOF_ROUTES: list[Any] = [prove_by_line, prove_by_mail, type_number]
