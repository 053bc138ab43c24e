"""HTTP, as little of it as is needed: bounded bodies, bounded waits, no scheme but http and https."""

from __future__ import annotations

import os
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from tocsin.terms.disk import sync_folder

DOWNLOAD_BYTES_MAX = 8 << 30
_BLOCK_BYTES = 1 << 20
_AGENT = "tocsin (abuse contacts of sightings)"


class FetchFailed(Exception):
    """What was asked for did not come, in words."""


def _opener() -> OpenerDirector:
    """urllib's own opener would follow a redirect to ftp, and open file: too."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPRedirectHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _opened(request: Request, timeout_s: float) -> HTTPResponse:
    """The opener gives None for a scheme that it has no handler for."""
    answer = _opener().open(request, timeout=timeout_s)
    if not isinstance(answer, HTTPResponse):
        raise FetchFailed(f"{request.full_url} is not of the web")
    return answer


def fetch(url: str, *, timeout_s: float, bytes_max: int, accept: str = "application/json") -> bytes | None:
    """The body; None where the server knows nothing of it (404). Raises FetchFailed."""
    request = Request(url, headers={"Accept": accept, "User-Agent": _AGENT})  # noqa: S310 - http and https only
    try:
        with _opened(request, timeout_s) as answer:
            return _bounded(answer, url, bytes_max)
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return None
        raise FetchFailed(f"{url} answered {error.code}") from error
    except (
        OSError,
        HTTPException,
        ValueError,
        AttributeError,
    ) as error:  # AttributeError: a redirect without a handler
        raise FetchFailed(f"{url} did not answer: {error or type(error).__name__}") from error


def _bounded(answer: IO[bytes], url: str, bytes_max: int) -> bytes:
    body = answer.read(bytes_max + 1)
    if len(body) > bytes_max:
        raise FetchFailed(f"{url} answered with more than {bytes_max} bytes")
    return body


def download(
    url: str,
    target: Path,
    *,
    timeout_s: float,
    tell: Callable[[int, int], None] = lambda done, total: None,
    bytes_max: int = DOWNLOAD_BYTES_MAX,
) -> bool:
    """Put what is at the URL into the file, whole or not at all; False where it is no newer than the file.

    Raises FetchFailed; the file stays as it was then.
    """
    headers = {"User-Agent": _AGENT}
    if target.exists():
        headers["If-Modified-Since"] = formatdate(target.stat().st_mtime, usegmt=True)
    half = target.with_name(target.name + ".half")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _opened(Request(url, headers=headers), timeout_s) as answer:  # noqa: S310
            _save(answer, half, int(answer.headers.get("Content-Length") or 0), tell, bytes_max)
        half.replace(target)
        sync_folder(target.parent)
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_MODIFIED:
            return False
        raise FetchFailed(f"{url} answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise FetchFailed(f"{url} was not fetched: {error or type(error).__name__}") from error
    finally:
        half.unlink(missing_ok=True)
    return True


def _save(answer: IO[bytes], half: Path, total: int, tell: Callable[[int, int], None], bytes_max: int) -> None:
    done = 0
    with half.open("wb") as file:
        while block := answer.read(_BLOCK_BYTES):
            done += len(block)
            if done > bytes_max or (total and done > total):
                raise FetchFailed(f"more than {min(bytes_max, total or bytes_max)} bytes came")
            file.write(block)
            tell(done, total or done)
        if total and done < total:
            raise FetchFailed(f"{done} bytes came of {total}")
        file.flush()
        os.fsync(file.fileno())
