"""`tocsin report`: each network's own sightings to its abuse contact, and each constituent its own, once a rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from tocsin.attribution.networks.find import networks_of
from tocsin.engine import read_sql
from tocsin.notices.reports.group import ADDRESSES_MAX, Contact, Group, Offence
from tocsin.pipeline.house import House
from tocsin.pipeline.reportsection import Constituent, ReportSection
from tocsin.terms.addresses import format_network, parse_network
from tocsin.terms.moments import utc_day

_SERVICE_BY_PORT = {  # IANA names of what is found open
    **{21: "ftp", 22: "ssh", 23: "telnet", 53: "dns", 69: "tftp", 111: "portmapper", 123: "ntp", 137: "netbios"},
    **{161: "snmp", 389: "ldap", 445: "smb", 1900: "ssdp", 3306: "mysql", 3389: "rdp", 5353: "mdns", 6379: "redis"},
    **{9200: "elasticsearch", 11211: "memcached", 27017: "mongodb"},
}


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
    peer_name: str | None = None

    def prefix(self) -> str:
        return format_network(self.network, self.prefix_bits) if self.network and self.prefix_bits is not None else ""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to tell: groups by contact and constituent, and addresses whose network names nobody."""

    groups: tuple[Group, ...]
    nobody: int  # addresses
    silent: int  # contacts that want no reports
    doubted: int  # rows below the contact's confidence


def due(house: House) -> Due:
    """What was seen in the last `age_days` with a role that is reported, by the network responsible at that moment."""
    section = house.config.reports
    rows = list(_rows(house, section))
    nobody = {row.address for row in rows if not row.abuse_contact}
    by_contact: dict[str, list[Told]] = {}
    for row in rows:
        if row.abuse_contact:
            by_contact.setdefault(row.abuse_contact, []).append(row)
    wishes = {mail: section.wish_of(mail) for mail in by_contact}
    kept = {
        mail: [row for row in told if row.confidence >= (wishes[mail].confidence or 0)]
        for mail, told in by_contact.items()
        if not wishes[mail].silent
    }
    contacts = [
        group
        for mail, told in sorted(kept.items())
        for group in _groups(Contact(mail=mail, form=wishes[mail].form or section.form), told)
    ]
    theirs = [group for each in section.constituents for group in _of_constituent(each, section, rows)]
    return Due(
        groups=(*contacts, *theirs),
        nobody=len(nobody),
        silent=len(by_contact) - len(kept),
        doubted=sum(len(by_contact[mail]) - len(told) for mail, told in kept.items()),
    )


def rests(section: ReportSection) -> Mapping[str, timedelta]:
    """By contact, where it wants another rest than the section's."""
    told = (each for each in section.contacts if each.rest_hours is not None)
    return {each.mail.lower(): timedelta(hours=each.rest_hours or 0) for each in told}


def _rows(house: House, section: ReportSection) -> Iterator[Told]:
    until, since = house.now, house.now - timedelta(days=section.age_days)
    days = [day for day in house.lake.days("sightings") if utc_day(since) <= day <= utc_day(until)]
    if not days:
        return
    engine = house.engine
    roles = ", ".join(f"'{role}'" for role in section.roles)  # of a literal table
    engine.run(
        "CREATE OR REPLACE TABLE numbered AS SELECT row_number() OVER (ORDER BY seen_at, id) AS number, id,"
        " seen_at, seen_until, role, address, port, protocol, peer_address, peer_port, peer_name, kind, taxonomy,"
        " malware, confidence"
        f" FROM {house.lake.scan('sightings', days)}"
        f" WHERE seen_at >= $since AND seen_at < $until AND role IN ({roles})",
        since=since,
        until=until,
    )
    asked = 'SELECT number, address, seen_at AS "at" FROM numbered'
    networks = networks_of(house.lake, asked, span=(since, until))
    engine.run(f"CREATE OR REPLACE TABLE found AS {networks}")
    try:
        for batch in engine.batches(read_sql(__package__, "reported")):
            for row in batch:
                yield msgspec.convert({name: _aware(value) for name, value in row.items() if value is not None}, Told)
    finally:
        engine.run("DROP TABLE numbered")
        engine.run("DROP TABLE found")


def _aware(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _groups(contact: Contact, told: Sequence[Told]) -> Iterator[Group]:
    """One group for each ADDRESSES_MAX addresses."""
    addresses = list(dict.fromkeys(row.address for row in told))
    for start in range(0, len(addresses), ADDRESSES_MAX):
        chosen = set(addresses[start : start + ADDRESSES_MAX])
        mine = [row for row in told if row.address in chosen]
        origins = {row.origin for row in mine if row.origin}
        whom = msgspec.structs.replace(
            contact,
            origin=origins.pop() if len(origins) == 1 else None,
            prefixes=tuple(dict.fromkeys(row.prefix() for row in mine if row.prefix())),
        )
        yield Group(contact=whom, passed_on=True, offences=tuple(_offence(row) for row in mine))


def _of_constituent(this: Constituent, section: ReportSection, rows: Iterable[Told]) -> Iterator[Group]:
    networks = [parse_network(prefix) for prefix in this.prefixes]
    told = [row for row in rows if row.confidence >= section.confidence and _is_theirs(this, networks, row)]
    yield from _groups(Contact(mail=this.mail, form=this.form or section.form), told)


def _is_theirs(this: Constituent, networks: Sequence[tuple[UUID, int]], row: Told) -> bool:
    name = (row.peer_name or "").lower().rstrip(".")
    return (
        (row.origin in this.asns if row.origin else False)
        or row.country in this.countries
        or any(row.address.int >> (128 - bits) == first.int >> (128 - bits) for first, bits in networks)
        or any(name == domain or name.endswith(f".{domain}") for domain in this.domains)
    )


def _offence(row: Told) -> Offence:
    """The complainant is not named, and no line of his evidence leaves: only what was seen."""
    is_open = row.role == "exposed"
    return Offence(
        address=row.address,
        kind=row.kind,
        taxonomy=row.taxonomy,
        application=_SERVICE_BY_PORT.get(row.port or 0, "") if is_open else "",
        first_at=row.first_at,
        last_at=row.last_at,
        lines=row.sightings,
        confidence=row.confidence,
        samples=(_sentence(row),),
        port=row.port,
        protocol=row.protocol,
        peer_port=row.peer_port,
        malware=row.malware,
        sighting=row.sighting,
    )


def _sentence(row: Told) -> str:
    named = f" {row.malware}" if row.malware else ""
    port = f" port {row.port}" if row.port else ""
    times = f"{row.sightings} sighting{'s' if row.sightings != 1 else ''}"
    return f"{row.kind}{named}{port}{f' over {row.protocol}' if row.protocol else ''}: {times}"
