"""What a record claims, and how what a foreign format has no key for is carried along and believed again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from tocsin.terms.addresses import format_address
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.moments import parse_moment
from tocsin.terms.roles import Role

Claims = dict[str, str]  # term of texts.py to text

# Over what a role is believed that a record states itself: a file cannot talk somebody guilty over bare packets.
PROOF_BY_STATED_ROLE: dict[Role, str] = {Role.INFECTED: "not-bare", Role.ATTACKER: "tcp"}

# A sighting's column: the term that it is stated for.
_TERM_BY_COLUMN = {
    "address": "address",
    "port": "port",
    "protocol": "protocol",
    "peer_address": "peer",
    "peer_port": "peer_port",
    "peer_name": "peer_name",
    "malware": "malware",
    "confidence": "confidence",
    "source_ref": "source_ref",
    "observer": "observer",
}
_ABSENT = ("", "0")
_DAY = timedelta(days=1)


def text_of(value: object) -> str:
    """A JSON value as text; '' is absent."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def state(claims: Claims, stated: Mapping[str, object]) -> None:
    """Let what is stated by a sighting's column stand before what a foreign key says; '' is stated too: absent."""
    for column, term in _TERM_BY_COLUMN.items():
        if column in stated:
            claims[term] = text_of(stated[column]).strip()
    if "seen_at" in stated:
        claims["moment"] = claims["starts"] = text_of(stated["seen_at"])
    if "seen_until" in stated:
        claims["ends"] = text_of(stated["seen_until"])
    kind = text_of(stated.get("kind"))
    if kind in TAXONOMY_BY_KIND:
        claims["kind"], claims["taxonomy"] = kind, TAXONOMY_BY_KIND[kind]
    with suppress(ValueError):
        role = Role(text_of(stated.get("role")))
        claims["role"], claims["proof"] = str(role), PROOF_BY_STATED_ROLE.get(role, "")


def unsaid(row: Mapping[str, object], claims: Claims) -> dict[str, object]:
    """The columns of a sighting that these claims would read back otherwise, with what they must state."""
    left: dict[str, object] = {}
    for column, term in _TERM_BY_COLUMN.items():
        said = claims.get(term, "").strip()
        wanted = _shown(row.get(column))
        if column == "observer" and wanted == row.get("source"):
            wanted = ""
        if (said if said not in _ABSENT else "") != wanted and not _is_equal(column, said, wanted):
            left[column] = wanted
    if claims.get("kind") != row["kind"]:
        left["kind"] = row["kind"]
    if claimed_role(claims | ({"protocol": str(row["protocol"])} if row.get("protocol") else {})) != row["role"]:
        left["role"] = row["role"]
    return left | _unsaid_times(row, claims)


def claimed_role(claims: Claims) -> str:
    """What sighting.sql makes of the claim."""
    protocol, proof = claims.get("protocol", ""), claims.get("proof", "")
    is_tcp = protocol == "tcp"
    doubted = {
        "tcp": not is_tcp,
        "talk": not is_tcp or not claims.get("application", "").strip(),
        "not-bare": bool(protocol) and not is_tcp,
    }
    return str(Role.LEAD) if doubted.get(proof, False) else claims.get("role", str(Role.LEAD))


def moment_text(moment: object, precision_s: object) -> str:
    """`2026-11-24T03:16:38+00:00`, with a fraction where the source gives fractions, be it zero."""
    assert isinstance(moment, datetime)
    exact = precision_s == 0 and not moment.microsecond
    return moment.astimezone(UTC).isoformat(timespec="milliseconds" if exact else "auto")


def span_of(moment: str, starts: str, ends: str) -> tuple[str, str] | None:
    """A start and an end that go with the moment they stand beside; None when they do not, or are none."""
    try:
        told, first, last = parse_moment(moment), parse_moment(starts), parse_moment(ends)
    except ValueError:
        return None
    return (starts, ends) if first <= last and abs(told - first) <= _DAY else None


def _unsaid_times(row: Mapping[str, object], claims: Claims) -> dict[str, object]:
    first, last = (moment_text(row[name], row.get("precision_s")) for name in ("seen_at", "seen_until"))
    starts = claims.get("starts") or claims.get("moment", "")
    ends = claims.get("ends") or max(starts, claims.get("moment", ""))
    left: dict[str, object] = {}
    if not _same_moment(starts, first):
        left["seen_at"] = first
    if left or not _same_moment(ends, last, exactly=False):
        left["seen_until"] = last
    return left


def _same_moment(said: str, wanted: str, *, exactly: bool = True) -> bool:
    try:
        return parse_moment(said) == parse_moment(wanted) and (not exactly or ("." in said) == ("." in wanted))
    except ValueError:
        return False


def _is_equal(column: str, said: str, wanted: str) -> bool:
    if column == "malware":
        return said.lower() == wanted
    with suppress(ValueError):
        return column == "confidence" and bool(said) and bool(wanted) and round(float(said)) == round(float(wanted))
    return False


def _shown(value: object) -> str:
    return format_address(value) if isinstance(value, UUID) else text_of(value)
