"""Everybody who may sign in: for admins. And the page behind the link that they send."""

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
from tocsin.book.people import ROLES, Role
from tocsin.pipeline import people as doing
from tocsin.pipeline.passwords import LENGTH_MAX, LENGTH_MIN, hash_password
from tocsin.terms.errors import BadRequest, Refused
from tocsin.web.people.doors import step
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.people.seats import TOKEN_MAX, digest_of
from tocsin.web.people.slowing import slow_guessing
from tocsin.web.shared.forms import Filled, read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
Answer = Response[Any]
_Text = Annotated[str, msgspec.Meta(max_length=300)]
WHAT_ROLES_DO: dict[Role, str] = {
    "viewer": "sees figures, cases and notices; does nothing",
    "phone": "the clerk's page for those who ring, and nothing else",
    "agent": "works on cases, uploads, asks who held an address",
    "lead": "an agent who may also read the audit, release what was held, export and erase",
    "admin": "a lead who also says who may do what",
}


class New(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=100)]
    role: Role


class Change(msgspec.Struct, frozen=True, kw_only=True):
    role: Role
    reason: _Text = ""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    reason: _Text = ""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    chosen: Annotated[str, msgspec.Meta(max_length=LENGTH_MAX)]
    again: Annotated[str, msgspec.Meta(max_length=LENGTH_MAX)]


