"""One threat of the catalogue: its file `threats/<key>.toml`. Its words are English, the source of all translations."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tocsin.terms.errors import BadConfig

THREAT_BYTES_MAX = 32 * 1024
ALIASES_MAX = 40  # of one threat in all

Device = Literal["router", "camera", "tv", "nas", "printer", "small", "windows", "mac", "linux", "phone"]
DEVICES: tuple[Device, ...] = ("router", "camera", "tv", "nas", "printer", "small", "windows", "mac", "linux", "phone")

Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=600)]
Name = Annotated[str, msgspec.Meta(min_length=2, max_length=80)]
Few = Annotated[tuple[Sentence, ...], msgspec.Meta(max_length=6)]
_Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=20)]


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a threat in one language."""

    what: Sentence  # two sentences
    seen: Sentence  # what a provider sees of it
    signs: Annotated[Few, msgspec.Meta(min_length=1)]  # what the people at home may notice
    called: str = ""  # where the threat's name is no proper name
    steps: dict[Device, Few] = {}  # its own; those it shares with others come from its cure (cures.py)
    useless: Few = ()  # its own


class Aliases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What others call it, by who does. Spelling and case do not matter."""

    shadowserver: _Names = ()  # their `infection`, `family` or the report's type
    microsoft: _Names = ()
    misp: _Names = ()  # names and synonyms of MISP's galaxies
    others: _Names = ()

    def all(self) -> tuple[str, ...]:
        return (*self.shadowserver, *self.microsoft, *self.misp, *self.others)


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it stands. `day` is as exact as it is known (`2016`, `2016-10`, `2016-10-14`), '' for a lasting page."""

    by: str
    title: str
    day: Annotated[str, msgspec.Meta(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")] = ""
    url: Annotated[str, msgspec.Meta(pattern=r"^(https://[^\s<>\"]+)?$")] = ""


class Warned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody warned of it on a day; `until` is the day on which they said that it was over."""

    since: date
    until: date | None = None
    source: Name


class Threat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A malware's family, or a service that is better not open."""

    name: Name
    cure: str  # the list of shared steps: a key of cures.CURES
    kinds: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]  # RSIT
    devices: Annotated[tuple[Device, ...], msgspec.Meta(min_length=1)]  # the likeliest first
    words: Words
    aliases: Aliases = Aliases()
    ports: tuple[
        Annotated[str, msgspec.Meta(pattern=r"^\d{1,5}/(tcp|udp)$")], ...
    ] = ()  # by which an exposure is found
    alerts: tuple[Warned, ...] = ()
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)]
    key: str = ""  # the file's name; filled in when it is read

    @property
    def is_exposure(self) -> bool:
        return self.cure == "exposed"


def read_threat(path: Path) -> Threat:
    """BadConfig says what is wrong with the file."""
    raw = path.read_bytes()[: THREAT_BYTES_MAX + 1]
    if len(raw) > THREAT_BYTES_MAX:
        raise BadConfig(f"more than {THREAT_BYTES_MAX} bytes", where=str(path), remedy="one threat a file")
    try:
        threat = msgspec.toml.decode(raw, type=Threat)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadConfig(f"no threat: {error}", where=str(path), remedy="see docs/remedies.md for its form") from error
    if len(threat.aliases.all()) > ALIASES_MAX:
        raise BadConfig(f"more than {ALIASES_MAX} aliases", where=str(path), remedy="leave out the rarest")
    return msgspec.structs.replace(threat, key=path.stem)
