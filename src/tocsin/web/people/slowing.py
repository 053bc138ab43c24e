"""Guessing is slowed: by client, and by name. A name that is under attack stays open to browsers it has used before."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from tocsin.web.people.seats import cookie_name, is_secure
from tocsin.web.shared.clients import client_key
from tocsin.web.shared.limits import Limit, Limiter, slow
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]

BY_CLIENT = Limit(burst=20, per_s=1 / 5)
BY_NAME = Limit(burst=10, per_s=1 / 15)  # 100 guesses in 25 minutes, wherever they come from
_YEAR_S = 365 * 24 * 60 * 60
_STATE = "people_limits"


async def slow_guessing(request: AnyRequest, name: str = "", what: str = "password") -> None:
    """Waits a little, or answers 429; never for longer than the bucket needs to fill again. Without a name only the
    client counts: nothing that all have in common may run out."""
    clients, names = _limiters(request)
    await slow(clients, client_key(request))
    if name:
        await slow(names, f"{what} {name} {_is_known(request, name)}")


def known_cookie(site: Site, name: str) -> Cookie:
    """Says that this browser has signed in under that name; it opens nothing."""
    nonce = secrets.token_urlsafe(12)
    value = f"{nonce}.{_mark(site, name, nonce)}"
    secure = is_secure(site)
    return Cookie(
        key=cookie_name(site, "known"),
        value=value,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
        max_age=_YEAR_S,
    )


def _is_known(request: AnyRequest, name: str) -> str:
    """The browser's own bucket, if it has signed in under that name before; else ''."""
    site: Site = request.app.state["place"]
    nonce, _, mark = request.cookies.get(cookie_name(site, "known"), "")[:200].partition(".")
    return nonce if mark and hmac.compare_digest(mark.encode(), _mark(site, name, nonce).encode()) else ""


def _mark(site: Site, name: str, nonce: str) -> str:
    key = site.secret_for("known browser").encode()
    return hmac.new(key, f"{nonce} {name}".encode(), hashlib.sha256).hexdigest()[:32]


def _limiters(request: AnyRequest) -> tuple[Limiter, Limiter]:
    state = request.app.state
    if _STATE not in state:
        state[_STATE] = (Limiter(BY_CLIENT), Limiter(BY_NAME))
    found: tuple[Limiter, Limiter] = state[_STATE]
    return found
