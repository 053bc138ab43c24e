"""A mail that is handed in by a form, read while it arrives: into memory, bounded, never onto a disk.

The token stands before it in the form and is checked before the first byte of the mail is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from tocsin.pipeline.checking import HANDED_BYTES_MAX
from tocsin.terms.errors import Busy
from tocsin.web.shared.site import Place
from tocsin.web.shared.tokens import TOKEN, demand_ours

FIELD_BYTES_MAX = 1_000
PARTS_MAX = 10
DRAINED_MAX = 32 * 1024 * 1024  # of what is too much: so much is read and thrown away, that the answer is seen
RECEIVE_S = 120.0  # for a slow line; whoever takes longer is not waited for
AT_ONCE_MAX = 16  # mails in memory
FILE, TEXT = "mail", "text"


class Handed(msgspec.Struct):
    """What came: the file, or where there is none the text that was pasted."""

    fields: dict[str, str]
    mail: bytes = b""
    too_large: bool = False


async def receive(request: Request[Any, Any, Any], place: Place) -> Handed:
    """Read the whole request. Raises Busy, PermissionDeniedException or ClientException."""
    boundary = request.content_type[1].get("boundary", "")
    if request.content_type[0] != "multipart/form-data" or not boundary:
        raise ClientException("This is not a form with a file.", status_code=415)
    at_once = request.app.state.get("mails_at_once", 0)
    if at_once >= AT_ONCE_MAX:
        raise Busy("too many mails are being checked")
    request.app.state["mails_at_once"] = at_once + 1
    try:
        async with asyncio.timeout(RECEIVE_S):
            return await _receive(request, place, boundary)
    except TimeoutError as error:
        raise ClientException("The form did not arrive in time.", status_code=408) from error
    except MultipartError as error:
        raise ClientException("The form did not arrive whole. Send it again.") from error
    finally:
        request.app.state["mails_at_once"] -= 1


async def _receive(request: Request[Any, Any, Any], place: Place, boundary: str) -> Handed:
    form, stream = _Form(request, place), request.stream()
    with PushMultipartParser(boundary, max_segment_count=PARTS_MAX, strict=True) as parser:
        async for chunk in stream:
            for piece in parser.parse(chunk):
                form.take(piece)
            if form.too_large:
                await _drain(stream)
                return Handed(form.fields, too_large=True)
    form.demand_ours()
    return Handed(form.fields, bytes(form.file or form.text))


async def _drain(stream: AsyncIterator[bytes]) -> None:
    drained = 0
    async for chunk in stream:
        drained += len(chunk)
        if drained > DRAINED_MAX:
            return


class _Form:
    """The parts, one after another."""

    def __init__(self, request: Request[Any, Any, Any], place: Place) -> None:
        self.fields: dict[str, str] = {}
        self.file, self.text, self._field = bytearray(), bytearray(), bytearray()
        self._request, self._place = request, place
        self._segment: MultipartSegment | None = None

    @property
    def too_large(self) -> bool:
        return max(len(self.file), len(self.text)) > HANDED_BYTES_MAX

    def take(self, piece: MultipartSegment | bytes | bytearray | None) -> None:
        """A part's head, some of its bytes, or its end."""
        if isinstance(piece, MultipartSegment):
            self._segment, self._field = piece, bytearray()
            if piece.name in (FILE, TEXT):
                self.demand_ours()
        elif piece is None:
            self._end()
        elif not self.too_large:
            self._into().extend(piece)

    def _into(self) -> bytearray:
        assert self._segment is not None
        if self._segment.name == FILE:
            return self.file
        if self._segment.name == TEXT:
            return self.text
        if len(self._field) > FIELD_BYTES_MAX:
            raise ClientException("A field of the form is too long.")
        return self._field

    def _end(self) -> None:
        assert self._segment is not None
        if self._segment.name not in (FILE, TEXT) and len(self.fields) < PARTS_MAX:
            self.fields[self._segment.name or ""] = self._field[:FIELD_BYTES_MAX].decode("utf-8", "replace").strip()

    def demand_ours(self) -> None:
        demand_ours(self._request, "portal", self._place, self.fields.get(TOKEN, ""))
