"""A visit in the browser: a cookie that means nothing by itself, and the row of the book that it opens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Response

from tocsin.book import visits
from tocsin.book.visits import Visit
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
LINE_HOURS = 24  # in which the logs must have said whose line it was
PROVEN_HOURS = 2  # for which a notice that was opened stays open
_TOKEN_BYTES = 32
_TOKEN_CHARACTERS_MAX = 100


def visit_of(request: AnyRequest, site: Site) -> Visit | None:
    """The visit that this browser has begun, if its time is not over."""
    token = request.cookies.get(_cookie(site), "")
    with site.book.read() as tx:
        return visits.find(tx, _name(token[:_TOKEN_CHARACTERS_MAX]), at=site.clock())


def new_visit(site: Site, *, lasts: timedelta) -> tuple[Visit, str]:
    """A visit that is in no book yet, and the token that opens it."""
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), site.clock()
    return Visit(visit=_name(token), started_at=now, ends_at=now + lasts), token


def keep_visit(response: Response[Any], site: Site, token: str) -> Response[Any]:
    """Give the browser its token. A browser shows it to us alone and only from our own pages."""
    secure = site.web.url_of("portal").startswith("https:")
    response.set_cookie(Cookie(_cookie(site), value=token, httponly=True, secure=secure, samesite="strict"))
    return response


def forget_visit(response: Response[Any], site: Site) -> Response[Any]:
    secure = site.web.url_of("portal").startswith("https:")
    gone = Cookie(_cookie(site), value="", max_age=0, httponly=True, secure=secure, samesite="strict")
    response.set_cookie(gone)
    return response


def _cookie(site: Site) -> str:
    return "__Host-visit" if site.web.url_of("portal").startswith("https:") else "portal_visit"


def _name(token: str) -> str:
    """What the book knows it by: who reads the book cannot open a visit."""
    return hashlib.sha256(f"visit {token}".encode()).hexdigest()
