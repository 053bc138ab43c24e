"""What an operator says about a binding log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadConfig
from tocsin.terms.identity import digest

READERS = (  # read.py says how each is read
    *("freeradius", "static", "deterministic", "map-e", "lw4o6"),
    *("radacct", "linelog", "dhcpd", "kea", "kea-legal", "dnsmasq", "dnsmasq-log"),
    *("juniper", "cisco", "a10", "f5", "nfware", "6wind", "mikrotik", "conntrack", "nel"),
)
ACCOUNT_FROM = (
    *("", "login", "mac", "duid", "client-id", "circuit-id", "remote-id", "circuit-id/remote-id", "hostname"),
)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?", re.ASCII)


class LogConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One binding log: where it lies, what it covers, how far it is believed. BadConfig names the wrong field."""

    name: str
    reader: str  # one of READERS
    paths: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()  # the networks whose every holder this log would name
    interim_s: int = 0  # how often a live session reports where its records do not say; 0: it is not known
    gap_s_max: int = 1800  # a longer silence is a gap in the log
    accuracy_s: int = 2  # how far its clocks may be off
    lease_s: int = 0  # how long a lease lasts, where the log's records do not say; 0: it is not known
    zone: str | None = None  # IANA zone, for readers of local times
    year: int | None = None  # of the first line, for archives whose times have no year; else the newest year that fits
    account_from: str = ""  # one of ACCOUNT_FROM: by what a client's contract knows him; '' is the reader's own choice
    vrf: str | None = None  # the routing table that this log is asked about, where its records name several
    inside_logs: tuple[str, ...] = ()  # of a log of mappings: the logs that say who held its inside addresses

    def __post_init__(self) -> None:
        where = f"logs.{self.name}"
        if not _NAME.fullmatch(self.name):
            raise BadConfig(f"not a name of lower-case letters, digits, '.', '_', '-': {self.name!r}", where="logs")
        for field, allowed in (("reader", READERS), ("account_from", ACCOUNT_FROM)):
            value = getattr(self, field)
            if value not in allowed:
                known = ", ".join(name for name in allowed if name)
                raise BadConfig(f"no {field} {value!r}, allowed are {known}", where=f"{where}.{field}")
        for field in ("interim_s", "gap_s_max", "accuracy_s"):
            if not 0 <= getattr(self, field) <= 31 * 86_400:
                raise BadConfig(f"{field} is {getattr(self, field)}, allowed are 0 to a month", where=where)
        if not 0 <= self.lease_s <= 3_660 * 86_400:
            raise BadConfig(f"{self.lease_s} s is not how long a lease lasts", where=f"{where}.lease_s")
        if self.year is not None and not 1995 <= self.year <= 2200:
            raise BadConfig(f"{self.year} is not the year of a log", where=f"{where}.year")
        _check_prefixes(self.prefixes, where)
        _check_zone(self.zone, where)


def _check_prefixes(prefixes: tuple[str, ...], where: str) -> None:
    for prefix in prefixes:
        try:
            parse_network(prefix)
        except ValueError as error:
            raise BadConfig(str(error), where=f"{where}.prefixes") from error


def _check_zone(zone: str | None, where: str) -> None:
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadConfig(f"not an IANA time zone: {zone!r}", where=f"{where}.zone") from error


def logs_digest(logs: Sequence[LogConfig]) -> str:
    """A digest of everything in the logs' settings that a fold or a coverage depends on."""
    parts: list[str] = []
    for log in sorted(logs, key=lambda log: log.name):
        parts += [log.name, log.reader, str(log.interim_s), str(log.gap_s_max), str(log.accuracy_s)]
        parts += [str(len(log.prefixes)), *sorted(log.prefixes), str(len(log.inside_logs)), *sorted(log.inside_logs)]
    return digest(*parts)
