"""The facts of a notice: what is signed, what the letter must say, what the checker compares."""

from __future__ import annotations

from datetime import datetime

import msgspec

TROUBLES_TOLD_MAX = 8  # more make no better letter; the rest is told on the telephone


class Trouble(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of trouble seen from the subscriber's line, as the letter states it."""

    kind: str  # RSIT type
    role: str  # infected | attacker | exposed: each has its own letter
    address: str  # the public address, as text
    seen_at: datetime  # the sighting that the notice rests on: the latest one
    source: str  # who saw it, by the name that people know
    count: int  # sightings of this trouble since first_at
    first_at: datetime
    malware: str | None = None
    port: int | None = None  # the line's own port; absent when the source gave none
    protocol: str | None = None
    peer_address: str | None = None
    peer_port: int | None = None
    source_ref: str | None = None  # the source's own reference number, passed on unchanged


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a notice states. Frozen when the decision is taken; moments are whole seconds, UTC."""

    notice: str  # the notice's reference, `N-` and 16 characters; also in the case and the Message-ID
    issuer: str  # the issuer's domain
    issuer_name: str
    recipient: str  # mail address of the contract holder
    name: str  # the contract holder's name
    line: str  # the line, masked to its last 4: `···· 4711`
    language: str  # of the letter: en | de | hi | ja
    zone: str  # IANA zone name in which the letter states its times
    troubles: tuple[Trouble, ...]
    issued_at: datetime
    expires_at: datetime
    code_sha256: str  # hex; the code itself stands only in the letter
