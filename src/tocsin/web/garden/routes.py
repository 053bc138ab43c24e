"""`/`: why the line is in the garden and how it gets out. `/captive`: the same for devices (RFC 8908)."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from tocsin.garden import queue
from tocsin.garden.queue import Wish
from tocsin.garden.roster import Inside, read_roster
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.sentences import TOLD_BY_ROLE_AND_KIND
from tocsin.remedies.catalogue import find
from tocsin.remedies.steps import brief_steps, shared_useless
from tocsin.web.garden.place import GardenPlace
from tocsin.web.shared.clients import client_key, client_of
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.limits import Limit, Limiter, demand
from tocsin.web.shared.pages import page
from tocsin.web.shared.words import language_of

AnyRequest = Request[Any, Any, Any]
_LIMIT = Limit(burst=10, per_s=0.1)  # of one line
_MALWARE_SHOWN = 80


class Captive(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """RFC 8908 §5."""

    captive: bool
    user_portal_url: str = ""
    seconds_remaining: int | msgspec.UnsetType = msgspec.UNSET


class OutForm(msgspec.Struct, frozen=True):
    """`done`: they have ticked that they did the steps."""

    done: bool = False


@get("/", sync_to_thread=True)
def garden(request: AnyRequest, place: NamedDependency[GardenPlace]) -> Response[bytes]:
    """The page of whoever comes from a line that is inside; who is not is told so."""
    return _page(request, place, _inside(request, place))


@post("/out", status_code=200)
async def out(request: AnyRequest, place: NamedDependency[GardenPlace]) -> Response[bytes]:
    """Let us out. The wish is on disk before the answer; whoever obeys it needs nothing else."""
    filled = await read_form(request, OutForm)
    inside = _inside(request, place)
    if inside is None or inside.self_left < 1 or queue.is_wished(place.data, inside.quarantine):
        return _page(request, place, inside)
    demand(_limiter(request), client_key(request))
    if filled.form is None or not filled.form.done:
        return _page(request, place, inside, status=422, error=True)
    queue.wish(place.data, Wish(quarantine=inside.quarantine, asked_at=place.clock()))
    return _page(request, place, inside)


@get("/captive", sync_to_thread=True)
def captive(request: AnyRequest, place: NamedDependency[GardenPlace]) -> Response[bytes]:
    """RFC 8908 §4.1: whether whoever asks is enclosed. It is known by where it comes from alone."""
    inside = _inside(request, place)
    url = place.web.url_of("portal") + "/"
    body = msgspec.json.encode(Captive(captive=True, user_portal_url=url) if inside else Captive(captive=False))
    return Response(body, media_type="application/captive+json", headers={"Cache-Control": "private"})


@get("/{missing:path}", sync_to_thread=False)
def elsewhere(missing: FromPath[str]) -> Response[bytes]:
    """Any other page: place.py's gate has led on whoever looked for another site's. Ours there are no more."""
    raise NotFoundException(missing)


def _inside(request: AnyRequest, place: GardenPlace) -> Inside | None:
    roster = read_roster(place.data)
    return roster.at_address(str(client_of(request))) if roster else None


def _page(
    request: AnyRequest, place: GardenPlace, inside: Inside | None, *, status: int = 200, error: bool = False
) -> Response[bytes]:
    if inside is None:
        return page(request, "garden/outside.html.j2")
    if queue.is_wished(place.data, inside.quarantine):
        return page(request, "garden/leaving.html.j2", inside=inside)
    language = language_of(request, place.language)
    threat = find(inside.malware) if inside.malware else None
    return page(
        request,
        "garden/inside.html.j2",
        status=status,
        inside=inside,
        error=error,
        told=catalogue(language).say(TOLD_BY_ROLE_AND_KIND.get((inside.role, inside.kind), inside.role)),
        malware=inside.malware[:_MALWARE_SHOWN],
        steps=brief_steps(inside.role, threat, language),
        useless=shared_useless(inside.role, threat, language),
    )


def _limiter(request: AnyRequest) -> Limiter:
    found = request.app.state.get("garden_limiter")
    if not isinstance(found, Limiter):
        found = request.app.state["garden_limiter"] = Limiter(_LIMIT)
    return found


ROUTES: list[Any] = [garden, out, captive, elsewhere]
