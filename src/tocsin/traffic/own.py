"""Which addresses are ours: only they are judged. What hits them from outside never counts against them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tocsin.engine import Engine, read_sql
from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadRequest

SHARE_MIN = 0.6  # of all flows, that one address must be an end of to be taken for the watched one
GUESSES_MAX = 16


def parse_own(prefixes: Sequence[str]) -> list[tuple[UUID, int]]:
    """Networks out of text. Raises BadRequest."""
    try:
        return [parse_network(prefix) for prefix in prefixes]
    except ValueError as error:
        raise BadRequest(str(error), where="--own", remedy="write it as 192.0.2.0/24 or 2001:db8::/32") from error


def find_own(engine: Engine, own: Sequence[tuple[UUID, int]]) -> str:
    """Make `ends` and of it `own` (address, number) out of flows and look-ups; returns how it was decided.

    `told`: the prefixes that were given. `private`: addresses of private networks, and those that the sensor itself
    calls local (who asks the resolver that wrote a query log is its client). `watched`: neither was there, and nearly
    all flows begin or end at a few addresses. `callers`: nothing tells, so everybody who called is judged.
    """
    told = " OR ".join(f"address BETWEEN '{first}'::UUID AND '{last_of(first, bits)}'::UUID" for first, bits in own)
    engine.run(f"CREATE OR REPLACE TEMP MACRO is_told(address) AS ({told or 'false'})")
    engine.run(f"CREATE OR REPLACE TEMP TABLE ends AS {read_sql(__package__, 'ends')}")
    if own:
        return _make(engine, "is_told(address)", "told")
    if _any(engine, "is_private(address) AND opened + asked > 0") or _any(engine, "is_local"):
        # A router that translates is watched from within: its private hosts are meant, and public ones called local.
        return _make(engine, "is_local OR is_private(address)", "private")
    watched = _watched(engine)
    if watched:
        return _make(engine, " OR ".join(f"address = '{each}'::UUID" for each in watched), "watched")
    return _make(engine, "opened + asked > 0", "callers")


def _make(engine: Engine, condition: str, how: str) -> str:
    engine.run(
        "CREATE OR REPLACE TEMP TABLE own AS SELECT address, row_number() OVER (ORDER BY address)::UINTEGER AS number"
        f" FROM ends WHERE {condition}"
    )
    return how


def _any(engine: Engine, condition: str) -> bool:
    return bool(engine.rows(f"SELECT 1 FROM ends WHERE {condition} LIMIT 1"))


def _watched(engine: Engine) -> list[UUID]:
    ((total,),) = engine.rows("SELECT count(*) FROM flows")
    rows = engine.rows(
        "SELECT address, opened + asked + called_in AS flows FROM ends WHERE opened + asked > 0"
        " ORDER BY flows DESC, address LIMIT $most",
        most=GUESSES_MAX,
    )
    return [
        address
        for address, flows in rows
        if isinstance(address, UUID) and int(str(flows)) >= SHARE_MIN * int(str(total))
    ]


def last_of(first: UUID, bits: int) -> UUID:
    """The last address of the network that begins at `first` with a prefix of `bits` (out of 128)."""
    return UUID(int=first.int | ((1 << (128 - bits)) - 1))
