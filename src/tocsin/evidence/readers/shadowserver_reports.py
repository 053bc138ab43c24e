"""Shadowserver's report types: what one is, and how it is found by name or by header. All: shadowserver_families."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from tocsin.evidence.readers.shadowserver_columns import ANY, Layout
from tocsin.evidence.readers.shadowserver_families import ALIASES, FAMILIES, Family
from tocsin.terms.roles import Role


class Tagged(msgspec.Struct, frozen=True):
    """What a record says instead when its column `tag` has this word."""

    word: str
    kind: str
    role: Role
    identifier: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report type. `proof`: what a record must have for the role to hold, else it is a lead (sighting.sql)."""

    name: str
    kind: str  # RSIT
    role: Role
    layout: Layout
    proof: str = ""
    identifier: str = ""  # IntelMQ's classification.identifier: a word, or `=column`
    application: str = ""  # IntelMQ's protocol.application, likewise
    transport: str = ""  # where no column says it
    tagged: Tagged | None = None
    intelmq_kind: str = ""  # where IntelMQ says another kind than we do
    signature: frozenset[str] = frozenset()  # recognised by a header that has all of these…
    is_whole: bool = False  # …and no others but what every report of its family has

    def fits(self, columns: set[str]) -> bool:
        """Whether a header is this report's beyond doubt."""
        if not self.signature or not self.signature | self.layout.needs <= columns:
            return False
        return not self.is_whole or columns <= self.signature | self.layout.common

    def missing(self, columns: set[str]) -> list[str]:
        """The columns without which a file is not this report, whatever its name says."""
        return sorted(self.layout.needs - columns)


def _reports(family: Family) -> Iterator[Report]:
    for line in family.lines.strip().splitlines():
        named, identifier, application, *columns = line.split()
        name, _, transport = named.partition("/")
        signature = " ".join(columns)
        report = Report(
            name=name.replace("[6]", ""),
            kind=family.kind,
            role=family.role,
            layout=family.layout,
            proof=family.proof,
            identifier=identifier,
            application="" if application == "-" else application.replace("_", " "),
            transport=transport,
            tagged=TAGGED.get(name),
            intelmq_kind=family.intelmq_kind,
            signature=frozenset(signature.removeprefix("!").split()),
            is_whole=signature.startswith("!"),
        )
        yield report
        if "[6]" in name:  # its header is the same, so that the other one is recognised by it
            yield msgspec.structs.replace(report, name=name.replace("[6]", "6"), signature=frozenset())


# A web shell answered: no longer a door that stands open, but one that somebody went through.
TAGGED = {
    "scan[6]_exchange": Tagged("webshell", "system-compromise", Role.INFECTED, "exchange-server-webshell"),
}

REPORTS: tuple[Report, ...] = tuple(report for family in FAMILIES for report in _reports(family))
REPORT_BY_NAME: dict[str, Report] = {report.name: report for report in REPORTS}

_SIX = re.compile(r"^(event|scan|population|compromised_website|compromised_iot|device_id)6", re.ASCII)


def report_named(name: str) -> Report | None:
    """The report of that name: as it is, as it was called once, as IntelMQ calls it, or its IPv6 twin."""
    for known in (name, ALIASES.get(name, ""), re.sub(r"^event_", "event4_", name)):
        if known in REPORT_BY_NAME:
            return REPORT_BY_NAME[known]
    twin = re.sub(r"^event6_", "event4_", name) if name.startswith("event6_") else _SIX.sub(r"\1", name)
    return REPORT_BY_NAME.get(twin)


def report_of_header(columns: set[str]) -> Report | None:
    """The one report whose header this is beyond doubt."""
    fitting = [report for report in REPORTS if report.fits(columns)]
    return fitting[0] if len(fitting) == 1 else None


def unknown_report(name: str) -> Report:
    """A type that the tables do not list: never more than a lead."""
    return Report(name=name, kind="undetermined", role=Role.LEAD, layout=ANY)
