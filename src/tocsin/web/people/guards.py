"""Who is asking, and whether they may: `needs("agent")` as a route's guard, `signed_in(request)` in its handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from tocsin.book.people import ROLES, Role
from tocsin.book.sessions import Session, Stage
from tocsin.web.people.seats import read_session
from tocsin.web.shared.logs import log

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]

PERSON = "tocsin.person"  # where a request's scope keeps them
MAY: dict[Role, frozenset[Role]] = {  # a route's need: the roles that fill it
    "viewer": frozenset({"viewer", "agent", "lead", "admin"}),
    "phone": frozenset({"phone", "agent", "lead", "admin"}),
    "agent": frozenset({"agent", "lead", "admin"}),
    "lead": frozenset({"lead", "admin"}),
    "admin": frozenset({"admin"}),
}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, with the role of this moment."""

    name: str
    role: Role
    session: Session

    def may(self, role: Role) -> bool:
        """Whether they fill that need; for a template that shows only what can be done."""
        return self.role in MAY[role]

    @property
    def home(self) -> str:
        """The first page of their own."""
        return "/phone" if self.role == "phone" else "/"


def needs(role: Role) -> Guard:
    """A guard: whoever is not signed in is shown where to; whoever may not is told so, and looks at nothing."""
    return _guard(MAY[role], ("whole",))


def needs_somebody() -> Guard:
    """A guard: anybody who is signed in, whatever their role: for the pages about oneself."""
    return _guard(frozenset(ROLES), ("whole",))


def needs_half(*stages: Stage) -> Guard:
    """A guard of the pages at which a sign-in is finished."""
    return _guard(frozenset(ROLES), stages)


def signed_in(request: Connection) -> Person:
    """The person behind a request that a guard has let through."""
    person = request.scope.get(PERSON)
    assert isinstance(person, Person), "a route that asks who it is has no guard"
    return person


async def glance(connection: Connection) -> Person | None:
    """Whoever it is, in whatever stage; for a page that is open to all."""
    session = await to_thread.run_sync(read_session, connection)
    return Person(name=session.person, role=session.role, session=session) if session else None


def _guard(roles: frozenset[Role], stages: tuple[Stage, ...]) -> Guard:
    async def guard(connection: Connection, _handler: BaseRouteHandler) -> None:
        person = await glance(connection)
        if person is None or person.session.stage not in stages:
            raise _sign_in_first(connection, person.session.stage if person else None)
        if person.role not in roles:
            log().warning("not allowed", person=person.name, role=person.role, path=connection.url.path.split("/")[1])
            raise PermissionDeniedException("Your role does not include this.")
        connection.scope[PERSON] = person  # type: ignore[literal-required]

    return guard


_NEXT = {"factor": "/sign-in/factor", "enrol": "/account/factor", "whole": "/"}


def _sign_in_first(connection: Connection, stage: Stage | None) -> HTTPException:
    """To the page at which it goes on; and back here afterwards, if a person can come back by a step."""
    place = _NEXT[stage] if stage else "/sign-in"
    path = connection.url.path
    if stage is None and connection.scope.get("method") in {"GET", "HEAD"} and path != "/":
        query = f"?{connection.url.query}" if connection.url.query else ""
        place += f"?next={quote(path + query, safe='')}"
    if "hx-request" in connection.headers:
        return HTTPException(status_code=401, headers={"HX-Redirect": place})
    return HTTPException(status_code=303, headers={"Location": place})
