"""What the lake holds for reports: rows in the order of their contacts, of which memory holds a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from tocsin.attribution.networks.find import networks_of
from tocsin.engine import Engine, Value, read_sql
from tocsin.pipeline.house import House
from tocsin.pipeline.reportsection import Constituent, ReportSection
from tocsin.terms.addresses import format_network, parse_network
from tocsin.terms.markings import TLPS, Tlp
from tocsin.terms.moments import utc_day

_BATCH_ROWS = 2_000


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One row of reported.sql."""

    address: UUID
    sighting: UUID  # the last one
    kind: str
    taxonomy: str
    role: str
    first_at: datetime
    last_at: datetime
    sightings: int
    confidence: int
    abuse_contact: str | None = None
    origin: int | None = None
    country: str | None = None
    network: UUID | None = None
    prefix_bits: int | None = None
    malware: str | None = None
    protocol: str | None = None
    port: int | None = None
    peer_address: UUID | None = None
    peer_port: int | None = None
    tlp: Tlp = "GREEN"
    severity: str | None = None  # as the source said, in lower case
    named: tuple[str, ...] = ()  # sources that agreed to it
    mail_sha256: str | None = None  # of the evidence with the last mail that was seen, and when that came
    mail_at: datetime | None = None

    def prefix(self) -> str:
        return format_network(self.network, self.prefix_bits) if self.network and self.prefix_bits is not None else ""


class Reported:
    """What was seen in the days that are reported, to be asked for by contact or by subscription."""

    def __init__(self, engine: Engine, *, is_empty: bool) -> None:
        self._engine, self._is_empty = engine, is_empty

    def by_contact(self) -> Iterator[Told]:
        """Everything, by contact, then address; what is of networks that name nobody comes last."""
        yield from self._rows("TRUE")

    def of_constituent(self, this: Constituent) -> Iterator[Told]:
        """What it has subscribed to, whoever is named as the contact; so by contact, then address."""
        yield from self._rows(read_sql(__package__, "subscribed"), **subscription(this))

    def ask(self, sql: str, **asked: Value) -> Iterator[dict[str, object]]:
        """Another question of the same tables, `numbered` and `found`: rows by column name."""
        if self._is_empty:
            return
        for batch in self._engine.batches(sql, batch_rows=_BATCH_ROWS, **asked):
            for row in batch:
                yield {**row}

    def _rows(self, chosen: str, **asked: Value) -> Iterator[Told]:
        if self._is_empty:
            return
        sql = read_sql(__package__, "reported").replace("{chosen}", chosen)
        for batch in self._engine.batches(sql, batch_rows=_BATCH_ROWS, **asked):
            for row in batch:
                yield msgspec.convert({name: _aware(value) for name, value in row.items() if value is not None}, Told)


def subscription(this: Constituent) -> dict[str, Value]:
    """The parameters of subscribed.sql."""
    networks = [parse_network(prefix) for prefix in this.prefixes]
    return {
        "asns": list(this.asns),
        "countries": list(this.countries),
        "domains": list(this.domains),
        "firsts": [first for first, _ in networks],
        "lasts": [UUID(int=first.int | ((1 << (128 - bits)) - 1)) for first, bits in networks],
    }


@contextmanager
def reported(house: House, section: ReportSection, *, with_mails: bool) -> Iterator[Reported]:
    """The sightings of the last `age_days` with a role that is reported, each with its network at that moment.

    `with_mails`: look up which evidence holds the mail that spam was seen by.
    """
    until, since = house.now, house.now - timedelta(days=section.age_days)
    days = [day for day in house.lake.days("sightings") if utc_day(since) <= day <= utc_day(until)]
    if not days:
        yield Reported(house.engine, is_empty=True)
        return
    engine, lake = house.engine, house.lake
    _mark(house)
    roles = ", ".join(f"'{role}'" for role in section.roles)  # of a literal table
    engine.run(
        "CREATE OR REPLACE TABLE numbered AS SELECT row_number() OVER (ORDER BY seen_at, id) AS number, id,"
        " seen_at, seen_until, role, address, port, protocol, peer_address, peer_port, peer_name, kind, taxonomy,"
        " malware, confidence, source, lower(json_extract_string(extra, '$.severity')) AS severity,"
        " upper(coalesce(json_extract_string(extra, '$.tlp'), json_extract_string(extra, '$.TLP'))) AS tlp"
        f" FROM {lake.scan('sightings', days)}"
        f" WHERE seen_at >= $since AND seen_at < $until AND role IN ({roles})",
        since=since,
        until=until,
    )
    asked = 'SELECT number, address, seen_at AS "at" FROM numbered'
    engine.run(f"CREATE OR REPLACE TABLE found AS {networks_of(lake, asked, span=(since, until))}")
    pieces = lake.scan("pieces", days)
    engine.run(
        "CREATE OR REPLACE TABLE mails AS SELECT sighting, min(evidence_sha256) AS evidence_sha256"
        f" FROM {pieces} WHERE $with_mails AND sighting IN (SELECT id FROM numbered WHERE kind = 'spam')"
        " GROUP BY sighting",
        with_mails=with_mails,
    )
    try:
        yield Reported(engine, is_empty=False)
    finally:
        for table in ("numbered", "found", "mails", "marks", "levels"):
            engine.run(f"DROP TABLE IF EXISTS {table}")


def _mark(house: House) -> None:
    """What the configuration says of each source: its marking, and its name where it agreed to be named."""
    sources = house.config.sources
    house.engine.run(
        "CREATE OR REPLACE TABLE marks AS SELECT unnest($sources::VARCHAR[]) AS source,"
        " unnest($tlps::VARCHAR[]) AS tlp, unnest($names::VARCHAR[]) AS name",
        sources=[each.name for each in sources],
        tlps=[each.tlp for each in sources],
        names=[(each.title or each.name) if each.named else "" for each in sources],
    )
    house.engine.run(
        "CREATE OR REPLACE TABLE levels AS SELECT unnest($tlps::VARCHAR[]) AS tlp, unnest($ranks::INTEGER[]) AS rank",
        tlps=[*TLPS, "WHITE"],  # TLP 1 called CLEAR so
        ranks=[*range(len(TLPS)), 0],
    )


def _aware(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
