"""What VirusTotal (API v3) and urlscan.io already know of a link, for readers who ask them: with their own key, in a
file. Nothing is submitted and no link is opened; who is asked learns the link.

Every answer is a stranger's: bounded in bytes, in time and in number, redirects not followed, junk is no answer.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

import msgspec

from tocsin.terms.errors import BadConfig

SCANNER_LINKS_MAX = 4  # of a mail that are asked about
SCANNER_MAIL_S_MAX = 5.0
SCANNER_MINUTE_MAX = 4  # requests, as VirusTotal's public key allows
SCANNER_BYTES_MAX = 8 * 1024 * 1024
SCANNER_REQUEST_S_MAX = 3.0
_KEY_BYTES_MAX = 1_024
_READ_BYTES = 65_536
_MINUTE_S = 60.0
_ENGINES_MIN = 3  # of VirusTotal's ninety; one or two are often mistaken
_FOUND, _NOT_THERE, _ENOUGH = 200, 404, 429

Fetch = Callable[[str, dict[str, str], float], tuple[int, bytes]]  # (URL, headers, seconds) → status and body
T = TypeVar("T")


class NotTold(Exception):
    """The scanner had no answer; the message says why, to go after "could not be asked:"."""


class Opinion(msgspec.Struct, frozen=True):
    """What a scanner knows of one link: `against` of `asked` engines, none of them where it does not know the link."""

    against: int = 0
    asked: int = 0
    is_harmful: bool = False


class Scanner(Protocol):
    name: str

    def opinion(self, url: str, ends: float) -> Opinion:
        """Raises NotTold. `ends`: by the monotonic clock, when the mail's time is over."""
        ...


class Door:
    """Requests to one host with one key: at most SCANNER_MINUTE_MAX a minute, none after a mail's time."""

    def __init__(self, base: str, header: str, key: str, fetch: Fetch | None = None) -> None:
        self.base, self.headers, self.fetch = base.rstrip("/"), {header: key, "Accept": "application/json"}, fetch
        self.asked: list[float] = []

    def get(self, path: str, shape: type[T], ends: float) -> T | None:
        """The answer; None where there is nothing of that name."""
        now = time.monotonic()
        self.asked = [at for at in self.asked if at > now - _MINUTE_S]
        if len(self.asked) >= SCANNER_MINUTE_MAX or now >= ends:
            raise NotTold("it was asked for long enough")
        self.asked.append(now)
        fetch = self.fetch or over_the_net
        status, body = fetch(self.base + path, self.headers, min(SCANNER_REQUEST_S_MAX, ends - now))
        if status == _NOT_THERE:
            return None
        if status == _ENOUGH:
            raise NotTold("it was asked for long enough")
        if status != _FOUND:
            raise NotTold(f"it answered with status {status}")
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
            raise NotTold("its answer could not be read") from error


class _Stats(msgspec.Struct):
    malicious: int = 0
    suspicious: int = 0
    harmless: int = 0
    undetected: int = 0


class _Attributes(msgspec.Struct):
    last_analysis_stats: _Stats = msgspec.field(default_factory=_Stats)


class _Known(msgspec.Struct):
    attributes: _Attributes = msgspec.field(default_factory=_Attributes)


class _VirusTotalAnswer(msgspec.Struct):
    data: _Known


class VirusTotal:
    """`GET /urls/{id}`: the last analysis of the link, by some ninety engines."""

    name = "VirusTotal"

    def __init__(self, key: str, base: str = "https://www.virustotal.com/api/v3", fetch: Fetch | None = None) -> None:
        self.door = Door(base, "x-apikey", key, fetch)

    def opinion(self, url: str, ends: float) -> Opinion:
        named = urlsafe_b64encode(url.encode(errors="replace")).decode().rstrip("=")
        known = self.door.get(f"/urls/{named}", _VirusTotalAnswer, ends)
        if known is None:
            return Opinion()
        stats = known.data.attributes.last_analysis_stats
        asked = stats.malicious + stats.suspicious + stats.harmless + stats.undetected
        return Opinion(stats.malicious, asked, stats.malicious >= _ENGINES_MIN)


class _Scan(msgspec.Struct):
    id: str = msgspec.field(name="_id")


class _Search(msgspec.Struct):
    results: list[_Scan] = []


class _Overall(msgspec.Struct):
    malicious: bool = False


class _Verdicts(msgspec.Struct):
    overall: _Overall = msgspec.field(default_factory=_Overall)


class _UrlscanAnswer(msgspec.Struct):
    verdicts: _Verdicts = msgspec.field(default_factory=_Verdicts)


class Urlscan:
    """The newest public scan of the link, and its verdict: the search itself tells none."""

    name = "urlscan.io"

    def __init__(self, key: str, base: str = "https://urlscan.io/api/v1", fetch: Fetch | None = None) -> None:
        self.door = Door(base, "API-Key", key, fetch)

    def opinion(self, url: str, ends: float) -> Opinion:
        sought = 'task.url:"{}"'.format(url.replace("\\", "\\\\").replace('"', '\\"'))
        scans = self.door.get(f"/search/?size=1&q={quote(sought, safe='')}", _Search, ends)
        if scans is None or not scans.results:
            return Opinion()
        scan = self.door.get(f"/result/{quote(scans.results[0].id[:100], safe='')}/", _UrlscanAnswer, ends)
        is_harmful = scan is not None and scan.verdicts.overall.malicious
        return Opinion(int(is_harmful), 1, is_harmful)


def read_key(path: Path) -> str:
    """The key in a file, which nobody but its owner needs to read. BadConfig when there is none."""
    try:
        with path.open("rb") as file:
            key = file.read(_KEY_BYTES_MAX).strip().decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig("the key cannot be read", where=str(path)) from error
    if not key or not key.isprintable() or " " in key:
        raise BadConfig("holds no key: one line, as the service gives it", where=str(path))
    return key


def over_the_net(url: str, headers: dict[str, str], time_s: float) -> tuple[int, bytes]:
    """One GET; whatever goes wrong is NotTold."""
    from http.client import HTTPException  # noqa: PLC0415 - only who asks a scanner pays for it
    from urllib.error import HTTPError  # noqa: PLC0415
    from urllib.request import HTTPRedirectHandler, Request, build_opener  # noqa: PLC0415

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    ends = time.monotonic() + time_s
    try:
        with build_opener(Stay).open(Request(url, headers=headers), timeout=time_s) as answer:  # noqa: S310 - our own base
            body = bytearray()
            while piece := answer.read1(_READ_BYTES):
                body += piece
                if len(body) > SCANNER_BYTES_MAX or time.monotonic() > ends:
                    raise NotTold("its answer was too long")
            return answer.status, bytes(body)
    except HTTPError as error:
        error.close()
        return error.code, b""
    except (OSError, HTTPException, ValueError) as error:
        raise NotTold("it did not answer") from error
