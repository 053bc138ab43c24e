"""`[web]`: where desk and portal listen, how they are reached, and who works behind them."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import msgspec

from tocsin.terms.errors import BadConfig

_LISTEN = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[0-9.]+):(?P<port>[0-9]{1,5})", re.ASCII)
_WORKERS_MAX = 64
_RUN_MINUTES_MAX = 7 * 24 * 60
_UPLOAD_MB_MAX = 100_000


class WebSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Both listen on loopback unless said otherwise; who listens to the world says its own name too."""

    portal: str = "127.0.0.1:8080"
    desk: str = "127.0.0.1:8081"
    portal_url: str = ""  # as the world reaches it; without one, as it listens
    desk_url: str = ""
    proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed
    workers: int = 1
    run_minutes: int = 0  # 0: nobody runs the chain by itself
    upload_mb_max: int = 200  # of a file that is sent through the browser

    def __post_init__(self) -> None:
        _check_place(self.portal, self.portal_url, "portal")
        _check_place(self.desk, self.desk_url, "desk")
        if self.portal == self.desk:
            raise BadConfig(f"both listen at {self.desk}", where="web.desk", remedy="give each a port of its own")
        for proxy in self.proxies:
            _check_proxy(proxy)
        if not 0 <= self.workers <= _WORKERS_MAX:
            raise BadConfig(f"{self.workers} is not allowed, 0 to {_WORKERS_MAX} is", where="web.workers")
        if not 0 <= self.run_minutes <= _RUN_MINUTES_MAX:
            raise BadConfig(f"{self.run_minutes} is not allowed, 0 to {_RUN_MINUTES_MAX} is", where="web.run_minutes")
        if not 1 <= self.upload_mb_max <= _UPLOAD_MB_MAX:
            raise BadConfig(f"{self.upload_mb_max} is not allowed, 1 to {_UPLOAD_MB_MAX} is", where="web.upload_mb_max")

    def url_of(self, seat: str) -> str:
        """How `portal` or `desk` is reached, without a slash at the end."""
        listen, url = (self.portal, self.portal_url) if seat == "portal" else (self.desk, self.desk_url)
        return url.rstrip("/") or f"http://{listen}"


def host_and_port(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8080` or `[::1]:8080` in two. The place has been checked."""
    found = _LISTEN.fullmatch(listen)
    assert found
    return found["host"].strip("[]"), int(found["port"])


def _check_place(listen: str, url: str, seat: str) -> None:
    found = _LISTEN.fullmatch(listen)
    if not found or not 0 <= int(found["port"]) <= 0xFFFF:
        raise BadConfig(f"not an address and a port: {listen!r:.80}", where=f"web.{seat}", remedy="as 127.0.0.1:8080")
    try:
        address = ip_address(found["host"].strip("[]"))
    except ValueError as error:
        raise BadConfig(str(error), where=f"web.{seat}") from error
    if url:
        _check_url(url, seat)
    elif not address.is_loopback:
        what = f"{listen} is open to others, and nothing says by which name they reach it"
        raise BadConfig(what, where=f"web.{seat}_url", remedy="write it as https://NAME")


def _check_url(url: str, seat: str) -> None:
    parts = urlsplit(url)
    plain = not (parts.query or parts.fragment or parts.username) and parts.path in {"", "/"}
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise BadConfig(f"not an address of a site: {url!r:.80}", where=f"web.{seat}_url", remedy="as https://NAME")


def _check_proxy(proxy: str) -> None:
    try:
        ip_network(proxy)
    except ValueError as error:
        raise BadConfig(str(error), where="web.proxies", remedy="write it as 192.0.2.1 or 192.0.2.0/24") from error
