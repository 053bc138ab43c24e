"""What one report is about: what the addresses of one network did, and whom it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from tocsin.terms.markings import TLPS, Severity, Tlp

ADDRESSES_MAX = 200  # of one report; more go into the next
OFFENCES_MAX = 500  # of one report: an address may do many things
SAMPLES_MAX = 20  # log lines of one address and kind
RESOURCES_MAX = 50

Form = Literal["xarf", "arf", "iodef", "csv", "abusehub", "intelmq", "stix", "plain"]


class Original(msgspec.Struct, frozen=True):
    """The mail that spam was seen by, redacted: ASCII with CRLF; not `is_whole` where only headers were kept."""

    text: str
    is_whole: bool


class Offence(msgspec.Struct, frozen=True, kw_only=True):
    """What one address did, of one kind. Samples are log lines, redacted already; a port is the client's."""

    address: UUID
    kind: str
    taxonomy: str
    application: str
    first_at: datetime
    last_at: datetime
    lines: int
    confidence: int  # 0 to 100
    samples: tuple[str, ...]
    rules: tuple[str, ...] = ()
    port: int | None = None
    protocol: str | None = None
    peer_address: UUID | None = None
    peer_port: int | None = None
    resources: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    handshake: bool = True
    malware: str | None = None
    original: Original | None = None
    tlp: Tlp = "GREEN"
    severity: Severity | None = None
    seen_by: tuple[str, ...] = ()  # who agreed to be named
    sighting: UUID | None = None  # the last one of the lake, where it comes from there: by it we confirm later


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a network names for its abuse, and the form that it prefers for the machine part."""

    mail: str
    form: Form = "xarf"
    origin: int | None = None
    prefixes: tuple[str, ...] = ()


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """Who reports: a name, and an address that is read."""

    name: str
    mail: str

    @property
    def domain(self) -> str:
        return self.mail.rpartition("@")[2].lower()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One report's matter."""

    contact: Contact
    passed_on: bool = False  # others saw it and told us; else a server of ours was attacked
    offences: tuple[Offence, ...]

    @property
    def tlp(self) -> Tlp:
        """The highest marking of what it tells: that of the whole."""
        return max((each.tlp for each in self.offences), key=TLPS.index)
