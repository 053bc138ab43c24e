"""What an operator says of a CSV or JSON feed of his own making: which column holds which term."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tocsin.terms.errors import BadConfig
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

MAPPED_READERS = ("csv", "json")
_WHERE = "sources.mapping"

# A sighting's field, as `tocsin read --to jsonl` prints it, to the term of texts.py.
TERM_BY_FIELD: dict[str, str] = {
    "seen_at": "moment",
    "seen_from": "starts",
    "seen_until": "ends",
    "address": "address",
    "port": "port",
    "protocol": "protocol",
    "application": "application",
    "peer_address": "peer",
    "peer_port": "peer_port",
    "peer_name": "peer_name",
    "malware": "malware",
    "source_ref": "source_ref",
    "observer": "observer",
    "kind": "kind",
    "role": "role",
    "confidence": "confidence",
}
MOMENT_TERMS = ("moment", "starts", "ends")
CONSTANTS = ("kind", "role", "malware", "protocol", "application")  # settings of their own, for what is always the same
TIMES = ("rfc3339", "epoch", "epoch-ms")
_DIRECTIVE = re.compile("%(.?)", re.DOTALL)
_SAMPLE = datetime(2026, 11, 23, 10, 41, 7)  # noqa: DTZ001 - a pattern may name no zone


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`columns` by a sighting's field: a CSV column's name or number (from 1), a JSON key (nested ones with dots).

    BadConfig names the wrong field.
    """

    columns: dict[str, str | int] = {}
    kind: str = ""
    role: Role | None = None
    malware: str = ""
    protocol: str = ""
    application: str = ""
    kinds: dict[str, str] = {}  # what the kind's column says, to RSIT
    delimiter: str = ","
    header: bool = True
    comment: str = ""
    time: str = "rfc3339"  # one of TIMES, or a strptime pattern
    zone: str = ""  # IANA; '' is UTC
    records: str = ""  # JSON: where the objects are, `result.hits[]`; '' is at the top

    def __post_init__(self) -> None:
        for field in self.columns:
            if field not in TERM_BY_FIELD:
                raise _bad("columns", f"a sighting has no {field!r}", f"allowed: {', '.join(TERM_BY_FIELD)}")
        for field, place in self.columns.items():
            if place in ("", 0) or (isinstance(place, int) and place < 0):
                raise _bad("columns", f"{field} is {place!r}, which is no column", "columns are counted from 1")
        self._check_words()
        self._check_csv()
        _check_time(self.time)
        _check_zone(self.zone)

    def _check_words(self) -> None:
        for kind in (self.kind, *self.kinds.values()):
            if kind and kind not in TAXONOMY_BY_KIND:
                field = "kind" if kind == self.kind else "kinds"
                raise _bad(field, f"not a kind: {kind!r}", f"RSIT has {', '.join(TAXONOMY_BY_KIND)}")
        for field in CONSTANTS:
            if getattr(self, field) and field in self.columns:
                raise _bad(field, f"{field} is a column and a constant", "say one of them")

    def _check_csv(self) -> None:
        if len(self.delimiter) != 1 or not self.delimiter.isascii() or self.delimiter in '"\r\n\0':
            raise _bad("delimiter", f"not a delimiter: {self.delimiter!r}", "one character, such as ; or \\t")
        if self.comment and (self.comment.isspace() or not self.comment.isprintable() or len(self.comment) > 10):
            raise _bad("comment", f"not a comment's beginning: {self.comment!r}", "such as # or //")
        names = [place for place in self.columns.values() if isinstance(place, str)]
        if not self.header and names:
            raise _bad("columns", f"{names[0]!r} is a name, and there is no header", "number the columns from 1")

    def check_for(self, reader: str | None, source: str) -> None:
        """Raises BadConfig unless that source's reader can do with it."""
        try:
            self._check_for(reader)
        except BadConfig as error:
            where = error.where.replace("sources.", f"sources.{source}.", 1)
            raise BadConfig(error.what, where=where, remedy=error.remedy) from error

    def _check_for(self, reader: str | None) -> None:
        if reader not in MAPPED_READERS:
            if self != Mapping():
                shown = f"the reader {reader!r}" if reader else "a reader that is recognised"
                raise _bad("columns", f"{shown} takes no mapping", 'say reader = "csv" or "json"')
            return
        fields = self.columns.keys()
        if "address" not in fields or not {"seen_at", "seen_from"} & fields:
            raise _bad(
                "columns", f"the reader {reader!r} needs address and seen_at (or seen_from)", "name their columns"
            )
        numbered = [field for field, place in self.columns.items() if isinstance(place, int)]
        if reader == "json" and numbered:
            raise _bad("columns", f"{numbered[0]} has a number, and JSON has keys", "name the key")

    def digest(self) -> str:
        """Eight hexadecimal digits; another mapping reads the same evidence anew, a new setting of ours does not."""
        default = Mapping()
        said = {
            name: value for name in self.__struct_fields__ if (value := getattr(self, name)) != getattr(default, name)
        }
        return sha256(msgspec.json.encode(said, order="sorted")).hexdigest()[:8]


def _check_time(time: str) -> None:
    if time in TIMES:
        return
    allowed = f"one of {', '.join(TIMES)}, or a pattern with date and time such as %d/%m/%Y %H:%M:%S"
    odd = set(_DIRECTIVE.findall(time)) - set("aAbBdfHIjmMpSyYz%")
    if odd:  # %Z among them: a zone's name is no zone
        raise _bad("time", f"not a part of a time: %{min(odd)}", allowed)
    sample = _SAMPLE.replace(tzinfo=UTC) if "%z" in time else _SAMPLE
    try:
        read = datetime.strptime(sample.strftime(time), time)  # noqa: DTZ007
    except (ValueError, OverflowError) as error:
        raise _bad("time", f"not a time's form: {time!r}", allowed) from error
    if "%" not in time or read.replace(second=0, tzinfo=None) != _SAMPLE.replace(second=0):
        raise _bad("time", f"{time!r} does not hold date and time", allowed)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _bad("zone", f"not an IANA time zone: {zone!r}", "write it as Asia/Kolkata") from error


def _bad(field: str, what: str, remedy: str) -> BadConfig:
    return BadConfig(what, where=f"{_WHERE}.{field}", remedy=remedy)
