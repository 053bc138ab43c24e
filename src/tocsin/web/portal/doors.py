"""How fast one may ask: guessing is slowed for whoever guesses and where he guesses; nobody shuts the door for all."""

from __future__ import annotations

import asyncio

from tocsin.web.portal.visiting import AnyRequest
from tocsin.web.shared.clients import client_key
from tocsin.web.shared.limits import Limit, Limiter, slow

_PREFIX_CHARACTERS = 2  # 1,024 places to guess in
_PREFIX_PATIENCE_S = 2.0


class Doors:
    """The buckets of one application. A client's are its own; a place in the codes only ever makes one wait."""

    def __init__(self) -> None:
        self.codes = Limiter(Limit(burst=20, per_s=0.5))
        self.places = Limiter(Limit(burst=30, per_s=2.0))
        self.lines = Limiter(Limit(burst=6, per_s=1 / 20))
        self.mails = Limiter(Limit(burst=4, per_s=1 / 600))
        self.said = Limiter(Limit(burst=6, per_s=1 / 60))


def doors_of(request: AnyRequest) -> Doors:
    doors = request.app.state.get("portal_doors")
    if not isinstance(doors, Doors):
        doors = request.app.state["portal_doors"] = Doors()
    return doors


async def pass_code(request: AnyRequest, code: str) -> None:
    """Wait as long as it takes for this client and for this place among the codes. 429 for the client alone."""
    doors = doors_of(request)
    await slow(doors.codes, client_key(request))
    wait_s = doors.places.take(code[:_PREFIX_CHARACTERS])
    if wait_s:
        await asyncio.sleep(min(wait_s, _PREFIX_PATIENCE_S))


async def pass_by(request: AnyRequest, limiter: Limiter) -> None:
    """The same for what is no code. 429 for the client alone."""
    await slow(limiter, client_key(request))
