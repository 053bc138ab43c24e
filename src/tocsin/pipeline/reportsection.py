"""`[reports]`: what a clearing house tells networks, and what each contact and constituent wants."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.evidence.pgp import FINGERPRINT
from tocsin.notices.issuer import is_mail_address
from tocsin.notices.reports.group import Form
from tocsin.notices.reports.pgp import PgpKey
from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadConfig
from tocsin.terms.markings import Severity, Tlp

ROLES = ("infected", "attacker", "exposed", "infrastructure")
_REST_HOURS_MAX = 24 * 90
_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,10}[a-z]{2,63}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def is_domain(text: str) -> bool:
    """Whether it is a domain in lower case."""
    return bool(_DOMAIN.fullmatch(text))


class Encryption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a contact's or constituent's reports are kept from others' eyes. Never less than it wants."""

    encryption: Literal["none", "pgp"] = "none"
    pgp_key: str = ""  # a file with the public key
    pgp_fingerprint: str = ""  # as gpg prints it, with blanks or without

    def pgp(self, folder: Path) -> PgpKey | None:
        """The key to encrypt to; None where nothing is to be encrypted."""
        return key_in(folder, self.pgp_key, self.pgp_fingerprint) if self.encryption == "pgp" else None

    def _demand_key(self, where: str) -> None:
        if self.encryption == "pgp" or self.pgp_key:
            demand_key(self.pgp_key, self.pgp_fingerprint, where)


class Wish(Encryption, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one abuse contact wants; what is absent is as the section says."""

    mail: str
    form: Form | None = None
    rest_hours: int | None = None
    confidence: int | None = None
    tlp: Tlp | None = None  # the highest that it may read
    severity: Severity | None = None  # the least that it wants
    silent: bool = False  # wants none: it is counted, not written to

    def __post_init__(self) -> None:
        if not is_mail_address(self.mail):
            raise BadConfig(f"not a mail address: {self.mail[:80]!r}", where="reports.contacts.mail")
        _demand_hours(self.rest_hours, "reports.contacts.rest_hours")
        self._demand_key("reports.contacts")


class Constituent(Encryption, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who gets everything of certain networks, whoever is named as their contact (n6 calls this a subscription)."""

    name: str
    mail: str
    asns: tuple[int, ...] = ()
    prefixes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()  # of `peer_name`, and those below
    form: Form | None = None
    tlp: Tlp | None = None
    severity: Severity | None = None
    issuer: str = ""  # the domain in whose name it writes to its subscribers, where that of `mail` is another

    def __post_init__(self) -> None:
        if not is_mail_address(self.mail):
            raise BadConfig(f"not a mail address: {self.mail[:80]!r}", where="reports.constituents.mail")
        self._demand_key("reports.constituents")
        if self.issuer and not is_domain(self.issuer):
            raise BadConfig(f"not one: {self.issuer!r:.80}", where="reports.constituents.issuer")
        if not (self.asns or self.prefixes or self.countries or self.domains):
            raise BadConfig(f"{self.name!r} names no network", where="reports.constituents", remedy="asns, prefixes …")
        for prefix in self.prefixes:
            try:
                parse_network(prefix)
            except ValueError as error:
                raise BadConfig(str(error), where="reports.constituents.prefixes") from error
        for texts, form, where in ((self.countries, _COUNTRY, "countries"), (self.domains, _DOMAIN, "domains")):
            for text in texts:
                if not form.fullmatch(text):
                    raise BadConfig(f"not one: {text!r}", where=f"reports.constituents.{where}")


class ReportSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole section."""

    form: Form = "xarf"
    rest_hours: int = 24
    age_days: int = 3  # what was seen longer ago is told to nobody
    confidence: int = 0  # at least, 0 to 100; what names none counts as 50
    tlp: Tlp = "AMBER"  # what is marked higher goes to nobody who is not named for it
    severity: Severity = "info"
    roles: tuple[str, ...] = ("infected", "attacker", "exposed")
    contacts: tuple[Wish, ...] = ()
    constituents: tuple[Constituent, ...] = ()
    pgp_secret_key: str = ""  # a file with the key that reports are signed by, without a passphrase; '': none
    pgp_fingerprint: str = ""

    def __post_init__(self) -> None:
        unknown = [role for role in self.roles if role not in ROLES]
        if unknown:
            raise BadConfig(f"no role that is reported: {unknown[0]!r}", where="reports.roles", remedy=", ".join(ROLES))
        _demand_hours(self.rest_hours, "reports.rest_hours")
        if not 1 <= self.age_days <= 90:
            raise BadConfig(f"{self.age_days} is not allowed, 1 to 90 is", where="reports.age_days")
        if not 0 <= self.confidence <= 100:
            raise BadConfig(f"{self.confidence} is not allowed, 0 to 100 is", where="reports.confidence")
        if self.pgp_secret_key:
            demand_key(self.pgp_secret_key, self.pgp_fingerprint, "reports")

    def signer(self, folder: Path) -> PgpKey | None:
        """What reports are signed by; a relative file lies beside the configuration."""
        return key_in(folder, self.pgp_secret_key, self.pgp_fingerprint) if self.pgp_secret_key else None

    def keys_by_mail(self, folder: Path) -> dict[str, PgpKey]:
        """Of whoever wants encryption, as contact or as constituent; addresses in lower case."""
        named = [(each.mail.lower(), each.pgp(folder)) for each in self.constituents]
        named += [(each.mail.lower(), each.pgp(folder)) for each in self.contacts]
        return {mail: key for mail, key in named if key is not None}

    def wish_of(self, mail: str) -> Wish:
        """What that contact wants, with the section's own where it says nothing."""
        told = next((each for each in self.contacts if each.mail.lower() == mail.lower()), Wish(mail=mail))
        return Wish(
            mail=mail,
            form=told.form or self.form,
            rest_hours=self.rest_hours if told.rest_hours is None else told.rest_hours,
            confidence=self.confidence if told.confidence is None else told.confidence,
            tlp=told.tlp or self.tlp,
            severity=told.severity or self.severity,
            silent=told.silent,
        )


def key_in(folder: Path, file: str, fingerprint: str) -> PgpKey:
    return PgpKey(folder / Path(file).expanduser(), "".join(fingerprint.split()).upper())


def demand_key(file: str, fingerprint: str, where: str) -> None:
    """Raises BadConfig unless both are there: a key that nobody has compared is nobody's."""
    if not file:
        raise BadConfig("no key is named", where=f"{where}.pgp_key", remedy="gpg --export --armor ADDRESS > FILE")
    if not FINGERPRINT.fullmatch("".join(fingerprint.split()).upper()):
        remedy = "as gpg --show-keys FILE prints it, compared with its owner's"
        raise BadConfig("not a fingerprint", where=f"{where}.pgp_fingerprint", remedy=remedy)


def _demand_hours(value: int | None, where: str) -> None:
    if value is not None and not 0 <= value <= _REST_HOURS_MAX:
        raise BadConfig(f"{value} is not allowed, 0 to {_REST_HOURS_MAX} is", where=where)
