"""Which addresses are ours: only they are judged. What hits them from outside never counts against them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tocsin.engine import Engine
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
    """Make the table `own` (address) from `contacts` and `lookups`; returns how it was decided.

    `told`: the prefixes that were given. `private`: addresses of private networks, and those that the sensor itself
    calls local (who asks the resolver that wrote a query log is its client). `watched`: neither was there, and nearly
    all flows begin or end at a few addresses. `callers`: nothing tells, so everybody who called is judged.
    """
    engine.run(
        "CREATE OR REPLACE TEMP TABLE ends AS"
        " SELECT address, bool_or(coalesce(is_local, false)) AS is_local, sum(flows) AS flows,"
        " sum(called_out) AS called_out FROM ("
        " SELECT caller AS address, caller_own AS is_local, flows, flows AS called_out FROM contacts"
        " UNION ALL SELECT called, called_own, flows, 0 FROM contacts"
        " UNION ALL SELECT client, CASE WHEN server IS NULL THEN true END, 1, 1 FROM lookups)"
        " WHERE NOT is_no_host(address) AND NOT is_link_local(address) GROUP BY address"
    )
    if own:
        conditions = " OR ".join(f"network_of(address, {bits}) = '{first}'::UUID" for first, bits in own)
        return _make(engine, conditions, "told")
    if _any(engine, "is_private(address) AND called_out > 0") or _any(engine, "is_local"):
        # A router that translates is watched from within: its private hosts are meant, and public ones called local.
        return _make(engine, "is_local OR is_private(address)", "private")
    watched = _watched(engine)
    if watched:
        return _make(engine, " OR ".join(f"address = '{each}'::UUID" for each in watched), "watched")
    return _make(engine, "called_out > 0", "callers")


def _make(engine: Engine, condition: str, how: str) -> str:
    engine.run(f"CREATE OR REPLACE TEMP TABLE own AS SELECT address FROM ends WHERE {condition}")
    return how


def _any(engine: Engine, condition: str) -> bool:
    return bool(engine.rows(f"SELECT 1 FROM ends WHERE {condition} LIMIT 1"))


def _watched(engine: Engine) -> list[UUID]:
    ((total,),) = engine.rows("SELECT coalesce(sum(flows), 0) FROM contacts")
    rows = engine.rows(
        "SELECT address, flows FROM ends WHERE called_out > 0 ORDER BY flows DESC, address LIMIT $most",
        most=GUESSES_MAX,
    )
    return [
        address
        for address, flows in rows
        if isinstance(address, UUID) and int(str(flows)) >= SHARE_MIN * int(str(total))
    ]
