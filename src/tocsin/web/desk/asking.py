"""Who held this address and port at this time? The look is in the audit before the answer is given."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.pipeline.ask import Ask, Told, ask
from tocsin.terms.addresses import parse_address
from tocsin.terms.moments import parse_moment
from tocsin.web.desk import spans
from tocsin.web.desk.zones import ZONES, local_moment
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.shared.forms import Filled, read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
_TEXT_MAX = 300
OUTCOMES = {  # how each is marked, and what it means in a few words
    "subscriber": ("good", "One subscriber held it"),
    "pending": ("open", "It cannot be told yet"),
    "shared": ("open", "Many share it: it cannot be told"),
    "ambiguous": ("open", "More than one could be meant: nobody is named"),
    "no-binding": ("open", "Nobody is known to have held it"),
    "log-gap": ("bad", "The logs do not reach: it cannot be told"),
    "not-ours": ("", "It is not an address of yours"),
}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it is typed; `parsed` makes the question of it."""

    address: str
    at: str
    reason: str
    port: int | None = None
    protocol: Literal["tcp", "udp"] | None = None
    zone: str = "UTC"


class Parsed(msgspec.Struct, frozen=True):
    """What is meant, or each field's trouble."""

    address: UUID | None
    at: datetime | None
    errors: dict[str, str]


def parse(form: Question, now: datetime) -> Parsed:
    errors: dict[str, str] = {}
    address, at = None, None
    try:
        address = parse_address(form.address.strip())
    except ValueError:
        errors["address"] = "Not an IP address. Write it as 192.0.2.44 or 2001:db8::1."
    try:
        at = moment_of(form.at, form.zone)
    except ValueError as error:
        errors["at"] = str(error)
    if at is not None and at > now:
        errors["at"] = "That is still to come."
    if form.port is not None and not 1 <= form.port <= 65_535:
        errors["port"] = "A port is a number from 1 to 65535."
    if len(form.reason) > _TEXT_MAX:
        errors["reason"] = f"At most {_TEXT_MAX} characters."
    return Parsed(address, at, errors)


def moment_of(text: str, zone: str) -> datetime:
    """RFC 3339 with its own offset, or a local time in that zone. ValueError says what is wrong."""
    try:
        return parse_moment(text)
    except ValueError:
        return local_moment(text, zone)


@get("/ask", guards=[needs("agent")], sync_to_thread=False)
def ask_form(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The empty form; what stands in the address (?address=…&port=…&at=…) is filled in, and nothing is looked up."""
    values = {name: value[:_TEXT_MAX] for name, value in request.query_params.items()}
    values.setdefault("zone", site.zone)
    return _page(request, site, Filled(values, None, {}))


@post("/ask", guards=[needs("agent")], status_code=200)
async def answer(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The answer, with what it rests on."""
    filled = await read_form(request, Question)
    if filled.form is None:
        return _page(request, site, _plain(filled), status=400)
    parsed = parse(filled.form, site.clock())
    if parsed.errors or parsed.address is None or parsed.at is None:
        return _page(request, site, Filled(filled.values, None, parsed.errors), status=400)
    asked = Ask(
        address=parsed.address,
        at=parsed.at,
        actor=signed_in(request).name,
        reason=filled.form.reason,
        port=filled.form.port,
        protocol=filled.form.protocol,
    )
    told = await to_thread.run_sync(_ask, site, asked)
    return _page(request, site, filled, told=told, asked=asked)


def _ask(site: Site, asked: Ask) -> Told:
    with site.house() as house:
        return ask(house, asked)


_MISSING = {
    "address": "Which address?",
    "at": "At what time? Addresses change hands; without a time there is no answer.",
    "reason": "Why do you look? It goes into the audit.",
    "port": "A port is a number from 1 to 65535.",
    "protocol": "TCP, UDP, or leave it open.",
}


def _plain(filled: Filled[Question]) -> Filled[Question]:
    return Filled(filled.values, None, {name: _MISSING.get(name, said) for name, said in filled.errors.items()})


def _page(
    request: AnyRequest,
    site: Site,
    filled: Filled[Question],
    *,
    status: int = 200,
    told: Told | None = None,
    asked: Ask | None = None,
) -> Response[bytes]:
    zone = filled.value("zone") if filled.value("zone") in ZONES else site.zone
    mark, headline = OUTCOMES[told.answer.outcome] if told else ("", "")
    return page(
        request,
        "desk/ask.html.j2",
        status=status,
        filled=filled,
        zone=zone,
        zones=ZONES,
        told=told,
        asked=asked,
        mark=mark,
        headline=headline,
        exact=spans.exact,
    )


ROUTES: list[Any] = [ask_form, answer]
