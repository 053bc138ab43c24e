"""Shadowserver's report types: what each says about which address. Facts from their report schema of March 2026."""

from __future__ import annotations

import msgspec

from tocsin.terms.roles import Role


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report type. `proof`: `tcp` means the role holds only over TCP; over anything else it is a lead."""

    name: str
    kind: str  # RSIT
    role: Role
    proof: str = "tcp"
    malware: tuple[str, ...] = ()  # columns, the first that says something
    identifier: str = ""  # IntelMQ's classification.identifier: a word, or `=column`
    application: str = ""  # IntelMQ's protocol.application
    columns: frozenset[str] = frozenset()  # recognised by a header that has all of these…
    and_no_others: frozenset[str] | None = None  # …and, where given, none but these


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WHO = _names("timestamp protocol src_ip src_port src_asn src_geo src_region src_city src_hostname")
_EVENT = _WHO | _names(
    "src_naics src_sector device_vendor device_type device_model severity dst_ip dst_port dst_asn dst_geo dst_region"
    " dst_city dst_hostname dst_naics dst_sector public_source infection family tag application version event_id"
    " ssl_cipher ssl_servername"
)
_SCAN = _names("timestamp severity ip protocol port hostname hostname_source tag asn geo region city naics sic sector")

# A sinkhole has no other visitors than infected machines (and the curious); over TCP the address is proved.
# A honeypot's login attempts take a whole conversation. A scanned service answered from its own address.
REPORTS: tuple[Report, ...] = (
    Report(
        name="event4_sinkhole",
        kind="infected-system",
        role=Role.INFECTED,
        malware=("infection",),
        identifier="=infection",
        columns=_WHO | {"dst_ip", "dst_port", "infection", "family"},
        and_no_others=_EVENT,
    ),
    Report(
        name="event6_sinkhole",
        kind="infected-system",
        role=Role.INFECTED,
        malware=("infection",),
        identifier="=infection",
    ),
    Report(
        name="event4_microsoft_sinkhole",
        kind="infected-system",
        role=Role.INFECTED,
        malware=("infection",),
        identifier="=infection",
    ),
    Report(
        name="event4_honeypot_brute_force",
        kind="brute-force",
        role=Role.ATTACKER,
        malware=("infection",),
        identifier="=application",
        columns=_WHO | {"infection", "client_version", "username", "password"},
    ),
    Report(
        name="scan_telnet",
        kind="vulnerable-system",
        role=Role.EXPOSED,
        identifier="open-telnet",
        application="telnet",
        columns=frozenset({"timestamp", "ip", "protocol", "port", "tag", "banner"}),
        and_no_others=_SCAN | {"banner"},
    ),
    Report(
        name="scan6_telnet",
        kind="vulnerable-system",
        role=Role.EXPOSED,
        identifier="open-telnet",
        application="telnet",
    ),
)

REPORT_BY_NAME: dict[str, Report] = {report.name: report for report in REPORTS}

# Which column holds a term: the first of these that the header has.
COLUMNS_BY_TERM: dict[str, tuple[str, ...]] = {
    "moment": ("timestamp",),
    "starts": ("start_time",),
    "ends": ("end_time",),
    "address": ("src_ip", "ip"),
    "port": ("src_port", "port"),
    "protocol": ("protocol",),
    "peer": ("dst_ip",),
    "peer_port": ("dst_port",),
    "source_ref": ("event_id",),
    "observer": ("public_source",),
}


def unknown_report(name: str) -> Report:
    """A type that the table does not list: never more than a lead."""
    return Report(name=name, kind="undetermined", role=Role.LEAD, proof="", malware=("infection",))
