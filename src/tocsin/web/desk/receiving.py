"""A form with one file, read while it arrives: the fields into memory, bounded; the file to disk, bounded.

The framework's own way keeps a whole request before anybody has looked at who sends it, and bounds no field. So the
route that uses this is left out of the framework's check of the form's token, and the token is checked here, before
the first byte of the file is written. The fields stand before the file in the form.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request
from litestar.exceptions import ClientException
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from tocsin.pipeline.uploads import Incoming, TooLarge
from tocsin.web.shared.site import Site
from tocsin.web.shared.tokens import TOKEN, demand_ours

FIELD_BYTES_MAX = 1000
PARTS_MAX = 20
DRAINED_MAX = 64 * 1024 * 1024  # of what is too much: so much is read and thrown away, that the answer is seen
_BLOCK_BYTES = 1 << 20
FILE = "file"


class Received(msgspec.Struct):
    """What came: the fields as typed, and the file; `trouble` where there is none."""

    fields: dict[str, str]
    incoming: Incoming | None = None
    sha256: str = ""
    trouble: str = ""


async def receive(request: Request[Any, Any, Any], site: Site, bytes_max: int) -> Received:
    """Read the whole request. Where anything went wrong, nothing that was written stays.

    Raises PermissionDeniedException for a form that is not ours, ClientException for one that cannot be read.
    """
    boundary = request.content_type[1].get("boundary", "")
    if request.content_type[0] != "multipart/form-data" or not boundary:
        raise ClientException("This is not a form with a file.", status_code=415)
    form, stream = _Form(request, site, bytes_max), request.stream()
    try:
        with PushMultipartParser(boundary, max_segment_count=PARTS_MAX, strict=True) as parser:
            async for chunk in stream:
                for piece in parser.parse(chunk):
                    await form.take(piece)
        form.demand_ours()
    except TooLarge as error:
        form.drop()
        await _drain(stream)
        return Received(form.fields, trouble=f"{error.what[:1].upper()}{error.what[1:]}: {error.remedy}.")
    except MultipartError as error:
        form.drop()
        raise ClientException("The form did not arrive whole. Send it again.") from error
    except BaseException:
        form.drop()
        raise
    return Received(form.fields, form.incoming, form.sha256)


async def _drain(stream: AsyncIterator[bytes]) -> None:
    drained = 0
    async for chunk in stream:
        drained += len(chunk)
        if drained > DRAINED_MAX:
            return


class _Form:
    """The parts, one after another."""

    def __init__(self, request: Request[Any, Any, Any], site: Site, bytes_max: int) -> None:
        self.fields: dict[str, str] = {}
        self.incoming: Incoming | None = None
        self.sha256 = ""
        self._request, self._site, self._bytes_max = request, site, bytes_max
        self._segment: MultipartSegment | None = None
        self._block = bytearray()

    async def take(self, piece: MultipartSegment | bytes | bytearray | None) -> None:
        """A part's head, some of its bytes, or its end. Raises TooLarge."""
        if isinstance(piece, MultipartSegment):
            self._segment = piece
            if piece.filename is not None:
                await self._begin(piece)
        elif piece is None:
            await self._end()
        else:
            self._block += piece
            if not self._is_file and len(self._block) > FIELD_BYTES_MAX:
                raise ClientException("A field of the form is too long.")
            if len(self._block) >= _BLOCK_BYTES:
                await self._flush()

    @property
    def _is_file(self) -> bool:
        return self._segment is not None and bool(self._segment.filename)

    async def _begin(self, segment: MultipartSegment) -> None:
        self.demand_ours()
        if segment.name != FILE or self.incoming is not None:
            raise ClientException("One file at a time.")
        if segment.filename:
            incoming = Incoming(self._site.data, segment.filename, self._bytes_max)
            await to_thread.run_sync(incoming.open)
            self.incoming = incoming

    async def _end(self) -> None:
        assert self._segment is not None
        if self._is_file and self.incoming is not None:
            await self._flush()
            self.sha256 = await to_thread.run_sync(self.incoming.finish)
        elif self._segment.filename is None:
            self.fields[self._segment.name or ""] = self._block.decode("utf-8", "replace").strip()
        self._block = bytearray()

    async def _flush(self) -> None:
        assert self.incoming is not None
        block, self._block = bytes(self._block), bytearray()
        await to_thread.run_sync(self.incoming.write, block)

    def drop(self) -> None:
        """Take back what was written."""
        if self.incoming is not None:
            self.incoming.drop()

    def demand_ours(self) -> None:
        """The token of the form (or of the header that scripts send) and that of the cookie are one, and it is ours."""
        demand_ours(self._request, "desk", self._site, self.fields.get(TOKEN, ""))
