"""The token of a form that a route reads by itself, piece by piece, so that the framework does not check it."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Request
from litestar.exceptions import PermissionDeniedException
from litestar.middleware.csrf import generate_csrf_hash
from litestar.utils.scope.state import ScopeState

from tocsin.web.shared.security import csrf
from tocsin.web.shared.site import Place

TOKEN = "_csrf_token"  # noqa: S105 - the field's name
_SECRET_CHARS = 64  # of the token: then comes its seal


def demand_ours(request: Request[Any, Any, Any], seat: str, place: Place, field: str) -> None:
    """The token of the form (or of the header that scripts send) and that of the cookie are one, and it is ours.

    Raises PermissionDeniedException.
    """
    config = csrf(seat, place)
    sent = request.headers.get(config.header_name) or field
    cookie = request.cookies.get(config.cookie_name, "")
    seal = generate_csrf_hash(token=sent[:_SECRET_CHARS], secret=config.secret)
    same = hmac.compare_digest(sent.encode(), cookie.encode())
    if not (same and hmac.compare_digest(sent[_SECRET_CHARS:].encode(), seal.encode())):
        raise PermissionDeniedException("The form is not ours, or too old. Load the page again.")
    ScopeState.from_scope(request.scope).csrf_token = sent
