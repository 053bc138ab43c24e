"""`tocsin report`: each network's own sightings to its abuse contact, and each constituent its own, once a rest.

One group is in memory at a time, however many sightings and contacts there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby, islice

import msgspec

from tocsin.evidence.mailed.offending import offending_mail
from tocsin.evidence.store import evidence_path
from tocsin.notices.reports.group import ADDRESSES_MAX, OFFENCES_MAX, Contact, Group, Offence, Original
from tocsin.notices.reports.redacted_mail import redacted_mail
from tocsin.pipeline.house import House
from tocsin.pipeline.reported import Reported, Told, reported
from tocsin.pipeline.reportsection import Constituent, ReportSection
from tocsin.terms.addresses import format_address
from tocsin.terms.markings import SEVERITIES, TLPS, Severity, Tlp, severity_of

MAILS_SHOWN_MAX = 50  # ARF reports to one contact in a run (RFC 6650 §5 asks for a limit); more go as CSV
OriginalOf = Callable[[Told], Original | None]
_SERVICE_BY_PORT = {  # IANA names of what is found open
    **{21: "ftp", 22: "ssh", 23: "telnet", 53: "dns", 69: "tftp", 111: "portmapper", 123: "ntp", 137: "netbios"},
    **{161: "snmp", 389: "ldap", 445: "smb", 1900: "ssdp", 3306: "mysql", 3389: "rdp", 5353: "mdns", 6379: "redis"},
    **{9200: "elasticsearch", 11211: "memcached", 27017: "mongodb"},
}


class Due:
    """What there is to tell. The counts are whole once every group has been taken."""

    def __init__(self, section: ReportSection, found: Reported, original_of: OriginalOf = lambda _: None) -> None:
        self.nobody = 0  # addresses whose network names nobody
        self.silent = 0  # contacts that want no reports
        self.doubted = 0  # rows below the contact's confidence
        self.marked = 0  # rows above what the contact may read (TLP)
        self.slight = 0  # rows below the severity that the contact wants
        self.cut = 0  # rows of one address beyond OFFENCES_MAX, which are told to nobody
        self._section, self._found, self._original_of = section, found, original_of

    def groups(self) -> Iterator[Group]:
        """One at a time: contacts by name, then constituents."""
        for mail, told in groupby(self._found.by_contact(), key=lambda row: row.abuse_contact):
            if mail:
                yield from self._of_contact(mail, told)
            else:
                self.nobody += sum(1 for _ in groupby(told, key=lambda row: row.address))
        for each in self._section.constituents:
            yield from self._of_constituent(each)

    def _of_contact(self, mail: str, told: Iterator[Told]) -> Iterator[Group]:
        wish = self._section.wish_of(mail)
        if wish.silent:
            self.silent += 1
            return
        contact = Contact(mail=mail, form=wish.form or self._section.form)
        yield from self._grouped(contact, self._wanted(told, wish.confidence or 0, wish.tlp, wish.severity))

    def _of_constituent(self, this: Constituent) -> Iterator[Group]:
        told = self._wanted(self._found.of_constituent(this), self._section.confidence, this.tlp, this.severity)
        yield from self._grouped(Contact(mail=this.mail, form=this.form or self._section.form), told)

    def _grouped(self, contact: Contact, told: Iterable[Told]) -> Iterator[Group]:
        """Who wants ARF gets each mail that was kept as a report of its own, and the rest as CSV."""
        if contact.form != "arf":
            yield from _groups(contact, told, self._cut)
            return
        shown: list[Group] = []

        def others() -> Iterator[Told]:
            for row in told:
                original = self._original_of(row) if len(shown) < MAILS_SHOWN_MAX else None
                if original is None:
                    yield row
                else:
                    shown.append(_about_mail(contact, row, original))

        yield from _groups(msgspec.structs.replace(contact, form="csv"), others(), self._cut)
        yield from shown

    def _cut(self, rows: int) -> None:
        self.cut += rows

    def _wanted(self, told: Iterable[Told], least: int, tlp: Tlp | None, severity: Severity | None) -> Iterator[Told]:
        """What it may read and wants; of the rest is counted why not."""
        highest = TLPS.index(tlp or self._section.tlp)
        slightest = SEVERITIES.index(severity or self._section.severity)
        for row in told:
            if TLPS.index(row.tlp) > highest:
                self.marked += 1
            elif row.confidence < least:
                self.doubted += 1
            elif SEVERITIES.index(severity_of(row.kind, row.severity)) < slightest:
                self.slight += 1
            else:
                yield row


@contextmanager
def due(house: House) -> Iterator[Due]:
    """What was seen in the last `age_days` with a role that is reported, by the network responsible at that moment."""
    section = house.config.reports
    wants_mails = "arf" in (
        section.form,
        *(each.form for each in section.contacts),
        *(each.form for each in section.constituents),
    )
    with reported(house, section, with_mails=wants_mails) as found:
        yield Due(section, found, lambda row: _original(house, row))


def rests(section: ReportSection) -> Mapping[str, timedelta]:
    """By contact, where it wants another rest than the section's."""
    told = (each for each in section.contacts if each.rest_hours is not None)
    return {each.mail.lower(): timedelta(hours=each.rest_hours or 0) for each in told}


