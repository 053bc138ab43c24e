"""Findings by the reader's own public address at a moment: is that the address and the time which the mail states?

An address that agrees was seen by somebody; every site and every mail server that the reader uses has seen it too. One
that differs may be the provider's mistake, another line or the other protocol (IPv4, IPv6). So a difference speaks
against a notice only when everything is stated in full: one address, one moment with its zone, the reader's moment the
same one. Beside a proof it speaks against the notice's facts, which its issuer must be asked about, not against who
wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.received import as_address, is_inside
from tocsin.mailcheck.setup import OwnAddress
from tocsin.mailcheck.specific import is_notice
from tocsin.mailcheck.spoken import Spoken
from tocsin.mailcheck.stated import Stated, stated_moments
from tocsin.terms.addresses import format_address, parse_address
from tocsin.terms.moments import format_moment

_READ_CHARACTERS_MAX = 20_000
_AGREES = timedelta(minutes=10)
_SAME_MOMENT = timedelta(minutes=1)  # people type a clock without its seconds
_V4 = 0xFFFF
_LINE_BITS, _NEAR_BITS = 64, 48  # of IPv6: what one home has at least, and what one may have at most


class Told(msgspec.Struct, frozen=True):
    """What a mail states: addresses with their moments. `is_whole`: one of each, so that nothing can be mixed up."""

    addresses: dict[UUID, str]
    moments: tuple[Stated, ...]
    is_whole: bool


def look(seen: Inspection) -> Iterator[Finding]:
    own = seen.setup.own
    if own is None or not (seen.proof is not None or is_notice(seen)):
        return
    mine = parse_address(own.address)
    told = _proved(seen, mine) if seen.is_proved else _written(seen, mine)
    values = {"own": own.address, "at": format_moment(own.at)}
    if not told.addresses:
        yield found("own-address-untold", **values)
        return
    same = next((text for address, text in told.addresses.items() if _is_line(address, mine, _LINE_BITS)), None)
    if same is None:
        yield _differs(seen, own, mine, told, values)
        return
    then = next((stated for stated in told.moments if stated.may_be(own.at, _AGREES)), None)
    if then is not None:
        yield found("own-address-then", f"{same} {then.text}", address=same, **values)
    else:
        yield found("own-address-only", same, address=same, **values)


def _differs(seen: Inspection, own: OwnAddress, mine: UUID, told: Told, values: dict[str, str]) -> Finding:
    address, text = next(iter(told.addresses.items()))
    values = {"address": text, **values}
    if not told.is_whole or _is_v4(address) != _is_v4(mine) or _is_line(address, mine, _NEAR_BITS):
        return found("own-address-differs", text, **values)
    moment = told.moments[0]
    if not moment.has_zone or moment.or_at is not None or not moment.may_be(own.at, _SAME_MOMENT):
        return found("own-address-differs", text, **values)
    return found("own-address-proved-other" if seen.is_proved else "own-address-other", text, **values)


def _proved(seen: Inspection, mine: UUID) -> Told:
    """By the proof, whose facts leave nothing to be guessed; of several troubles, those of the reader's address."""
    facts = seen.proof.facts if seen.proof is not None else None
    troubles = facts.troubles if facts else ()
    by_address = {parsed: trouble for trouble in troubles if (parsed := _parsed(trouble.address)) is not None}
    own = [trouble for parsed, trouble in by_address.items() if _is_line(parsed, mine, _LINE_BITS)]
    moments = tuple(
        Stated(at, format_moment(at), has_zone=True)
        for trouble in own or by_address.values()
        for at in dict.fromkeys((trouble.seen_at, trouble.first_at))
    )
    return Told({parsed: one.address for parsed, one in by_address.items()}, moments, len(troubles) == 1)


def _written(seen: Inspection, mine: UUID) -> Told:
    text = f"{seen.wording.subject} . {seen.wording.body[:_READ_CHARACTERS_MAX]}"
    addresses = {address: shown for address, shown in Spoken("", text).addresses.items() if _is_public(shown)}
    moments = tuple(stated_moments(text))
    return Told(addresses, moments, len(addresses) == 1 and len(moments) == 1)


def _parsed(text: str) -> UUID | None:
    try:
        return parse_address(text)
    except ValueError:
        return None


def _is_public(text: str) -> bool:
    found_address = as_address(text)
    return found_address is not None and not is_inside(found_address) and not found_address.is_multicast


def _is_v4(address: UUID) -> bool:
    return address.int >> 32 == _V4


def _is_line(one: UUID, other: UUID, bits: int) -> bool:
    """Whether both are one address, or of IPv6 in one network of so many bits."""
    if _is_v4(one) or _is_v4(other):
        return one == other
    return one.int >> (128 - bits) == other.int >> (128 - bits)


def own_address(text: str) -> str:
    """The address in its one form. ValueError says what is wrong with it as a public address."""
    plain = format_address(parse_address(text.strip()))
    if not _is_public(plain):
        raise ValueError(f"{plain} is an address within a network; the public one is what sites see of you")
    return plain
