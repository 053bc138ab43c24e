"""The few files that pages load, read once, named with their digest so that a browser may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}


@cache
def static_url(name: str) -> str:
    """Where a page finds that file. An unknown name is a bug: KeyError."""
    return f"/static/{name}?{hashlib.sha256(_files()[name]).hexdigest()[:12]}"


@get("/static/{name:str}", sync_to_thread=False, include_in_schema=False, opt={"exclude_from_csrf": True})
def static_file(name: FromPath[str]) -> Response[bytes]:
    """One of the files of static/; there is no path to walk, only names to look up."""
    body = _files().get(name)
    if body is None:
        raise NotFoundException
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(body, media_type=_TYPES[Path(name).suffix], headers=headers)
