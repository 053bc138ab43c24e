"""What this seat serves: one table."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site


@get("/", sync_to_thread=False)
def first(request: Request[Any, Any, Any], site: NamedDependency[Site]) -> Response[bytes]:
    return page(request, "portal/first.html.j2")


ROUTES: list[Any] = [first]
