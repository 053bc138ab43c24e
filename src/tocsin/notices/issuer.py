"""Who writes the notices, and the keys that seal them."""

from __future__ import annotations

import re

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tocsin.proof.keys import SecretKey
from tocsin.terms.errors import BadConfig

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+", re.ASCII)
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
# RFC 5321 §4.1.2, the Dot-string form only: no quoting, no comments, nothing that could leave its header.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"(?=.{{1,64}}\Z){_ATOM}(?:\.{_ATOM})*", re.ASCII)


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """The provider as its notices name it. BadConfig when a field would make a header or a DNS name invalid.

    There is no field for a telephone number or a web address: a letter prints neither, since whoever forges a letter
    would print his own. It names the number "on your bill" and the website "as you always reach it".
    """

    name: str
    domain: str  # signs (DKIM d=), stands in the facts, takes the bounces
    mail_from: str  # an address at exactly that domain: DMARC's strict alignment (RFC 7489 §3.1)
    selector: str = "tocsin"  # DKIM s=
    language: str = "en"  # of subscribers who chose none
    zone: str = "UTC"  # IANA time zone of subscribers who chose none
    phone_hint: str = ""  # "the number on your bill" in the issuer's language; without it the catalogue's own words

    def __post_init__(self) -> None:
        if not _DOMAIN.fullmatch(self.domain):
            raise BadConfig(f"not a domain in lower case: {self.domain!r}", where="issuer.domain")
        if not is_mail_address(self.mail_from) or self.mail_from.rpartition("@")[2] != self.domain:
            raise BadConfig(f"not an address at {self.domain}: {self.mail_from!r}", where="issuer.mail_from")
        if not _SELECTOR.fullmatch(self.selector):
            raise BadConfig(f"not a DKIM selector: {self.selector!r}", where="issuer.selector")
        if not self.name.strip():
            raise BadConfig("the provider has no name", where="issuer.name")


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What only the issuer has. `secret` (at least 32 bytes) makes codes, Message-IDs and bounce addresses."""

    proof: SecretKey
    dkim: RSAPrivateKey
    secret: bytes

    def __repr__(self) -> str:
        return f"Keys(proof={self.proof.id})"


def is_mail_address(text: str) -> bool:
    """Whether it can stand in a header as it is: ASCII, one `@`, a domain with a dot, no quoting."""
    local, _, domain = text.rpartition("@")
    return len(text) <= 254 and bool(_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain.lower()))
