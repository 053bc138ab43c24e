"""Who held this address and port at this time? The look is in the audit before the answer is given."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tocsin.pipeline.ask import Ask, Told, ask
from tocsin.terms.roles import Outcome
from tocsin.web.api import parts
from tocsin.web.api.keys import actor_of, key_of, needs, reach
from tocsin.web.api.problems import bad, nothing
from tocsin.web.shared.site import Site


class RestsOn(msgspec.Struct, frozen=True, kw_only=True):
    """A binding that the answer rests on."""

    kind: str
    log: str
    network: str
    starts_at: datetime | None
    ends_at: datetime | None
    port_first: int | None
    port_last: int | None


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. Subscriber and account only where the outcome is `subscriber`: nobody is hinted at."""

    address: str
    at: datetime
    port: int | None
    outcome: Outcome
    reason: str
    sentence: str
    margin_s: int
    subscriber: str | None
    account: str | None
    sharers: int | None
    bindings: tuple[RestsOn, ...]
    cases: tuple[str, ...]


@get("/attribution", guards=[needs("attribution:read")], sync_to_thread=True)
def attribution(
    request: Request[Any, Any, Any],
    site: NamedDependency[Site],
    address: Annotated[str, QueryParameter(max_length=45, description="IPv4 or IPv6.")],
    at: Annotated[str, QueryParameter(max_length=40, format="date-time", description="RFC 3339, with its offset.")],
    reason: parts.Why,
    port: Annotated[int | None, QueryParameter(ge=1, le=65_535, description="The client's port.")] = None,
    protocol: Annotated[Literal["tcp", "udp"] | None, QueryParameter()] = None,
) -> Attribution:
    """Who held an address (and port) at a moment.

    Addresses change hands: without a time there is no answer. Every look stands in the audit, with your reason. A key
    of a constituent gets 404 for any address that is not its own, whether it is one of ours or not.
    """
    asked_at = parts.moment("at", at)
    assert asked_at is not None
    if asked_at > site.clock():
        raise bad("at", "that is still to come")
    this = parts.address("address", address)
    own = reach(request, site)
    if not own.holds(this):
        raise nothing()
    asked = Ask(
        address=this,
        at=asked_at,
        actor=actor_of(key_of(request)),
        reason=reason,
        port=port,
        protocol=protocol,
    )
    with site.house() as house:
        told = ask(house, asked)
    return _said(address, asked, told, with_cases=own.is_all)


def _said(address: str, asked: Ask, told: Told, *, with_cases: bool) -> Attribution:
    is_named = told.answer.outcome is Outcome.SUBSCRIBER
    return Attribution(
        address=address,
        at=asked.at,
        port=asked.port,
        outcome=told.answer.outcome,
        reason=told.answer.reason,
        sentence=told.answer.sentence,
        margin_s=told.answer.margin_s,
        subscriber=told.answer.subscriber if is_named else None,
        account=told.account if is_named else None,
        sharers=told.answer.sharers,
        bindings=tuple(
            RestsOn(
                kind=each.kind,
                log=each.log,
                network=each.network,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                port_first=each.port_first,
                port_last=each.port_last,
            )
            for each in told.bindings
        ),
        # A subscriber's other lines may be in networks that a constituent does not own.
        cases=tuple(case.case for case in told.cases) if with_cases else (),
    )


ROUTES: list[Any] = [attribution]
