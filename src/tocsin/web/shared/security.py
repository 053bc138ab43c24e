"""What every answer carries, and what every request must show before any page looks at it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from litestar.config.csrf import CSRFConfig
from litestar.connection import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.pipeline.websection import host_and_port
from tocsin.web.shared.site import Place

FORM_BYTES_MAX = 64 * 1024  # of a request's body; a route that takes files says its own bound
_YEAR_S = 365 * 24 * 60 * 60
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}
_OPEN = ("/.well-known/", "/robots.txt")  # the same for everybody, and meant to be fetched by anybody


class Headers:
    """Puts the headers on every answer, errors too; what a page has set itself stays."""

    def __init__(self, url: str) -> None:
        self._headers = dict(HEADERS)
        if url.startswith("https:"):
            self._headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}; includeSubDomains"

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)


class Doorkeeper(ASGIMiddleware):
    """Refuses a foreign Host (another name for us in somebody's DNS), and what other sites' pages send or embed.

    A browser says in Sec-Fetch-Site who asks (an older one in Origin, with a form). From another site only a person's
    step to a page is let in: no picture, no script, no fetch, so that no page learns what we tell its visitor.
    """

    def __init__(self, seat: str, place: Place) -> None:
        url = place.web.url_of(seat)
        self._origin = url
        self._hosts = hosts_of(url, place.web.portal if seat == "portal" else place.web.desk)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] == ScopeType.HTTP:
            request: Request[Any, Any, Any] = Request(scope)
            if request.headers.get("host", "").lower() not in self._hosts:
                raise ClientException("This site has another name.", status_code=421)
            if not request.url.path.startswith(_OPEN) and not self._is_own(request):
                raise PermissionDeniedException("The request comes from another site.")
        await next_app(scope, receive, send)

    def _is_own(self, request: Request[Any, Any, Any]) -> bool:
        said = request.headers.get("sec-fetch-site")
        if request.method in _SAFE:
            stepped = request.headers.get("sec-fetch-mode") == "navigate"
            on_top = request.headers.get("sec-fetch-dest", "document") == "document"
            return said in {None, "same-origin", "none"} or (stepped and on_top)
        if said is not None:
            return said == "same-origin"
        origin = request.headers.get("origin")
        return origin is None or origin == self._origin


def hosts_of(url: str, listen: str) -> frozenset[str]:
    """The names under which it answers: the URL's; and where it listens, if only this machine gets there."""
    names = {urlsplit(url).netloc.lower()}
    host, port = host_and_port(listen)
    if ip_address(host).is_loopback:
        names |= {listen, f"localhost:{port}"}
    return frozenset(names)


def csrf(seat: str, place: Place) -> CSRFConfig:
    """A signed token in a cookie and in each form: the two must be the same one. The API has keys, not cookies."""
    secure = place.web.url_of(seat).startswith("https:")
    return CSRFConfig(
        secret=place.secret_for(f"csrf {seat}"),
        cookie_name="__Host-form" if secure else f"{seat}_form",
        cookie_secure=secure,
        cookie_httponly=True,
        cookie_samesite="strict",
        exclude=["^/api/"],
    )
