"""Organisations as a reader may know them: names, domains and sender ids, as far as they are public."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

OrganisationKind = Literal["provider", "cert", "tracker", "state", "bank", "payment", "parcel", "shop", "service"]
# What it can see: a provider the lines of its subscribers, a response team what is reported to it, a tracker what it
# scans for or what its sinkholes take in, everybody else the accounts it keeps. Nobody sees inside of a machine.
Sight = Literal["lines", "reports", "scans", "accounts"]
SIGHTS: dict[OrganisationKind, tuple[Sight, ...]] = {
    "provider": ("lines", "reports", "accounts"),
    "cert": ("reports",),
    "tracker": ("scans", "reports"),
    "state": ("reports",),
}
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Host = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,5}(\.\*)?$")]


class Domain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A domain and when it was the organisation's. `name.*` means the name under any country's ending."""

    name: _Host
    since: date | None = None
    until: date | None = None
    source: str = ""

    def held_on(self, day: date | None) -> bool:
        """Whether it was theirs on that day; without a day, whether it ever was."""
        return day is None or ((self.since or day) <= day <= (self.until or day))


class Organisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one organisation. `common` names are everyday words or initials, `surnames` those that
    people bear too: both claim less than `names`, which are nobody else's."""

    name: _Name
    kind: OrganisationKind
    country: str = ""  # ISO 3166, lower case; empty for the world
    names: tuple[_Name, ...] = ()  # further names, in any script
    common: tuple[_Name, ...] = ()
    surnames: tuple[_Name, ...] = ()
    domains: tuple[_Host | Domain, ...]
    hosting: tuple[_Host, ...] = ()  # theirs too, but strangers put things there
    sender_ids: tuple[str, ...] = ()  # of short messages
    contacts: tuple[str, ...] = ()  # public ones
    sees: tuple[Sight, ...] = ()
    source: str  # where the entry can be confirmed
    checked: date

    @property
    def sights(self) -> tuple[Sight, ...]:
        return self.sees or SIGHTS.get(self.kind, ("accounts",))

    @property
    def every_domain(self) -> tuple[Domain, ...]:
        return tuple(Domain(one) if isinstance(one, str) else one for one in self.domains)


class OrganisationFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    organisations: tuple[Organisation, ...] = msgspec.field(default=(), name="organisation")
