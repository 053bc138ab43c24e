"""The log: JSON lines on standard error, with no secret, no code, no path, and no address of the portal's visitors."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_SECRET = ("password", "secret", "token", "code", "authorization", "cookie", "key", "address", "email")


def start_logs(part: str) -> None:
    """Once a process: `part` is portal, desk or worker."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _without_secrets,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(part=part)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)


def log() -> Any:
    """The logger: `log().info("what happened", name=value)`."""
    if not structlog.is_configured():
        start_logs("")  # never structlog's own way: it shows the values of a function that failed
    return structlog.get_logger()


def _without_secrets(_logger: object, _method: str, words: Any) -> Any:
    for name in words:
        if any(part in name.lower() for part in _SECRET):
            words[name] = "…"
    return words


class RequestLog(ASGIMiddleware):
    """One line a request: the route's pattern, never its path or query; the status; how long it took."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        started, status = time.perf_counter(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, watch)
        finally:
            if scope["type"] == ScopeType.HTTP:
                handler: Any = scope.get("route_handler")
                route = min(handler.paths, default="") if handler is not None else ""
                took_ms = round((time.perf_counter() - started) * 1000, 1)
                log().info("request", method=scope["method"], route=route, status=status or 500, took_ms=took_ms)
