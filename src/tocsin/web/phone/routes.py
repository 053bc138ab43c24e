"""`/phone`: the page for the clerk whom a subscriber rings. By a code alone it shows what may be told to anybody who
reads it out, the same as the portal tells; the whole notice only once the clerk has ticked how the caller proved
himself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from anyio import to_thread
from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.book import reported_fakes
from tocsin.notices.letters.catalogue import catalogue
from tocsin.pipeline.checking import lists_folder
from tocsin.pipeline.garden_phone import stay_of_customer
from tocsin.pipeline.telephone import PROOFS, Heard, Proof, file_fake, hear_account, hear_code, open_notice
from tocsin.web.people.guards import needs
from tocsin.web.phone.calls import CALL_ROUTES
from tocsin.web.phone.common import AnyRequest, aloud_in, desk_of, not_too_fast, off
from tocsin.web.phone.garden import GARDEN_ROUTES
from tocsin.web.portal.plain import day_text, line_end
from tocsin.web.portal.reading import WANTED, Typo, read_typed
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES, language_of

_NEWEST = 10
_GUARD = [needs("phone")]


class CodeForm(msgspec.Struct, frozen=True):
    """`spoken` is the caller's language."""

    code: str = ""
    spoken: str = ""


class ProofForm(msgspec.Struct, frozen=True):
    """How the caller has proved who he is; without it nothing of a person is shown."""

    proof: Proof
    spoken: str = ""
    notice: str = ""
    account: str = ""
    reason: str = ""


class FakeForm(msgspec.Struct, frozen=True):
    subject: str = ""
    sender: str = ""
    links: str = ""
    phones: str = ""
    spoken: str = ""


@get("/phone", guards=_GUARD, sync_to_thread=True)
def first(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """Two ways in: the code, or the account with a proof; and the fakes that were told last."""
    return _first(request, site)


@get(["/phone/code", "/phone/notice", "/phone/account", "/phone/fake"], guards=_GUARD)
async def again(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """An answer's address loaded again: the caller may be another one.

    Not `sync_to_thread`: Litestar 2.25 would wrap it once for each of its paths.
    """
    return await to_thread.run_sync(_first, request, site)


@post("/phone/code", guards=_GUARD, status_code=200)
async def by_code(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """Ours, sent then, about this, to be done; or not ours."""
    filled = await read_form(request, CodeForm)
    spoken = _spoken(request, site, filled.value("spoken"))
    reading = read_typed(filled.value("code"))
    await not_too_fast(request)
    if isinstance(reading, Typo):
        error = words(request, "phone", f"form.{reading.words.partition('.')[2]}", typed=reading.typed, wanted=WANTED)
        return await off(_first, request, site, code=filled.value("code")[:200], error=error, status=422)
    heard = await off(hear_code, desk_of(request, site), reading, spoken)
    if heard is None:
        return _page(request, site, "phone/not_ours.html.j2", spoken, days=site.config.notices.valid_days)
    return _ours(request, site, heard, spoken)


@post("/phone/notice", guards=_GUARD, status_code=200)
async def whole(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The whole notice, once it is ticked how the caller proved himself."""
    filled = await read_form(request, ProofForm)
    spoken = _spoken(request, site, filled.value("spoken"))
    if filled.form is None:
        return await off(_first, request, site, error=words(request, "phone", "form.no_proof"), status=422)
    form = filled.form
    await not_too_fast(request)
    opened = await off(open_notice, desk_of(request, site), form.notice[:24], form.proof, form.reason[:200], spoken)
    if opened is None:
        return _page(request, site, "phone/not_ours.html.j2", spoken, days=site.config.notices.valid_days)
    day = _day(opened.heard.told.left_at, spoken, opened.heard.zone)
    return _page(request, site, "phone/whole.html.j2", spoken, whole=opened, proof=form.proof, day=day)


@post("/phone/account", guards=_GUARD, status_code=200)
async def by_account(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """What we have sent to a customer who has proved who he is."""
    filled = await read_form(request, ProofForm)
    spoken = _spoken(request, site, filled.value("spoken"))
    if filled.form is None or not filled.form.account:
        key = "form.no_account" if filled.form else "form.no_proof"
        error = words(request, "phone", key)
        return await off(_first, request, site, account=filled.value("account")[:40], account_error=error, status=422)
    form = filled.form
    await not_too_fast(request)
    desk = desk_of(request, site)
    found = await off(hear_account, desk, form.account[:40], form.proof, form.reason[:200], spoken)
    days = {each.told.notice: _day(each.told.left_at, spoken, each.zone) for each in found}
    stay = await off(stay_of_customer, desk, site.config, form.account[:40], spoken)
    return _page(request, site, "phone/account.html.j2", spoken, found=found, days=days, proof=form.proof, stay=stay)


@post("/phone/fake", guards=_GUARD, status_code=200)
async def fake(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """File what a caller told of a mail that is not ours."""
    filled = await read_form(request, FakeForm)
    form, spoken = filled.form, _spoken(request, site, filled.value("spoken"))
    if form is None or not (form.subject or form.sender or form.links or form.phones):
        error = words(request, "phone", "form.no_fake")
        return await off(_first, request, site, fake_error=error, status=422)
    await not_too_fast(request)
    lists = lists_folder(site.config.portal.lists, site.config_file, site.data)
    told = {"subject": form.subject, "sender": form.sender, "links": form.links, "phones": form.phones}
    filed = await off(file_fake, desk_of(request, site), lists, **told)
    return _page(request, site, "phone/filed.html.j2", spoken, filed=filed)


def _ours(request: AnyRequest, site: Site, heard: Heard, spoken: str) -> Response[bytes]:
    return _page(
        request,
        site,
        "phone/ours.html.j2",
        spoken,
        heard=heard,
        day=_day(heard.told.left_at, spoken, heard.zone),
        line=line_end(heard.line).strip("·"),  # as it is said
    )


def _first(
    request: AnyRequest,
    site: Site,
    *,
    status: int = 200,
    code: str = "",
    error: str = "",
    account: str = "",
    account_error: str = "",
    fake_error: str = "",
) -> Response[bytes]:
    with site.book.read() as tx:
        newest = reported_fakes.newest(tx, _NEWEST)
    return page(
        request,
        "phone/first.html.j2",
        status=status,
        code=code,
        error=error,
        account=account,
        account_error=account_error,
        fake_error=fake_error,
        newest=newest,
        proofs=PROOFS,
        spoken=_spoken(request, site, ""),
    )


def _page(request: AnyRequest, site: Site, template: str, spoken: str, **values: Any) -> Response[bytes]:
    """`aloud` are the sentences that are read out, in the caller's language."""
    aloud = aloud_in(site, spoken)
    return page(request, template, spoken=spoken, aloud=aloud, letters=catalogue(spoken), proofs=PROOFS, **values)


def _spoken(request: AnyRequest, site: Site, asked: str) -> str:
    return asked if asked in LANGUAGES else language_of(request, site.language)


def _day(moment: datetime, language: str, zone: str) -> str:
    return day_text(moment, language, zone)


ROUTES: list[Any] = [first, again, by_code, whole, by_account, fake, *CALL_ROUTES, *GARDEN_ROUTES]
