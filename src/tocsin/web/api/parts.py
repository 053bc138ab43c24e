"""The parts of a request that several routes take: each described once, and read strictly."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import HeaderParameter, QueryParameter

from tocsin.pipeline.reach import Reach, span_of
from tocsin.terms.addresses import parse_address, parse_network
from tocsin.terms.moments import parse_moment
from tocsin.web.api.cursors import CURSOR_CHARS_MAX
from tocsin.web.api.once import IDEMPOTENCY_PATTERN
from tocsin.web.api.problems import bad

ROWS_MAX = 1_000
ROWS = 100
_WORD_MAX = 200

_LIMIT_SAYS = f"At most so many rows; a page may be shorter. {ROWS} without it."
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=ROWS_MAX, description=_LIMIT_SAYS)]
OptLimit = Annotated[int, QueryParameter(name="opt.limit", ge=1, le=ROWS_MAX, description=_LIMIT_SAYS)]
Cursor = Annotated[
    str | None,
    QueryParameter(
        name="cursor",
        max_length=CURSOR_CHARS_MAX,
        description="`next` of the page before, with the same parameters. It opens for this key and question alone.",
    ),
]
Idempotency = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        pattern=IDEMPOTENCY_PATTERN,
        description="A name for this request, chosen by you. Sent again within a day, it is answered as before.",
    ),
]
Why = Annotated[
    str,
    QueryParameter(name="reason", min_length=3, max_length=250, description="Why you look. It goes into the audit."),
]
Word = Annotated[str | None, QueryParameter(min_length=1, max_length=_WORD_MAX)]


def moment(name: str, text: str | None) -> datetime | None:
    """RFC 3339 with its offset; 400 for anything else."""
    if text is None:
        return None
    try:
        return parse_moment(text.replace(" ", "+"))  # a `+` that was not escaped
    except (ValueError, OverflowError) as error:
        raise bad(name, "not a moment: write it as 2026-11-24T03:16:38Z") from error


def address(name: str, text: str) -> UUID:
    """400 for what is none."""
    try:
        return parse_address(text)
    except ValueError as error:
        raise bad(name, "not an IP address") from error


def prefix(name: str, text: str) -> Reach:
    """What a prefix spans; 400 for what is none."""
    try:
        return Reach((span_of(*parse_network(text)),))
    except ValueError as error:
        raise bad(name, "not a prefix: write it as 192.0.2.0/24") from error
