"""Facts as bytes: one text for one set of facts, so that what is signed is never in doubt."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec

from tocsin.proof.facts import Facts

FACTS_BYTES_MAX = 16_384

_DECODER = msgspec.json.Decoder(Facts)


def canonical(facts: Facts) -> bytes:
    """JSON by RFC 8785: keys sorted, no white space, UTF-8, moments as RFC 3339 with `Z`.

    Raises ValueError when a moment has no zone or is no whole second, or when the bytes pass FACTS_BYTES_MAX.
    """
    return _bounded(canonical_json(msgspec.to_builtins(facts, builtin_types=(datetime,))))


def canonical_json(value: object) -> bytes:
    """Any JSON value whose keys are ASCII and whose numbers are whole, with aware datetimes as moments."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_moment)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text holds half of a surrogate pair") from error


def read_facts(raw: bytes) -> Facts:
    """The facts of their canonical bytes. Raises ValueError for anything that is not exactly canonical."""
    try:
        facts = _DECODER.decode(_bounded(raw))
    except msgspec.DecodeError as error:
        raise ValueError(f"the facts cannot be read: {error}") from error
    if canonical(facts) != raw:
        raise ValueError("the facts are not in canonical form")
    return facts


def _bounded(raw: bytes) -> bytes:
    if len(raw) > FACTS_BYTES_MAX:
        raise ValueError(f"the facts are longer than {FACTS_BYTES_MAX} bytes")
    return raw


def _moment(value: object) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None or value.microsecond:
        raise ValueError(f"not a whole second with a zone: {value!r}")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.year > 999 else _early(value)


def _early(value: datetime) -> str:
    raise ValueError(f"a moment before the year 1000: {value!r}")
