"""The pages of the mail check alone, for `tocsin serve --check-only`: no book, no subscriber, only a `place`."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Place


@get("/check", sync_to_thread=False)
def check(request: Request[Any, Any, Any], place: NamedDependency[Place]) -> Response[bytes]:
    return page(request, "portal/first.html.j2")


CHECK_ROUTES: list[Any] = [check]
