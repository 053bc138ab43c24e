"""One's own account: sessions, password, second factor."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from tocsin.book import audit, people, sessions
from tocsin.book.people import PersonRow
from tocsin.pipeline.passwords import LENGTH_MAX, LENGTH_MIN, hash_password, is_right
from tocsin.pipeline.people import fault_in
from tocsin.web.people import factors, seats
from tocsin.web.people.doors import note_signed_in, step
from tocsin.web.people.guards import needs_half, needs_somebody, signed_in
from tocsin.web.people.slowing import known_cookie, slow_guessing
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
Answer = Response[Any]
_Password = Annotated[str, msgspec.Meta(max_length=LENGTH_MAX)]
_WRONG = "That is not your password."
_TWICE = "The two are not the same."
_SAID = {
    "password": "Your password is changed. Every other session of yours has ended.",
    "ended": "That session has ended.",
    "others": "Every other session of yours has ended.",
    "removed": "Your second factor is removed.",
}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    present: _Password
    chosen: _Password
    again: _Password


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    number: Annotated[str, msgspec.Meta(max_length=60)]
    present: _Password = ""  # not asked for at the first sign-in, a minute after it was typed


class Own(msgspec.Struct, frozen=True, kw_only=True):
    present: _Password


@get("/account", guards=[needs_somebody()], sync_to_thread=True)
def account(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """What there is to know and to do about oneself."""
    return _account(request, site, said=_SAID.get(request.query_params.get("said", ""), ""))


def _account(request: AnyRequest, site: Site, *, said: str = "", error: str = "", field: str = "") -> Answer:
    person, now = signed_in(request), site.clock()
    with site.book.read() as tx:
        row = people.demand(tx, person.name)
        mine = sessions.of_person(tx, person.name, at=now, seen_since=now - seats.idle(site))
        left = people.recovery_left(tx, person.name)
    return page(
        request,
        "people/account.html.j2",
        status=422 if error else 200,
        row=row,
        sessions=mine,
        present=person.session.session,
        left=left,
        said=said,
        error=error,
        field=field,
        least=LENGTH_MIN,
        required=site.config.people.second_factor == "required",
    )


@post("/account/password", guards=[needs_somebody()])
async def change_password(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """The present one is asked for: an open browser is not a person."""
    filled = await read_form(request, Change)
    await slow_guessing(request, signed_in(request).name)
    return await to_thread.run_sync(_change, request, site, filled.form)


def _change(request: AnyRequest, site: Site, form: Change | None) -> Answer:
    row = _row(request, site)
    if form is None:
        return _account(request, site, error="Fill in all three, please.", field="present")
    if not is_right(row.password, form.present):
        return _account(request, site, error=_WRONG, field="present")
    if form.chosen != form.again:
        return _account(request, site, error=_TWICE, field="again")
    if fault := fault_in(site.config, site.config_file, form.chosen, name=row.name):
        return _account(request, site, error=fault, field="chosen")
    kept = hash_password(form.chosen)
    with site.book.write() as tx:
        people.set_password(tx, row.name, kept, at=site.clock())
        cookie = seats.begin(tx, request, row, stage="whole", by="password")
        audit.append(
            tx, at=site.clock(), actor=row.name, action="password set", object=row.name, reason="by themselves"
        )
    went = step("/account?said=password")
    went.set_cookie(cookie)
    return went


@post("/account/sessions/{handle:str}/end", guards=[needs_somebody()], sync_to_thread=True)
def end_session(request: AnyRequest, site: NamedDependency[Site], handle: FromPath[str]) -> Answer:
    """End one of one's own; there is nobody else's here."""
    person = signed_in(request)
    with site.book.write() as tx:
        if not sessions.end_by_handle(tx, person.name, handle[:16]):
            raise NotFoundException
        audit.append(tx, at=site.clock(), actor=person.name, action="session ended", object=person.name, reason=handle)
    return step("/account?said=ended")


@post("/account/sessions/end-others", guards=[needs_somebody()], sync_to_thread=True)
def end_others(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """End every one but this."""
    person = signed_in(request)
    with site.book.write() as tx:
        ended = sessions.end_others(tx, person.name, person.session.session)
        said = f"{ended} others"
        audit.append(tx, at=site.clock(), actor=person.name, action="session ended", object=person.name, reason=said)
    return step("/account?said=others")


@get("/account/factor", guards=[needs_half("enrol", "whole")], sync_to_thread=True)
def set_up_factor(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """A new second factor, which is one only when its first number has been typed."""
    person = signed_in(request)
    with site.book.write() as tx:
        fresh = factors.new_secret()
        sessions.enrol(tx, person.session.session, factors.sealed(site.keys.secret, person.name, fresh))
    return _shown(request, site, fresh)


def _shown(request: AnyRequest, site: Site, secret: str, error: str = "") -> Answer:
    person = signed_in(request)
    return page(
        request,
        "people/set-up-factor.html.j2",
        status=422 if error else 200,
        picture=factors.picture(secret, person.name, site.name),
        secret=factors.spaced(secret),
        error=error,
        first=person.session.stage == "enrol",
    )


@post("/account/factor", guards=[needs_half("enrol", "whole")])
async def confirm_factor(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """The first number of the new one. Then the recovery codes are shown, this once."""
    filled = await read_form(request, Confirm)
    await slow_guessing(request, signed_in(request).name, "second factor")
    return await to_thread.run_sync(_confirm, request, site, filled.form or Confirm(number=""))


def _confirm(request: AnyRequest, site: Site, form: Confirm) -> Answer:
    person, now = signed_in(request), site.clock()
    if person.session.enrolling is None:
        return step("/account/factor")
    secret = factors.opened(site.keys.secret, person.name, person.session.enrolling)
    if person.session.stage == "whole" and not is_right(_row(request, site).password, form.present):
        return _shown(request, site, secret, _WRONG)
    used = factors.step_of(secret, form.number, now)
    if used is None:
        return _shown(request, site, secret, "That is not the number that belongs to this picture.")
    codes = factors.recovery_codes()
    with site.book.write() as tx:
        row = people.demand(tx, person.name)
        digests = [factors.digest_of(row.name, code) for code in codes]
        people.set_factor(tx, row.name, person.session.enrolling, digests)
        people.use_step(tx, row.name, used)
        sessions.end_all(tx, row.name)
        cookie = seats.begin(tx, request, row, stage="whole", by=person.session.by)
        if person.session.stage == "enrol":
            note_signed_in(tx, site, row, "with a password, and set up a second factor")
        audit.append(tx, at=now, actor=row.name, action="second factor set", object=row.name, reason="")
    shown = page(request, "people/recovery.html.j2", codes=codes, home=person.home)
    shown.set_cookie(cookie)
    shown.set_cookie(known_cookie(site, row.name))
    return shown


@post("/account/factor/remove", guards=[needs_somebody()])
async def remove_factor(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """The password is asked for."""
    filled = await read_form(request, Own)
    await slow_guessing(request, signed_in(request).name)
    return await to_thread.run_sync(_remove, request, site, filled.form.present if filled.form else "")


def _remove(request: AnyRequest, site: Site, password: str) -> Answer:
    row = _row(request, site)
    if not is_right(row.password, password):
        return _account(request, site, error=_WRONG, field="remove")
    with site.book.write() as tx:
        people.set_factor(tx, row.name, None)
        sessions.end_others(tx, row.name, signed_in(request).session.session)
        audit.append(tx, at=site.clock(), actor=row.name, action="second factor removed", object=row.name, reason="")
    return step("/account?said=removed")


def _row(request: AnyRequest, site: Site) -> PersonRow:
    with site.book.read() as tx:
        return people.demand(tx, signed_in(request).name)


ACCOUNT: list[Any] = [account, change_password, end_session, end_others, set_up_factor, confirm_factor, remove_factor]
