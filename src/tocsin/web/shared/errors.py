"""Errors as pages in plain words; as problem+json for programs (RFC 9457)."""

from __future__ import annotations

from typing import Any

import jinja2
import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response

from tocsin.terms.errors import BadRequest, Busy, Refused, StorageFailed, TocsinError
from tocsin.web.shared.logs import log
from tocsin.web.shared.pages import page

_STATUS = {BadRequest: 400, Busy: 503, Refused: 403, StorageFailed: 503}
_SAID = (400, 401, 403, 404, 413, 429, 503)  # what has words of its own: `error.404.title`, `error.404.text`
_FOR_PROGRAMS = ("/api/", "/metrics")
_TITLES = {
    400: "That cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "There is no such thing",
    405: "Not done this way",
    409: "Something else was done meanwhile",
    413: "Too large",
    415: "Not in this form",
    421: "This site has another name",
    422: "That cannot be used",
    429: "Too often",
    500: "Something went wrong here",
    503: "Busy",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 §3.1."""

    title: str
    status: int
    detail: str = ""
    type: str = "about:blank"


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """An answer that was meant: not found, not allowed, too often; elsewhere, for who has to sign in first."""
    if error.status_code == 303:
        return Response(b"", status_code=303, headers=dict(error.headers or {}))
    return _answer(request, error.status_code, error.detail, dict(error.headers or {}))


def on_our_error(request: Request[Any, Any, Any], error: TocsinError) -> Response[Any]:
    """A request that cannot be done, in our own words. No path of this machine is shown."""
    status = _STATUS.get(type(error), 500)
    if status >= 500:
        log().warning("could not", route=route_of(request), error=str(error))
    return _answer(request, status, error.what)


def on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A bug: the log gets all of it, the visitor nothing."""
    log().error("bug", route=route_of(request), error=type(error).__name__, exc_info=error)
    return _answer(request, 500, "")


def route_of(request: Request[Any, Any, Any]) -> str:
    """The pattern that was asked for, never the path itself: that may hold a code."""
    handler = request.scope.get("route_handler")
    return min(handler.paths, default="") if handler is not None else ""


def error_page(environment: jinja2.Environment, seat: str) -> str:
    """The seat's own template of errors, if it has one."""
    own = f"{seat}/error.html.j2"
    return own if own in environment.list_templates() else "shared/error.html.j2"


def _answer(
    request: Request[Any, Any, Any], status: int, detail: str, headers: dict[str, str] | None = None
) -> Response[Any]:
    if request.url.path.startswith(_FOR_PROGRAMS):
        problem = Problem(title=_TITLES.get(status, "Not done"), status=status, detail=detail)
        body = msgspec.json.encode(problem)
        return Response(body, status_code=status, media_type="application/problem+json", headers=headers)
    said = status if status in _SAID else 500 if status >= 500 else 400
    shown = detail if request.app.state["seat"] == "desk" and status < 500 else ""
    return page(request, request.app.state["error_page"], status=status, headers=headers, said=said, detail=shown)


HANDLERS: dict[int | type[Exception], Any] = {
    HTTPException: on_http_error,
    TocsinError: on_our_error,
    Exception: on_bug,
}
