"""The devices of a household, each with what it is, how it behaves, and whether a notice is about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from netaddr import EUI
from netaddr.core import AddrFormatError, NotRegisteredError

from tocsin.engine import Engine, read_sql, table_of
from tocsin.home.advice import advise
from tocsin.home.clues import UNKNOWN, Signs, all_names, guess, installed
from tocsin.home.match import Matched, Question, Spoke, match
from tocsin.terms.addresses import format_address, parse_address
from tocsin.traffic.judge import Host, Judgement

_MADE_UP = 0b10  # IEEE 802, second lowest bit of the first byte: given by the device, not by a maker
_WORDS_MAX = 50
_NEVER = datetime.fromtimestamp(0, UTC)


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is a guess, `sure` of it 0 to 1; `match` is the share of belief that the notice is about this device."""

    device: str  # its name, else its network card, else its address
    addresses: tuple[str, ...]
    mac: str = ""
    name: str = ""
    maker: str = ""
    kind: str
    sure: float
    is_guest: bool
    installed: str
    host: Host
    match: float | None = None
    reason: str = ""
    advice: tuple[str, ...] = ()


class Household(msgspec.Struct, frozen=True, kw_only=True):
    """The devices: those the notice is likely about first, then by verdict. `covers` is what the logs span."""

    devices: tuple[Device, ...]
    covers: tuple[datetime, datetime] | None
    matched: Matched | None = None


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    device: UUID
    addresses: tuple[str, ...]
    mac: str
    name: str
    maker: str
    kind: str
    sure: float
    is_guest: bool
    installed: str


def look(engine: Engine, judgement: Judgement, question: Question | None = None) -> Household:
    """`judge` has been asked on this engine just before. Nothing but the clues' own names leaves the look-ups."""
    engine.add("handed_in", table_of((("name", "VARCHAR"),), [list(all_names())]))
    engine.run("CREATE OR REPLACE TEMP TABLE known_names AS SELECT name FROM handed_in")
    engine.drop("handed_in")
    hosts = {parse_address(host.host): host for host in judgement.hosts}
    covers = _covers(engine)
    known = [_known(row) for row in engine.rows(read_sql(__package__, "devices"))]
    known = [each for each in known if each.mac or each.kind == "router" or each.device in hosts]
    hosts = {each.device: hosts.get(each.device) or _silent(each.device, covers) for each in known}
    known = [each for each in known if each.mac or each.kind == "router" or hosts[each.device].opened]
    matched = None
    if question is not None:
        routers = [each.device for each in known if each.kind == "router"]
        matched = match(question, hosts, _spoke(engine, question), routers, covers)
    devices = [_device(each, hosts[each.device], matched) for each in known]
    return Household(devices=tuple(sorted(devices, key=_order)), covers=covers, matched=matched)


def _silent(device: UUID, covers: tuple[datetime, datetime] | None) -> Host:
    """A device that is known to be there, and of which nothing was seen."""
    first, last = covers or (_NEVER, _NEVER)
    return Host(
        host=format_address(device),
        addresses=(format_address(device),),
        verdict="unseen",
        score=0.0,
        first_at=first,
        last_at=last,
        opened=0,
        behaviours=(),
        windows=(),
    )


_RANK = {"infected": 0, "suspicious": 1, "clean": 2, "unseen": 3}


def _order(device: Device) -> tuple[float, int, float, str]:
    return (-(device.match or 0.0), _RANK[device.host.verdict], -device.host.score, device.device)


def _device(known: _Known, host: Host, matched: Matched | None) -> Device:
    share = None if matched is None else matched.shares.get(known.device, 0.0)
    is_meant = bool(share)
    return Device(
        device=known.name or known.mac or known.addresses[0],
        addresses=known.addresses,
        mac=known.mac,
        name=known.name,
        maker=known.maker,
        kind=known.kind,
        sure=known.sure,
        is_guest=known.is_guest,
        installed=known.installed,
        host=host,
        match=share,
        reason=matched.reasons.get(known.device, "") if matched is not None and is_meant else "",
        advice=advise(known.kind, host.verdict, matched=is_meant, installed=known.installed, is_guest=known.is_guest),
    )


def _known(row: Sequence[object]) -> _Known:
    device, addresses, macs, name, said, asked, serves = row
    assert isinstance(device, UUID)
    mac = next(iter(_texts(macs)), "")
    maker = _maker(mac)
    signs = Signs(
        said=tuple(_texts(said)[:_WORDS_MAX]),
        asked=frozenset(_texts(asked)),
        maker=maker.lower(),
        serves_names=bool(serves),
    )
    kind = guess(signs)
    return _Known(
        device=device,
        addresses=tuple(format_address(each) for each in addresses),  # type: ignore[attr-defined]
        mac=mac,
        name=str(name or ""),
        maker=maker or kind.maker,
        kind=kind.kind,
        sure=kind.sure,
        is_guest=kind.kind == UNKNOWN and not name and _is_made_up(mac),
        installed=installed(signs.asked),
    )


def _texts(values: object) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list | tuple) else []


def _maker(mac: str) -> str:
    """By the IEEE's register; '' for a made-up address and for one that nobody registered."""
    if not mac or _is_made_up(mac):
        return ""
    try:
        return str(EUI(mac).oui.registration().org)[:100]
    except (AddrFormatError, NotRegisteredError, ValueError):
        return ""


def _is_made_up(mac: str) -> bool:
    """Phones and laptops give themselves another address for each network."""
    try:
        return bool(int(mac[:2], 16) & _MADE_UP)
    except ValueError:
        return False


def _covers(engine: Engine) -> tuple[datetime, datetime] | None:
    rows = engine.rows(
        'SELECT min("at") AS first_at, max("at") AS last_at'
        ' FROM (SELECT "at" FROM flows UNION ALL SELECT "at" FROM lookups)'
    )
    ((first, last),) = rows
    return (_aware(first), _aware(last)) if isinstance(first, datetime) and isinstance(last, datetime) else None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _spoke(engine: Engine, question: Question) -> Mapping[UUID, Spoke]:
    margin = timedelta(seconds=question.margin_s)
    rows = engine.rows(
        read_sql(__package__, "contact"),
        peer=str(parse_address(question.peer)) if question.peer else None,
        peer_port=question.peer_port,
        port=question.port,
        starts=_plain(question.at - margin),
        ends=_plain(question.at + margin),
    )
    return {row[0]: Spoke(*(int(str(value)) for value in row[1:])) for row in rows if isinstance(row[0], UUID)}


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
