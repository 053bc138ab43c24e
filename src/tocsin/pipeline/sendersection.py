"""`[sources.sender]`: who must have sent a source's mails; `[senders]`: by what that is found out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.evidence.pgp import FINGERPRINT
from tocsin.evidence.senders import Means, Sender
from tocsin.mailcheck.dnscache import read_cache
from tocsin.mailcheck.online import Online
from tocsin.mailcheck.resolver import FirstOf, Resolver, offline, zone_resolver
from tocsin.notices.issuer import is_mail_address
from tocsin.pipeline.clock import present
from tocsin.terms.errors import BadConfig

_DOMAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.){1,10}[a-z][a-z0-9-]{1,62}", re.ASCII)


class SenderSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is named must hold. From alone can be written by anybody, and is no proof."""

    author: str = msgspec.field(default="", name="from")
    dkim: str = ""
    pgp: str = ""
    otherwise: Literal["stranger", "reject"] = "stranger"

    def __post_init__(self) -> None:
        where = "sources.sender"
        if self.author and not (self.dkim or self.pgp):
            remedy = "name dkim (the domain that signs) or pgp (a fingerprint) beside it"
            raise BadConfig("anybody can write a From", where=f"{where}.from", remedy=remedy)
        known = is_mail_address(self.author) and self.author == self.author.lower()
        if self.author and not known and not _DOMAIN.fullmatch(self.author):
            raise BadConfig(f"no address or domain in lower case: {self.author!r:.80}", where=f"{where}.from")
        if self.dkim and not _DOMAIN.fullmatch(self.dkim):
            raise BadConfig(f"no domain in lower case: {self.dkim!r:.80}", where=f"{where}.dkim")
        if self.pgp and not FINGERPRINT.fullmatch(self.fingerprint):
            remedy = "the whole fingerprint of the primary key: gpg --fingerprint"
            raise BadConfig(f"no fingerprint: {self.pgp!r:.80}", where=f"{where}.pgp", remedy=remedy)

    @property
    def is_asked(self) -> bool:
        return bool(self.dkim or self.pgp)

    @property
    def fingerprint(self) -> str:
        return "".join(self.pgp.split()).upper()

    def wanted(self) -> Sender:
        return Sender(author=self.author, dkim=self.dkim, pgp=self.fingerprint)


class SendersSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nobody is asked over the net unless `dns` says whom."""

    zone: str = ""  # a zone file with DKIM keys
    dns_cache: str = ""  # a file of DNS answers with their times; `dns` adds to it
    dns: tuple[str, ...] = ()  # addresses of servers, or "system"
    authserv: str = ""  # one's own mail server, as it names itself in Authentication-Results
    pgp_keys: str = ""  # a file of public keys

    def __post_init__(self) -> None:
        if "system" in self.dns and len(self.dns) > 1:
            raise BadConfig("either the system's servers or a few of one's own", where="senders.dns")
        if self.authserv and not _DOMAIN.fullmatch(self.authserv):
            raise BadConfig(f"no server's name: {self.authserv!r:.80}", where="senders.authserv")

    def means(self, folder: Path) -> Means:
        """`folder` is the configuration's. Raises BadConfig or BadRequest for a file that cannot be used."""
        keys = folder / Path(self.pgp_keys).expanduser() if self.pgp_keys else None
        return Means(resolve=self._resolver(folder), pgp_keys=keys, authserv=self.authserv)

    def _resolver(self, folder: Path) -> Resolver:
        cache = folder / Path(self.dns_cache).expanduser() if self.dns_cache else None
        found: list[Resolver] = [zone_resolver(folder / Path(self.zone).expanduser())] if self.zone else []
        if cache is not None and (cache.exists() or not self.dns):
            found.append(read_cache(cache))
        if self.dns:
            found.append(Online(present, tuple(each for each in self.dns if each != "system"), cache))
        return found[0] if len(found) == 1 else FirstOf(*found) if found else offline
