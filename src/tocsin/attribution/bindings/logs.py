"""What an operator says about a binding log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadConfig
from tocsin.terms.identity import digest

READERS = ("freeradius", "static")  # read.py says how each is read
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
    zone: str | None = None  # IANA zone, for readers of local times; the two readers of today need none

    def __post_init__(self) -> None:
        where = f"logs.{self.name}"
        if not _NAME.fullmatch(self.name):
            raise BadConfig(f"not a name of lower-case letters, digits, '.', '_', '-': {self.name!r}", where="logs")
        if self.reader not in READERS:
            raise BadConfig(f"no reader {self.reader!r}, allowed are {', '.join(READERS)}", where=f"{where}.reader")
        for field in ("interim_s", "gap_s_max", "accuracy_s"):
            if not 0 <= getattr(self, field) <= 31 * 86_400:
                raise BadConfig(f"{field} is {getattr(self, field)}, allowed are 0 to a month", where=where)
        for prefix in self.prefixes:
            try:
                parse_network(prefix)
            except ValueError as error:
                raise BadConfig(str(error), where=f"{where}.prefixes") from error
        if self.zone is not None:
            try:
                ZoneInfo(self.zone)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise BadConfig(f"not an IANA time zone: {self.zone!r}", where=f"{where}.zone") from error


def logs_digest(logs: Sequence[LogConfig]) -> str:
    """A digest of everything in the logs' settings that a fold or a coverage depends on."""
    parts: list[str] = []
    for log in sorted(logs, key=lambda log: log.name):
        parts += [log.name, log.reader, str(log.interim_s), str(log.gap_s_max), str(log.accuracy_s)]
        parts += [str(len(log.prefixes)), *sorted(log.prefixes)]
    return digest(*parts)
