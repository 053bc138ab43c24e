"""Who is asking: a program with a key. `needs("cases:read")` as a route's guard, `key_of(request)` in its handler."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeGuard

import msgspec
from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    NotAuthorizedException,
    PermissionDeniedException,
    TooManyRequestsException,
    ValidationException,
)
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.types import Scope as AsgiScope

from tocsin.book import api_keys
from tocsin.book.api_keys import ApiKey
from tocsin.pipeline.api_keys import Scope, digest_of
from tocsin.pipeline.reach import ALL, Reach, needs_lake, reach_of
from tocsin.web.shared.clients import client_key
from tocsin.web.shared.limits import Limit, Limiter, demand
from tocsin.web.shared.site import Site

Connection = ASGIConnection[Any, Any, Any, Any]

KEY_CHARS_MAX = 200
PER_KEY = Limit(burst=600, per_s=10.0)  # RateLimit-Policy says so: as many in a minute as at once
BAD_KEYS = Limit(burst=30, per_s=0.5)  # of one client: wrong keys
_KEY, _LEFT = "tocsin.api_key", "tocsin.api_left"
_REACH_KEPT = timedelta(minutes=1)  # prefix tables change once a day


class Doors(msgspec.Struct):
    """What the API of one process remembers."""

    by_key: Limiter
    bad_keys: Limiter
    reach_by_networks: dict[tuple[str, ...], tuple[datetime, Reach]]


def doors(connection: Connection) -> Doors:
    """Of this application, made at the first question."""
    found = connection.app.state.get("api_doors")
    if not isinstance(found, Doors):
        found = Doors(Limiter(PER_KEY), Limiter(BAD_KEYS), {})
        connection.app.state["api_doors"] = found
    return found


def needs(scope: Scope) -> Callable[[Connection, BaseRouteHandler], Awaitable[None]]:
    """A guard: 401 without a key that opens, 429 when it opens too often, 403 without this scope."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        key = await _key(connection)
        connection.scope[_KEY] = key  # type: ignore[literal-required]
        _count(connection, key)
        if scope not in key.scopes:
            headers = {"WWW-Authenticate": f'Bearer realm="tocsin", error="insufficient_scope", scope="{scope}"'}
            raise PermissionDeniedException(f"This key does not include {scope}.", headers=headers)
        _demand_known(connection, handler)

    return guard


def key_of(request: Connection) -> ApiKey:
    """The key behind a request that a guard has let through."""
    key = request.scope.get(_KEY)
    assert isinstance(key, ApiKey), "a route that asks whose key it is has no guard"
    return key


def actor_of(key: ApiKey) -> str:
    """How the audit names it."""
    return f"key {key.handle} ({key.name})"


def left_of(scope: AsgiScope) -> tuple[int, int] | None:
    """How many requests the key has left, and in how many seconds it has all again; for the answer's headers."""
    return scope.get(_LEFT)  # type: ignore[return-value]


def reach(request: Connection, site: Site) -> Reach:
    """Which addresses this key may know of. To be called in a thread."""
    words = key_of(request).networks
    if not words:
        return ALL
    known, now = doors(request).reach_by_networks, site.clock()
    if words in known and timedelta() <= now - known[words][0] < _REACH_KEPT:
        return known[words][1]
    if needs_lake(words):
        with site.house() as house:
            found = reach_of(words, house, now)
    else:
        found = reach_of(words, None, now)
    if len(known) > 1_000:
        known.clear()
    known[words] = (now, found)
    return found


def _demand_known(connection: Connection, handler: BaseRouteHandler) -> None:
    """400 for a parameter that the route does not have, or twice: a name that is mistyped must not be passed over."""
    fields = handler.parsed_fn_signature.parameters.items()
    known = {field.kwarg_definition.name or name for name, field in fields if _is_query(field.kwarg_definition)}
    sent = [name for name, _ in connection.query_params.multi_items()]
    faults = [{"key": name[:100], "message": "there is no such parameter"} for name in {*sent} - known]
    faults += [{"key": name, "message": "once, please"} for name in sorted(known) if sent.count(name) > 1]
    if faults:
        raise ValidationException("A parameter cannot be used.", extra=faults)


def _is_query(definition: object) -> TypeGuard[QueryParameter]:
    return isinstance(definition, QueryParameter)


async def _key(connection: Connection) -> ApiKey:
    way, _, token = connection.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if way.lower() != "bearer" or not token:
        raise NotAuthorizedException("A key is needed.", headers={"WWW-Authenticate": 'Bearer realm="tocsin"'})
    site: Site = connection.app.state["place"]
    key = await to_thread.run_sync(_find, site, token) if len(token) <= KEY_CHARS_MAX else None
    if key is None:
        demand(doors(connection).bad_keys, client_key(connection))
        headers = {"WWW-Authenticate": 'Bearer realm="tocsin", error="invalid_token"'}
        raise NotAuthorizedException("This key opens nothing.", headers=headers)
    return key


def _find(site: Site, token: str) -> ApiKey | None:
    now, digest = site.clock(), digest_of(token)
    with site.book.read() as tx:
        key = api_keys.find(tx, digest, at=now)
    if key is not None and (key.used_at is None or key.used_at.date() != now.date()):
        with site.book.write() as tx:
            api_keys.note_used(tx, digest, now)
    return key


def _count(connection: Connection, key: ApiKey) -> None:
    limiter = doors(connection).by_key
    wait_s = limiter.take(key.handle)
    connection.scope[_LEFT] = limiter.left(key.handle)  # type: ignore[literal-required]
    if wait_s:
        raise TooManyRequestsException(headers={"Retry-After": str(math.ceil(wait_s))})
