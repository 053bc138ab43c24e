"""Signing in and out: name and password, then the second factor. Names that nobody has are answered alike."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Response

from tocsin.book import Transaction, audit, people, sessions
from tocsin.book.people import PersonRow
from tocsin.book.sessions import Stage
from tocsin.pipeline.passwords import LENGTH_MAX, hash_password, is_outdated, is_right
from tocsin.web.people import factors, seats
from tocsin.web.people.guards import glance, needs_half, needs_somebody, signed_in
from tocsin.web.people.slowing import known_cookie, slow_guessing
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.logs import log
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
Answer = Response[Any]
_NEXT_MAX = 500
_NOT_RIGHT = "Name or password is not right."


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=100)]
    password: Annotated[str, msgspec.Meta(max_length=LENGTH_MAX)]
    next: str = ""


class Second(msgspec.Struct, frozen=True, kw_only=True):
    number: Annotated[str, msgspec.Meta(max_length=60)]
    next: str = ""


def own_path(path: str) -> str:
    """A path of this site to go on to, or '': never another site's address in disguise."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and len(path) <= _NEXT_MAX and "\\" not in path else ""


def step(place: str) -> Answer:
    return Redirect(place, status_code=303)


@get("/sign-in")
async def ask(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """Who are you?"""
    person = await glance(request)
    if person is not None and person.session.stage == "whole":
        return step(person.home)
    return _asked(request, site, next=own_path(request.query_params.get("next", "")))


@post("/sign-in")
async def answer(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """The password is right, or the same answer as for a name nobody has, in the same time."""
    filled = await read_form(request, Credentials)
    name, onward = filled.value("name").lower()[:100], own_path(filled.value("next"))
    await slow_guessing(request, name)
    if filled.form is None:
        return _asked(request, site, next=onward, name=name, error=_NOT_RIGHT, status=422)
    return await to_thread.run_sync(_checked, request, site, name, filled.form.password, onward)


def _checked(request: AnyRequest, site: Site, name: str, password: str, onward: str) -> Answer:
    with site.book.read() as tx:
        person = people.find(tx, name)
    usable = person is not None and person.disabled_at is None
    right = is_right(person.password if usable and person else None, password)
    if person is None or not right:
        log().warning("sign-in refused", person=person.name if person else "(nobody's name)")
        return _asked(request, site, next=onward, name=name, error=_NOT_RIGHT, status=422)
    renewed = hash_password(password) if person.password and is_outdated(person.password) else None
    stage = _stage(site, person)
    with site.book.write() as tx:
        if renewed:
            people.renew_hash(tx, person.name, renewed)
        cookie = seats.begin(tx, request, person, stage=stage, by="password")
        if stage == "whole":
            note_signed_in(tx, site, person, "with a password")
    place = {"factor": "/sign-in/factor", "enrol": "/account/factor", "whole": onward or _home(person)}[stage]
    went = step(place + (f"?next={quote(onward, safe='')}" if onward and stage == "factor" else ""))
    went.set_cookie(cookie)
    if stage != "factor":  # the password alone must not make a browser a known one where there is more to prove
        went.set_cookie(known_cookie(site, person.name))
    return went


def note_signed_in(tx: Transaction, site: Site, person: PersonRow, how: str) -> None:
    audit.append(tx, at=site.clock(), actor=person.name, action="signed in", object=person.name, reason=how)


def _stage(site: Site, person: PersonRow) -> Stage:
    if person.totp is not None:
        return "factor"
    return "enrol" if site.config.people.second_factor == "required" else "whole"


def _home(person: PersonRow) -> str:
    return "/phone" if person.role == "phone" else "/"


def _asked(request: AnyRequest, site: Site, *, next: str, name: str = "", error: str = "", status: int = 200) -> Answer:
    oidc = site.config.people.oidc
    title = (oidc.title or oidc.issuer) if oidc.issuer else ""
    said = "out" if "out" in request.query_params else ""
    template = "people/sign-in.html.j2"
    return page(request, template, status=status, next=next, name=name, error=error, oidc=title, said=said)


@get("/sign-in/factor", guards=[needs_half("factor")], sync_to_thread=False)
def ask_second(request: AnyRequest) -> Answer:
    """The number that the telephone shows."""
    onward = own_path(request.query_params.get("next", ""))
    return page(request, "people/factor.html.j2", next=onward, error="")


@post("/sign-in/factor", guards=[needs_half("factor")])
async def answer_second(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """The second factor, or a recovery code; five wrong ones, and it begins anew with the password."""
    filled = await read_form(request, Second)
    await slow_guessing(request, signed_in(request).name, "second factor")
    number = filled.form.number if filled.form else ""
    return await to_thread.run_sync(_second, request, site, number, own_path(filled.value("next")))


def _second(request: AnyRequest, site: Site, number: str, onward: str) -> Answer:
    half, over = signed_in(request).session, False
    with site.book.write() as tx:
        person = people.demand(tx, half.person)
        by = factors.accept(tx, person, site.keys.secret, number, site.clock())
        if by:
            cookie = seats.begin(tx, request, person, stage="whole", by=half.by)
            left = people.recovery_left(tx, person.name)
            how = "a second factor" if by == "number" else f"a recovery code; {left} are left"
            note_signed_in(tx, site, person, f"with a password and {how}")
        elif over := sessions.count_try(tx, half.session) >= factors.TRIES_MAX:
            sessions.end(tx, half.session)
    if by:
        went = step(onward or _home(person))
        went.set_cookie(cookie)
        went.set_cookie(known_cookie(site, person.name))
        return went
    log().warning("second factor refused", person=half.person)
    if over:
        gone = step("/sign-in")
        gone.set_cookie(seats.ended_cookie(site))
        return gone
    error = "That is not the number, or it has been used: wait for the next one."
    return page(request, "people/factor.html.j2", status=422, next=onward, error=error)


@post("/sign-out", guards=[needs_somebody()])
async def leave(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """The session ends here and in the book."""
    return await to_thread.run_sync(_leave, request, site)


def _leave(request: AnyRequest, site: Site) -> Answer:
    person = signed_in(request)
    with site.book.write() as tx:
        sessions.end(tx, person.session.session)
        audit.append(tx, at=site.clock(), actor=person.name, action="signed out", object=person.name, reason="")
    went = step("/sign-in?out=1")
    went.set_cookie(seats.ended_cookie(site))
    went.headers["Clear-Site-Data"] = '"cache", "storage"'
    return went


DOORS: list[Any] = [ask, answer, ask_second, answer_second, leave]