@get("/people", guards=[needs("admin")], sync_to_thread=True)
def everybody(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """All of them, with what they may do."""
    return _everybody(request, site)


def _everybody(
    request: AnyRequest, site: Site, *, error: str = "", values: Filled[New] | None = None, link: str = "", of: str = ""
) -> Answer:
    now = site.clock()
    with site.book.read() as tx:
        rows, waiting = people.every(tx), sessions.open_links(tx, at=now)
    return page(
        request,
        "people/people.html.j2",
        status=422 if error else 200,
        rows=rows,
        waiting=waiting,
        roles=WHAT_ROLES_DO,
        error=error,
        values=values.values if values else {},
        link=link,
        of=of,
    )


@post("/people", guards=[needs("admin")])
async def invite(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """Somebody new; the link is shown once."""
    filled = await read_form(request, New)
    return await to_thread.run_sync(_invite, request, site, filled)


def _invite(request: AnyRequest, site: Site, filled: Filled[New]) -> Answer:
    if filled.form is None:
        return _everybody(request, site, error="A name and a role, please.", values=filled)
    try:
        with site.book.write() as tx:
            by = signed_in(request).name
            token = doing.invite(tx, filled.form.name, filled.form.role, at=site.clock(), by=by)
    except BadRequest as error:
        return _everybody(request, site, error=str(error), values=filled)
    return _everybody(request, site, link=_url(site, token), of=filled.form.name.strip().lower())


@post("/people/{name:str}/role", guards=[needs("admin")])
async def change_role(request: AnyRequest, site: NamedDependency[Site], name: FromPath[str]) -> Answer:
    """Takes effect at their next click."""
    filled = await read_form(request, Change)
    if filled.form is None:
        return await to_thread.run_sync(lambda: _everybody(request, site, error=f"One of {', '.join(ROLES)}, please."))
    role, reason = filled.form.role, filled.form.reason

    def work() -> Answer:
        with site.book.write() as tx:
            _demand(tx, name)
            doing.change_role(tx, name, role, at=site.clock(), by=signed_in(request).name, reason=reason)
        return step("/people")

    return await to_thread.run_sync(_told, request, site, work)


@post("/people/{name:str}/disable", guards=[needs("admin")])
async def disable(request: AnyRequest, site: NamedDependency[Site], name: FromPath[str]) -> Answer:
    """Signed out everywhere, at once."""
    filled = await read_form(request, Why)
    reason = filled.form.reason if filled.form else ""

    def work() -> Answer:
        with site.book.write() as tx:
            _demand(tx, name)
            doing.disable(tx, name, at=site.clock(), by=signed_in(request).name, reason=reason)
        return step("/people")

    return await to_thread.run_sync(_told, request, site, work)


@post("/people/{name:str}/enable", guards=[needs("admin")], sync_to_thread=True)
def enable(request: AnyRequest, site: NamedDependency[Site], name: FromPath[str]) -> Answer:
    """They may come back."""
    with site.book.write() as tx:
        _demand(tx, name)
        doing.enable(tx, name, at=site.clock(), by=signed_in(request).name, reason="")
    return step("/people")


@post("/people/{name:str}/link", guards=[needs("admin")], sync_to_thread=True)
def new_link(request: AnyRequest, site: NamedDependency[Site], name: FromPath[str]) -> Answer:
    """For who has lost the password; the second factor stays."""
    with site.book.write() as tx:
        row = _demand(tx, name)
        token = doing.new_link(tx, row.name, at=site.clock(), by=signed_in(request).name)
    return _everybody(request, site, link=_url(site, token), of=row.name)


@post("/people/{name:str}/factor", guards=[needs("admin")], sync_to_thread=True)
def forget_factor(request: AnyRequest, site: NamedDependency[Site], name: FromPath[str]) -> Answer:
    """For who has lost telephone and codes; whoever does this has made sure that it is them."""
    with site.book.write() as tx:
        _demand(tx, name)
        doing.forget_factor(tx, name, at=site.clock(), by=signed_in(request).name, reason="lost")
    return step("/people")


@post("/people/{name:str}/sign-out", guards=[needs("admin")], sync_to_thread=True)
def sign_out(request: AnyRequest, site: NamedDependency[Site], name: FromPath[str]) -> Answer:
    """Every session of theirs ends."""
    with site.book.write() as tx:
        _demand(tx, name)
        doing.sign_out(tx, name, at=site.clock(), by=signed_in(request).name, reason="by an admin")
    return step("/people")


@get("/welcome/{token:str}", sync_to_thread=True)
def welcome(request: AnyRequest, site: NamedDependency[Site], token: FromPath[str]) -> Answer:
    """Where somebody chooses a password; looking at it uses nothing up."""
    with site.book.read() as tx:
        name = sessions.open_link(tx, digest_of(token[:TOKEN_MAX]), at=site.clock())
    return _welcome(request, name)


@post("/welcome/{token:str}")
async def choose(request: AnyRequest, site: NamedDependency[Site], token: FromPath[str]) -> Answer:
    """The link opens once: then the password is theirs. A second factor stays, and is asked for at the sign-in."""
    filled = await read_form(request, Chosen)
    await slow_guessing(request)
    return await to_thread.run_sync(_choose, request, site, token[:TOKEN_MAX], filled.form)


def _choose(request: AnyRequest, site: Site, token: str, form: Chosen | None) -> Answer:
    digest, now = digest_of(token), site.clock()
    with site.book.read() as tx:
        name = sessions.open_link(tx, digest, at=now)
    if name is None:
        return _welcome(request, None)
    fault = "Type it twice, please." if form is None else ""
    if form is not None:
        fault = doing.fault_in(site.config, site.config_file, form.chosen, name=name)
        fault = fault or ("" if form.chosen == form.again else "The two are not the same.")
    if fault or form is None:
        return _welcome(request, name, fault)
    kept = hash_password(form.chosen)
    with site.book.write() as tx:
        if sessions.use_link(tx, digest, at=now) is None:
            return _welcome(request, None)
        people.set_password(tx, name, kept, at=now)
        audit.append(tx, at=now, actor=name, action="password set", object=name, reason="by a link")
    return step("/sign-in?out=2")


def _welcome(request: AnyRequest, name: str | None, error: str = "") -> Answer:
    status = 404 if name is None else 422 if error else 200
    return page(request, "people/welcome.html.j2", status=status, name=name, error=error, least=LENGTH_MIN)


def _told(request: AnyRequest, site: Site, work: Any) -> Answer:
    """What a rule of the house forbids is told on the page itself."""
    try:
        done: Answer = work()
    except Refused as error:
        return _everybody(request, site, error=str(error))
    return done


def _demand(tx: Any, name: str) -> people.PersonRow:
    row = people.find(tx, name)
    if row is None:
        raise NotFoundException
    return row


def _url(site: Site, token: str) -> str:
    return doing.link_url(site.web.url_of("desk"), token)


STAFF: list[Any] = [everybody, invite, change_role, disable, enable, new_link, forget_factor, sign_out, welcome, choose]
