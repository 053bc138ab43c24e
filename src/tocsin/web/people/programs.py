"""The keys of programs: for admins. A key is shown once, when it is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from tocsin.book import api_keys
from tocsin.pipeline.api_keys import SCOPES, Scope, make_key, shut_key
from tocsin.terms.errors import BadRequest
from tocsin.web.people.doors import step
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.shared.forms import Filled, read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
_Words = Annotated[str, msgspec.Meta(max_length=4000)]
WHAT_SCOPES_DO: dict[Scope, str] = {
    "sightings:write": "pushes sightings (never for a constituent)",
    "sightings:read": "reads sightings by address, prefix, system and time",
    "attribution:read": "asks who held an address; each look is in the audit",
    "cases:read": "lists and reads cases",
    "cases:write": "holds, closes and reopens cases, asks for notices",
    "notices:read": "lists notices: never to whom, never a code",
    "confirmations:read": "has it confirmed, signed, that a provider was given a sighting",
    "health": "reads the metrics (never for a constituent)",
}


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    scope: list[Scope] = []
    networks: _Words = ""
    sources: _Words = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 365


class Why(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(max_length=300)] = ""


@get("/programs", guards=[needs("admin")], sync_to_thread=True)
def programs(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Every key, with what it may do and when it was last used."""
    return _page(request, site)


@post("/programs", guards=[needs("admin")], status_code=200)
async def add_key(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """A new key, shown this once."""
    filled = await read_form(request, NewKey)
    return await to_thread.run_sync(_add, request, site, filled)


@post("/programs/{handle:str}/shut", guards=[needs("admin")])
async def shut(request: AnyRequest, site: NamedDependency[Site], handle: FromPath[str]) -> Response[Any]:
    """It opens nothing any more, at once."""
    filled = await read_form(request, Why)
    reason = filled.form.reason if filled.form else ""

    def work() -> Response[Any]:
        with site.book.write() as tx:
            if not shut_key(tx, handle[:16], at=site.clock(), by=signed_in(request).name, reason=reason):
                raise NotFoundException
        return step("/programs")

    return await to_thread.run_sync(work)


def _add(request: AnyRequest, site: Site, filled: Filled[NewKey]) -> Response[Any]:
    form, now = filled.form, site.clock()
    if form is None:
        return _page(request, site, error="A name, and after how many days it ends, please.", filled=filled)
    known = {each.name for each in site.config.sources}
    sources = [each.strip() for each in form.sources.splitlines() if each.strip()]
    if unknown := sorted(set(sources) - known):
        return _page(request, site, error=f"No source is called {unknown[0]!r:.80}.", filled=filled)
    try:
        with site.book.write() as tx:
            key = make_key(
                tx,
                form.name,
                form.scope,
                networks=form.networks.replace(",", " ").split(),
                sources=sources,
                expires_at=now + timedelta(days=form.days),
                at=now,
                by=signed_in(request).name,
            )
    except BadRequest as error:
        return _page(request, site, error=str(error), filled=filled)
    return _page(request, site, key=key)


def _page(
    request: AnyRequest, site: Site, *, error: str = "", key: str = "", filled: Filled[NewKey] | None = None
) -> Response[Any]:
    with site.book.read() as tx:
        rows = api_keys.every(tx)
    return page(
        request,
        "people/programs.html.j2",
        status=422 if error else 200,
        rows=rows,
        now=site.clock(),
        scopes={scope: WHAT_SCOPES_DO[scope] for scope in SCOPES},
        error=error,
        key=key,
        values=filled.values if filled else {},
        chosen=filled.form.scope if filled and filled.form else [],
    )


PROGRAMS: list[Any] = [programs, add_key, shut]
