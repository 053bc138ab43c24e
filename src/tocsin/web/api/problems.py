"""Errors for programs (RFC 9457), and what every answer of the API carries besides."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, NotFoundException, ValidationException
from litestar.middleware import ASGIMiddleware
from litestar.response import Response
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.web.api.keys import PER_KEY, left_of
from tocsin.web.api.watched import watched

FAULTS_TOLD_MAX = 20
_POLICY = f'"key";q={PER_KEY.burst};w={round(PER_KEY.burst / PER_KEY.per_s)}'


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one part of a request."""

    name: str
    said: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457: what is wrong, for a program (`status`, `errors`) and for a person (`title`, `detail`)."""

    title: str
    status: int
    detail: str = ""
    type: str = "about:blank"
    errors: tuple[Fault, ...] = ()


def bad(name: str, said: str) -> ValidationException:
    """400: this parameter cannot be used."""
    return ValidationException("A parameter cannot be used.", extra=[{"key": name, "message": said}])


def unusable(said: str, status: int = 422) -> ClientException:
    """Understood, and cannot be done."""
    return ClientException(said, status_code=status)


def nothing() -> NotFoundException:
    """The same for what is not there and for what is not yours."""
    return NotFoundException("There is no such thing, or it is not yours.")


def on_bad_parts(_request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """A request whose parts are not as the description says; each is named."""
    extra = error.extra if isinstance(error.extra, list) else []
    faults = [
        Fault(str(each.get("key", "")), str(each.get("message", ""))[:200]) for each in extra if isinstance(each, dict)
    ]
    problem = Problem(
        title="That cannot be read",
        status=error.status_code,
        detail="Something is missing, or not as the description says: see errors.",
        errors=tuple(faults[:FAULTS_TOLD_MAX]),
    )
    body = msgspec.json.encode(problem)
    return Response(body, status_code=error.status_code, media_type="application/problem+json")


class Around(ASGIMiddleware):
    """Says how many requests are left (RateLimit), and counts answers for the metrics: by route, never by path."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                headers.setdefault("Vary", "Authorization")
                if left := left_of(scope):
                    headers["RateLimit-Policy"] = _POLICY
                    headers["RateLimit"] = f'"key";r={left[0]};t={left[1]}'
                route = str(scope.get("path_template", ""))
                status, took_s = message["status"], time.perf_counter() - begun
                watched(scope["litestar_app"]).answered(scope["method"], route, status, took_s)
            await send(message)

        await next_app(scope, receive, sending)
