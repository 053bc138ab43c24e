"""What all of the clerk's pages have: who asks, how fast, and the sentences that are read aloud."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from anyio import to_thread
from litestar import Request

from tocsin.pipeline.telephone import Desk
from tocsin.web.people.guards import signed_in
from tocsin.web.shared.limits import Limit, Limiter, slow
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import say

AnyRequest = Request[Any, Any, Any]
P = ParamSpec("P")
T = TypeVar("T")
_LIMIT = Limit(burst=30, per_s=0.5)  # a clerk's calls; nobody guesses codes here


def desk_of(request: AnyRequest, site: Site) -> Desk:
    return Desk(book=site.book, issuer=site.issuer, keys=site.keys, actor=signed_in(request).name, at=site.clock())


def aloud_in(site: Site, spoken: str) -> Callable[..., str]:
    """The sentence of this name in the caller's language."""
    issuer = site.issuer.name

    def aloud(key: str, **told: object) -> str:
        return say("phone", spoken, f"aloud.{key}", {"issuer": issuer, **told})

    return aloud


async def not_too_fast(request: AnyRequest) -> None:
    found = request.app.state.get("phone_limiter")
    if not isinstance(found, Limiter):
        found = request.app.state["phone_limiter"] = Limiter(_LIMIT)
    await slow(found, signed_in(request).name)


async def off(function: Callable[P, T], *positional: P.args, **named: P.kwargs) -> T:
    """Off the loop: it asks the book."""
    return await to_thread.run_sync(partial(function, *positional, **named))
