"""The facts of a notice, as they are frozen when it is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.proof.alphabet import encode_base32
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Trouble
from tocsin.terms.identity import digest

MALWARE_MAX = 100  # characters; eight troubles of the longest texts stay below what facts may have in bytes
_SHOWN = 4
_NOTICE_CHARACTERS = 16  # 80 bits


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes. `secret` makes the codes; language and zone are for whoever has none that can be used."""

    domain: str
    name: str
    secret: bytes
    language: str = "en"
    zone: str = "UTC"
    languages: tuple[str, ...] = ("en", "de", "hi", "ja")  # those that there are letters in

    def __repr__(self) -> str:
        return f"Sender({self.domain})"


def notice_ref(sender: Sender, subscriber: str, basis: Iterable[tuple[str, str, int]], *, turn: str = "") -> str:
    """`N-` and 16 characters: the same for the same issuer, subscriber, basis and turn.

    The basis is what each case tells: (case, the sighting that it rests on, how many are counted). `turn` tells a
    reminder, or another channel's notice, from the one before.
    """
    parts = sorted(f"{case} {sighting} {count}" for case, sighting, count in basis)
    parts += [turn] if turn else []
    hashed = bytes.fromhex(digest("notice", sender.domain, subscriber, *parts))
    return f"N-{encode_base32(hashed, _NOTICE_CHARACTERS).upper()}"


def code_hash(sender: Sender, notice: str) -> str:
    """All that is kept of the notice's code."""
    return code_digest(make_code(sender.secret, notice))


def trouble(last: CaseDay, days: Sequence[CaseDay], titles: Mapping[str, str]) -> Trouble:
    """A case as the letter states it: `last` has the sighting that it rests on, `days` are what is counted."""
    return Trouble(
        kind=last.kind,
        role=last.role,
        address=last.address,
        seen_at=last.last_at.replace(microsecond=0),
        source=titles.get(last.source, last.source),
        count=sum(day.sightings for day in days),
        first_at=min(day.first_at for day in days).replace(microsecond=0),
        malware=last.malware[:MALWARE_MAX] or None,
        port=last.port,
        protocol=last.protocol,
        peer_address=last.peer_address,
        peer_port=last.peer_port,
        source_ref=last.source_ref or None,
    )


def masked(line: str) -> str:
    """The line's last four characters; never more than half of it."""
    bare = line.strip()
    shown = bare[-min(_SHOWN, len(bare) // 2) :] if len(bare) > 1 else ""
    return f"···· {shown}".strip()


@lru_cache(maxsize=1024)
def told_zone(wanted: str, otherwise: str) -> str:
    """The zone in which the letter states its times: what the contract names, if there is such a zone."""
    try:
        return ZoneInfo(wanted).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise
