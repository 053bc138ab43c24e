"""What programs may ask, under /api/v1: one table."""

from __future__ import annotations

from typing import Any

from litestar import Router
from litestar.exceptions import ValidationException

from tocsin.web.api import asking, case_routes, confirming, notice_routes, push, seen, watching
from tocsin.web.api.describing import OPENAPI
from tocsin.web.api.problems import Around, on_bad_parts

_ASKED = [*asking.ROUTES, *case_routes.ROUTES, *seen.ROUTES, *notice_routes.ROUTES, *confirming.ROUTES]
_V1 = [*push.ROUTES, *_ASKED, *watching.HEALTH]


def _router(path: str, handlers: list[Any]) -> Router:
    return Router(
        path=path,
        route_handlers=handlers,
        middleware=[Around()],
        exception_handlers={ValidationException: on_bad_parts},
        include_in_schema=True,
    )


ROUTES: list[Any] = [_router("/api/v1", _V1), _router("/", watching.METRICS)]

__all__ = ["OPENAPI", "ROUTES"]
