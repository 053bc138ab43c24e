"""From what several tables say to one answer for each prefix that any of them names.

Field by field: of the tables whose word counts most (FORMATS) the longest prefix that says it, else of the others.
Prefixes are nested, so what holds for a prefix holds for every address of which it is the longest prefix of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from tocsin.attribution.networks.formats import FORMATS
from tocsin.attribution.networks.match import Match, lengths_of, masked
from tocsin.engine import Engine

FIELDS = ("origin", "country", "contact")
BUCKET_ROWS = 1_000_000
_NUMBERED = """CREATE OR REPLACE TEMP TABLE flat_contacts AS
    SELECT (row_number() OVER ())::UINTEGER AS number, abuse_contact
    FROM (SELECT DISTINCT abuse_contact FROM {claims} WHERE abuse_contact IS NOT NULL);
CREATE OR REPLACE TEMP TABLE flat_claims AS
    SELECT c.network, c.prefix_bits, c.format, c.said_by, c.origin, c.country, n.number AS contact
    FROM {claims} c LEFT JOIN flat_contacts n ON n.abuse_contact = c.abuse_contact;
CREATE OR REPLACE TEMP TABLE flat_networks AS
    SELECT network, prefix_bits FROM flat_claims GROUP BY network, prefix_bits ORDER BY network;
"""
_STARTS = """SELECT network FROM (SELECT network, row_number() OVER (ORDER BY network) AS place FROM flat_networks)
    WHERE place % $rows = 0"""
_ANSWER = """SELECT n.network, n.prefix_bits, o.value AS origin, y.value AS country, t.abuse_contact,
    o.said_bits AS origin_bits, $valid_from AS valid_from
FROM flat_networks n
LEFT JOIN flat_origin o ON o.network = n.network AND o.prefix_bits = n.prefix_bits
LEFT JOIN flat_country y ON y.network = n.network AND y.prefix_bits = n.prefix_bits
LEFT JOIN flat_contact c ON c.network = n.network AND c.prefix_bits = n.prefix_bits
LEFT JOIN flat_contacts t ON t.number = c.value"""


@contextmanager
def flattened(engine: Engine, claims: str) -> Iterator[str]:
    """SQL (with `$valid_from`) of the rows of `prefixes` that follow from these claims, while the block runs."""
    try:
        engine.run(_NUMBERED.format(claims=claims))
        buckets = _buckets(engine)
        for field in FIELDS:
            _settle(engine, field, buckets)
        yield _ANSWER
    finally:
        for name in ("claims", "networks", "contacts", "said", "near", *FIELDS):
            engine.run(f"DROP TABLE IF EXISTS flat_{name}")


def _buckets(engine: Engine) -> list[tuple[UUID, UUID]]:
    """Ranges of addresses with BUCKET_ROWS networks each: what bounds the memory."""
    starts = [row[0] for row in engine.rows(_STARTS, rows=BUCKET_ROWS) if isinstance(row[0], UUID)]
    starts = [UUID(int=0), *dict.fromkeys(starts)]
    ends = [UUID(int=start.int - 1) for start in starts[1:]]
    return list(zip(starts, [*ends, UUID(int=(1 << 128) - 1)], strict=True))


def _settle(engine: Engine, field: str, buckets: Sequence[tuple[UUID, UUID]]) -> None:
    """The table flat_<field>: network, prefix_bits, value, and the length of the prefix that says it."""
    kind = "VARCHAR" if field == "country" else "UINTEGER"
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE flat_{field}"
        f" (network UUID, prefix_bits UTINYINT, value {kind}, said_bits UTINYINT)"
    )
    saying = engine.rows(f"SELECT DISTINCT format FROM flat_claims WHERE {field} IS NOT NULL")
    formats_by_rank: dict[int, list[str]] = {}
    for name in FORMATS:  # in their order, which decides between equals
        rank = getattr(FORMATS[name], "abuse_contact" if field == "contact" else field)
        if (name,) in saying and rank is not None:
            formats_by_rank.setdefault(rank, []).append(name)
    for _, formats in sorted(formats_by_rank.items()):
        _settle_rank(engine, field, formats, buckets)


def _settle_rank(engine: Engine, field: str, formats: Sequence[str], buckets: Sequence[tuple[UUID, UUID]]) -> None:
    """Give the networks that no better word has settled what these formats say."""
    order = "CASE format " + " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(formats)) + " END"
    names = ", ".join(f"'{name}'" for name in formats)
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE flat_said AS SELECT network, prefix_bits, prefix_bits AS said_bits,"
        f" min_by({field}, {order} || said_by) AS value FROM flat_claims"
        f" WHERE format IN ({names}) AND {field} IS NOT NULL GROUP BY network, prefix_bits ORDER BY network"
    )
    for first, last in buckets:
        _settle_bucket(engine, field, first, last)
    engine.run("DROP TABLE flat_said")


def _settle_bucket(engine: Engine, field: str, first: UUID, last: UUID) -> None:
    """The networks that start in first..last. One that starts before and reaches into that contains `first`."""
    here = f"network BETWEEN '{first}'::UUID AND '{last}'::UUID"
    engine.run(
        "CREATE OR REPLACE TEMP TABLE flat_near AS SELECT network, prefix_bits, said_bits, value FROM flat_said"
        f" WHERE {here} OR network IN ({masked(first, range(129))})"
    )
    match = Match(
        asked="SELECT n.network, n.prefix_bits, n.network AS address FROM flat_networks n"
        f" ANTI JOIN (SELECT network, prefix_bits FROM flat_{field} WHERE {here}) f"
        f" ON f.network = n.network AND f.prefix_bits = n.prefix_bits WHERE n.{here}",
        keys=("network", "prefix_bits"),
        table="flat_near",
        columns=("value", "said_bits"),
        lengths=lengths_of(engine, "flat_near"),
        only="a.prefix_bits >= p.prefix_bits",
    )
    engine.run(
        f"INSERT INTO flat_{field} SELECT network, prefix_bits, value, said_bits FROM ({match.sql()})"
        " WHERE value IS NOT NULL"
    )
    engine.run("DROP TABLE flat_near")
