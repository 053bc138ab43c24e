"""A request that does something is done once, however often it is sent (Idempotency-Key)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request
from litestar.response import Response

from tocsin.book import api_answers
from tocsin.terms.identity import digest
from tocsin.web.api.keys import key_of
from tocsin.web.api.problems import unusable
from tocsin.web.shared.site import Site

IDEMPOTENCY_PATTERN = r"^[A-Za-z0-9._:-]{8,100}$"


def once(
    request: Request[Any, Any, Any], site: Site, idempotency: str, body_sha256: str, do: Callable[[str], msgspec.Struct]
) -> Response[bytes]:
    """Do it, or answer as before; `do` gets a name that is the same each time. To be called in a thread.

    422 when the key was used for another request, 409 while the first one is still being done.
    """
    name = digest("api", key_of(request).handle, idempotency)[:64]
    asked = digest(request.method, request.url.path, request.url.query, body_sha256)[:64]
    with site.book.write() as tx:
        known = api_answers.begin(tx, name, asked, site.clock())
    if known is not None:
        return _again(known, asked)
    try:
        answer = msgspec.json.encode(do(name))
    except BaseException:
        with site.book.write() as tx:
            api_answers.forget(tx, name)
        raise
    with site.book.write() as tx:
        api_answers.finish(tx, name, 200, answer)
    return Response(answer, status_code=200, media_type="application/json")


def _again(known: api_answers.Known, asked: str) -> Response[bytes]:
    if known.digest != asked:
        raise unusable("This Idempotency-Key was used for another request.")
    if known.status is None or known.answer is None:
        raise unusable("The first request with this Idempotency-Key is still being done.", 409)
    headers = {"Idempotent-Replayed": "true"}
    return Response(known.answer, status_code=known.status, media_type="application/json", headers=headers)


def sha256_of(body: bytes) -> str:
    """Of what was sent."""
    return hashlib.sha256(body).hexdigest()
