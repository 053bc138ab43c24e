"""What the garden's page stands on: the configuration, the roster's folder, the clock. Nothing that can be down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar.connection import Request
from litestar.enums import ScopeType
from litestar.exceptions import ClientException
from litestar.middleware import ASGIMiddleware
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from tocsin.pipeline.clock import present
from tocsin.pipeline.config import Config, data_folder, find_config, load_config
from tocsin.pipeline.websection import WebSection
from tocsin.web.shared.security import hosts_of
from tocsin.web.shared.site import Place


class GardenPlace(Place):
    """`data` is the data folder: the roster is read from it, wishes are written into it."""

    def __init__(self, config: Config, data: Path, *, clock: Callable[[], datetime] = present) -> None:
        garden, issuer = config.garden, config.issuer
        web = WebSection(portal=garden.listen, portal_url=garden.url, desk="127.0.0.1:1", proxies=garden.proxies)
        super().__init__(web, name=issuer.name, language=issuer.language, zone=issuer.zone, clock=clock)
        self.data = data

    @classmethod
    def open(cls, *, config_file: Path | None, data: Path | None) -> GardenPlace:
        """Raises BadConfig for a file that cannot be used."""
        path = find_config(config_file)
        config = load_config(path)
        return cls(config, data_folder(data, config, path))


class Gate(ASGIMiddleware):
    """Whoever looks for another site is shown the way here: so a device finds out that it is in a garden.

    RFC 8910 §1: a device that asks for nothing by itself looks for a page of its maker's; the garden's rules lead it
    here. Only a look is led on; nothing that somebody sends to another site is taken.
    """

    def __init__(self, place: Place) -> None:
        self._home = place.web.url_of("portal") + "/"
        self._hosts = hosts_of(place.web.url_of("portal"), place.web.portal)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] == ScopeType.HTTP:
            request: Request[Any, Any, Any] = Request(scope)
            if request.headers.get("host", "").lower() not in self._hosts:
                if request.method not in {"GET", "HEAD"}:
                    raise ClientException("This site has another name.", status_code=421)
                away = ASGIResponse(status_code=302, headers={"Location": self._home, "Cache-Control": "no-store"})
                await away(scope, receive, send)
                return
        await next_app(scope, receive, send)