def _original(house: House, row: Told) -> Original | None:
    """The redacted mail, where the evidence still holds one from that address."""
    if row.kind != "spam" or row.mail_sha256 is None:
        return None
    found = offending_mail(evidence_path(house.data, row.mail_sha256), row.address)
    if found is None:
        return None
    where = format_address(row.address)
    return redacted_mail(
        found.raw, is_whole=found.is_whole, around=found.around, address=where, secret=house.keys.secret
    )


def _about_mail(contact: Contact, row: Told, original: Original) -> Group:
    group = _group(contact, [row])
    offence = msgspec.structs.replace(group.offences[0], original=original, last_at=row.mail_at or row.last_at)
    return msgspec.structs.replace(group, offences=(offence,))


def _groups(contact: Contact, told: Iterable[Told], on_cut: Callable[[int], None]) -> Iterator[Group]:
    """One group for each ADDRESSES_MAX addresses or OFFENCES_MAX rows; an address's rows stay together."""
    mine: list[Told] = []
    addresses = 0
    for _, rows in groupby(told, key=lambda row: row.address):
        its, rest = _first(rows)
        on_cut(rest)
        if mine and (addresses == ADDRESSES_MAX or len(mine) + len(its) > OFFENCES_MAX):
            yield _group(contact, mine)
            mine, addresses = [], 0
        mine += its
        addresses += 1
    if mine:
        yield _group(contact, mine)


def _first(rows: Iterator[Told]) -> tuple[list[Told], int]:
    """The first OFFENCES_MAX, and how many follow."""
    return list(islice(rows, OFFENCES_MAX)), sum(1 for _ in rows)


def _group(contact: Contact, told: list[Told]) -> Group:
    origins = {row.origin for row in told if row.origin}
    whom = msgspec.structs.replace(
        contact,
        origin=origins.pop() if len(origins) == 1 else None,
        prefixes=tuple(dict.fromkeys(row.prefix() for row in told if row.prefix())),
    )
    return Group(contact=whom, passed_on=True, offences=tuple(map(_offence, told)))


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
        tlp=row.tlp,
        severity=severity_of(row.kind, row.severity),
        seen_by=row.named,
    )


def _sentence(row: Told) -> str:
    named = f" {row.malware}" if row.malware else ""
    port = f" port {row.port}" if row.port else ""
    times = f"{row.sightings} sighting{'s' if row.sightings != 1 else ''}"
    return f"{row.kind}{named}{port}{f' over {row.protocol}' if row.protocol else ''}: {times}"
