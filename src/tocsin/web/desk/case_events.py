"""Word that something has changed, as it changes (server-sent events): a page works without, and is fresher with it.

The book's change counter is asked at most once a second for all who listen in this process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from anyio import to_thread
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from tocsin.book import changes
from tocsin.web.people.guards import needs
from tocsin.web.shared.site import Site

LISTENERS_MAX = 100  # in this process
_ASKED_EVERY_S = 1.0
_ALIVE_EVERY_S = 15.0  # a line that says nothing, so that a proxy keeps the connection
_LASTS_S = 15 * 60.0  # then the browser comes again, and shows again who it is
_AGAIN_AFTER_MS = 3_000


class Watch:
    """One reading of the counter for all who ask within a second; and how many listen."""

    def __init__(self) -> None:
        self.listeners = 0
        self._number = 0
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def number(self, site: Site) -> int:
        async with self._reading:
            if time.monotonic() - self._read_at >= _ASKED_EVERY_S:
                self._number = await to_thread.run_sync(_ticked, site)
                self._read_at = time.monotonic()
        return self._number


def _ticked(site: Site) -> int:
    with site.book.read() as tx:
        return changes.ticked(tx)


def _watch(request: Request[Any, Any, Any]) -> Watch:
    state = request.app.state
    if "cases_watch" not in state:
        state["cases_watch"] = Watch()
    watch: Watch = state["cases_watch"]
    return watch


@get("/cases/events", guards=[needs("viewer")])
async def case_events(request: Request[Any, Any, Any], site: NamedDependency[Site]) -> ServerSentEvent:
    """`changed`, with the counter, whenever a case, a notice or a note has changed."""
    watch = _watch(request)
    if watch.listeners >= LISTENERS_MAX:
        raise HTTPException(status_code=503, detail="Too many are listening; the page works without.")
    known = request.query_params.get("since", "")
    return ServerSentEvent(
        _words(site, watch, int(known) if known.isascii() and known.isdigit() and len(known) < 19 else -1),
        retry_duration=_AGAIN_AFTER_MS,
        headers={"X-Accel-Buffering": "no"},
    )


async def _words(site: Site, watch: Watch, known: int) -> AsyncIterator[ServerSentEventMessage]:
    watch.listeners += 1
    begun_at = said_at = time.monotonic()
    try:
        if known < 0:
            known = await watch.number(site)
        yield ServerSentEventMessage(comment="listening")
        while time.monotonic() - begun_at < _LASTS_S:
            number = await watch.number(site)
            if number != known:
                known, said_at = number, time.monotonic()
                yield ServerSentEventMessage(event="changed", data=str(number))
            elif time.monotonic() - said_at > _ALIVE_EVERY_S:
                said_at = time.monotonic()
                yield ServerSentEventMessage(comment="still here")
            await asyncio.sleep(_ASKED_EVERY_S)
    finally:
        watch.listeners -= 1


CASE_EVENT_ROUTES: list[Any] = [case_events]
