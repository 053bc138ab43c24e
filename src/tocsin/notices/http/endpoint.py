"""Where a request goes: an `https` URL; `http` only on this machine."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from tocsin.notices.config import is_loopback
from tocsin.terms.errors import BadConfig

_TARGET = re.compile(r"[\x21-\x7e]{0,1000}")
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_PORTS = {"https": 443, "http": 80}


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A server, and what is asked of it; `target` is path and query."""

    host: str
    port: int
    is_tls: bool
    target: str
    ca_file: str | None = None
    timeout_s: float = 30

    @property
    def name(self) -> str:
        """For people and logs. Without the query: it may hold a secret."""
        return f"{self.host}:{self.port}{self.target.partition('?')[0]}"

    @property
    def authority(self) -> str:
        """RFC 9112 §3.2: without the scheme's usual port."""
        usual = self.port == _PORTS["https" if self.is_tls else "http"]
        return self.host if usual else f"{self.host}:{self.port}"


def endpoint_of(url: str, where: str, *, ca_file: str | None = None, timeout_s: float = 30) -> Endpoint:
    """BadConfig for a URL that is none, that carries a login, or that would be spoken to in the clear."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadConfig(f"not a URL: {error}", where=where) from error
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in _PORTS or not parts.hostname or not _HOST.fullmatch(parts.hostname) or parts.fragment:
        raise BadConfig("not the URL of a server", where=where, remedy="write it as https://HOST/PATH")
    if parts.username is not None or parts.password is not None:
        raise BadConfig("a login does not stand in a URL", where=where, remedy="name a secret_file")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        remedy = "https; http is for a program on this machine (127.0.0.1, localhost)"
        raise BadConfig(f"{parts.hostname} would be spoken to in the clear", where=where, remedy=remedy)
    if not _TARGET.fullmatch(target):
        raise BadConfig("a URL has no blanks and no letters beyond ASCII", where=where, remedy="percent-encode them")
    is_tls = parts.scheme == "https"
    return Endpoint(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        is_tls=is_tls,
        target=target,
        ca_file=ca_file,
        timeout_s=timeout_s,
    )
