"""Which device is a notice about? From what each did around that moment to a share of belief. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from tocsin.traffic.judge import Host

MARGIN_S = 120  # a router's clock, and the sensor's that saw it
_CERTAIN = 0.97  # nobody is ever quite sure: an address can be borrowed
_OF_PORT = 0.85  # most routers keep a client's port when they translate; some do not
_EVER = 0.4  # it has spoken to that address, at another time
_BY_NATURE = {"infected": 0.6, "suspicious": 0.3}
_AT_OTHER_TIMES = 0.5  # of the above, for what did not show in that hour
_ROUTER_LEFT = 0.5  # the logs cover the moment, and nothing behind the router did it


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice says: when, to whom, from which of the line's ports. `words` are what it calls the trouble."""

    at: datetime
    peer: str | None = None
    peer_port: int | None = None
    port: int | None = None
    malware: str = ""
    margin_s: int = MARGIN_S


class Spoke(msgspec.Struct, frozen=True):
    """Flows of one device: to the peer then, to the peer ever, from the port then, in all then."""

    peer_then: int = 0
    peer_ever: int = 0
    port_then: int = 0
    flows_then: int = 0


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """`shares` by device, 0 to 1, only of those that may be meant; `is_covered`: the logs were running then."""

    shares: Mapping[UUID, float]
    reasons: Mapping[UUID, str]
    is_covered: bool
    router: UUID | None = None  # likely itself, by elimination


def match(
    question: Question,
    hosts: Mapping[UUID, Host],
    spoke: Mapping[UUID, Spoke],
    routers: Sequence[UUID],
    covered: tuple[datetime, datetime] | None,
) -> Matched:
    """The shares add up to at most 1. A direct sign (that peer or port at that second) leaves all others aside."""
    is_covered = covered is not None and covered[0] <= question.at <= covered[1]
    beliefs: dict[UUID, float] = {}
    reasons: dict[UUID, str] = {}
    for device in hosts:
        beliefs[device], reasons[device] = _belief(question, hosts[device], spoke.get(device, Spoke()))
    direct = [device for device in hosts if beliefs[device] >= _OF_PORT]
    kept = {device: beliefs[device] for device in (direct or hosts) if beliefs[device] > 0}
    total = sum(kept.values())
    shares = {device: round(value / total if total > 1 else value, 2) for device, value in kept.items()}
    router = None
    asked = question.peer is not None or question.port is not None
    if not direct and is_covered and asked and routers:
        router = routers[0]
        left = max(_ROUTER_LEFT - sum(shares.values()) / 2, 0.1)
        shares[router] = round(max(shares.get(router, 0.0), left), 2)
        reasons[router] = (
            "nothing behind the router made that connection while its logs were running: the router itself may have"
        )
    return Matched(shares=shares, reasons=reasons, is_covered=is_covered, router=router)


def _belief(question: Question, host: Host, spoke: Spoke) -> tuple[float, str]:
    if question.peer is not None and spoke.peer_then:
        return _CERTAIN, f"it spoke to {question.peer} at that moment"
    if question.port is not None and spoke.port_then:
        return _OF_PORT, f"it used port {question.port} at that moment"
    if question.peer is not None and spoke.peer_ever:
        return _EVER, f"it speaks to {question.peer}, though not at that moment"
    value = _BY_NATURE.get(host.verdict, 0.0)
    if not value:
        return 0.0, ""
    hour = question.at.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    near = any(
        abs(shown - hour) <= timedelta(hours=1) for finding in host.behaviours for shown in _naive(finding.hours)
    )
    told = "it behaves as a bot does" if host.verdict == "infected" else "it behaves oddly"
    return (value, f"{told}, in that hour too") if near else (value * _AT_OTHER_TIMES, f"{told}, at other hours")


def _naive(hours: Sequence[datetime]) -> list[datetime]:
    return [hour.replace(tzinfo=None) for hour in hours]
