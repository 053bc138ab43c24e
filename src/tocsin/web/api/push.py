"""Pushing sightings: the body is evidence, kept byte for byte, read at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from anyio import CapacityLimiter, to_thread
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException, ServiceUnavailableException
from litestar.params import QueryParameter
from litestar.response import Response

from tocsin.pipeline.intake import find_source
from tocsin.pipeline.push import Pushed, read_pushed
from tocsin.pipeline.uploads import Incoming, TooLarge
from tocsin.web.api import parts
from tocsin.web.api.keys import key_of, needs
from tocsin.web.api.once import once
from tocsin.web.api.problems import unusable
from tocsin.web.api.watched import watched
from tocsin.web.shared.site import Site

BODY_BYTES_MAX = 32 * 1_000_000
WAITING_MAX = 50  # bodies that wait for their turn
TYPES = ("application/json", "application/x-ndjson", "application/jsonl", "application/octet-stream")
AnyRequest = Request[Any, Any, Any]


class RejectItem(msgspec.Struct, frozen=True):
    """A record that could not be read: where it stands in the body, and why."""

    line: int | None
    reason: str


class PushAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the body. Every record is a new sighting, a piece of a known one, or a reject.

    `already`: these bytes had been read before; the counts are of that time, and nothing was added. The first 100
    rejects are told.
    """

    sha256: str
    reader: str
    sightings: int
    pieces: int
    rejected: int
    already: bool
    rejects: list[RejectItem]


@post(
    "/sightings",
    guards=[needs("sightings:write")],
    status_code=200,
    request_max_body_size=None,  # bounded here, while it arrives
)
async def push(
    request: AnyRequest,
    site: NamedDependency[Site],
    idempotency: parts.Idempotency,
    source: Annotated[
        str | None,
        QueryParameter(min_length=1, max_length=100, description="As which configured source; needed if several are."),
    ] = None,
    form: Annotated[
        Literal["jsonl", "xarf", "intelmq", "n6"] | None,
        QueryParameter(name="format", description="Recognised without it."),
    ] = None,
) -> Any:
    """Push sightings: Tocsin's own JSON lines (or an array), XARF, IntelMQ events or n6 records.

    The body is kept as it came and read at once. A bad record is a reject with its line and reason; the rest goes on.
    Send thousands in one body: at most 32 MB.
    """
    if request.content_type[0] not in TYPES:
        raise unusable(f"Send it as one of {', '.join(TYPES)}.", 415)
    _demand_source(site, request, source)
    turn = _turn(request)
    incoming, sha256 = await _receive(request, site)

    def do(_: str) -> PushAnswer:
        with site.house() as house:
            done = read_pushed(house, incoming, sha256, source=source, form=form)
        if not done.already:
            watched(request.app).pushed(sightings=done.sightings, pieces=done.pieces, rejects=done.rejected)
        return _said(done)

    def work() -> Response[bytes]:
        try:
            return once(request, site, idempotency, sha256, do)
        finally:
            incoming.remove()

    return await to_thread.run_sync(work, limiter=turn)


def _turn(request: AnyRequest) -> CapacityLimiter:
    """One body is read at a time, and the others wait without a thread: whoever works at the desk has theirs."""
    turn = request.app.state.get("api_turn")
    if not isinstance(turn, CapacityLimiter):
        turn = request.app.state["api_turn"] = CapacityLimiter(1)
    if turn.statistics().tasks_waiting >= WAITING_MAX:
        raise ServiceUnavailableException("Too many pushes at once.", headers={"Retry-After": "10"})
    return turn


def _demand_source(site: Site, request: AnyRequest, source: str | None) -> None:
    name = find_source(site.config, source, None).name
    sources = key_of(request).sources
    if sources and name not in sources:
        raise PermissionDeniedException("This key does not push as that source.")


async def _receive(request: AnyRequest, site: Site) -> tuple[Incoming, str]:
    """The body on disk, bounded while it arrives."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > BODY_BYTES_MAX:
        raise _too_large()
    incoming = Incoming(site.data, "pushed.json", BODY_BYTES_MAX)
    await to_thread.run_sync(incoming.open)
    try:
        async for chunk in request.stream():
            incoming.write(chunk)
        if incoming.bytes == 0:
            raise unusable("The body is empty.", 400)
        return incoming, await to_thread.run_sync(incoming.finish)
    except TooLarge as error:
        await to_thread.run_sync(incoming.drop)
        raise _too_large() from error
    except BaseException:
        await to_thread.run_sync(incoming.drop)
        raise


def _too_large() -> Exception:
    return unusable(f"More than {BODY_BYTES_MAX // 1_000_000} MB: send it in parts.", 413)


def _said(done: Pushed) -> PushAnswer:
    return PushAnswer(
        sha256=done.sha256,
        reader=done.reader,
        sightings=done.sightings,
        pieces=done.pieces,
        rejected=done.rejected,
        already=done.already,
        rejects=[RejectItem(each.line, each.reason) for each in done.rejects],
    )


ROUTES: list[Any] = [push]
