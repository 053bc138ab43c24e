"""Where a page ends, sealed: it opens for the same key and the same question alone, and tells nobody what is in it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any, TypeVar

import msgspec
from litestar import Request

from tocsin.pipeline.sealing import seal, unseal
from tocsin.terms.errors import StorageFailed
from tocsin.web.api.keys import key_of
from tocsin.web.api.problems import bad
from tocsin.web.shared.site import Site

CURSOR_CHARS_MAX = 400
_LIMITS = frozenset({"cursor", "limit", "opt.limit", "reason"})  # may change from page to page
P = TypeVar("P")


def write_cursor(request: Request[Any, Any, Any], site: Site, place: msgspec.Struct) -> str:
    """For the answer's `next`."""
    sealed = seal(site.keys.secret, _owner(request), msgspec.json.encode(place))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_cursor(request: Request[Any, Any, Any], site: Site, cursor: str | None, kind: type[P]) -> P | None:
    """The place; 400 for a cursor that was not given for this question."""
    if cursor is None:
        return None
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(unseal(site.keys.secret, _owner(request), sealed), type=kind)
    except (binascii.Error, ValueError, StorageFailed, msgspec.DecodeError) as error:
        raise bad("cursor", "not a cursor of this question: ask anew without one") from error


def _owner(request: Request[Any, Any, Any]) -> str:
    asked = sorted((name, value) for name, value in request.query_params.multi_items() if name not in _LIMITS)
    digest = hashlib.sha256(msgspec.json.encode((request.url.path, asked))).hexdigest()
    return f"cursor {key_of(request).handle} {digest}"
