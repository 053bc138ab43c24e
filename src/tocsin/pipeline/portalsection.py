"""`[portal]`: whom the public pages name besides ourselves."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from tocsin.notices.issuer import is_mail_address
from tocsin.terms.errors import BadConfig

_NAME_MAX = 200
_SERVERS_MAX = 8


class PortalSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The CERT to which people may write, and how to tell us of a hole in our pages."""

    cert_name: str = ""
    cert_mail: str = ""
    security_contact: str = ""  # for security.txt: mailto: or https:
    known: str = ""  # issuers whose proofs the check of a mail trusts besides our own (known.toml)
    lists: str = ""  # a folder with lists of harmful links; without one `lists` in the data folder
    alerts: str = ""  # our own dated alerts (TOML), beside those of the catalogue
    dns: tuple[str, ...] = ()  # whom a check may ask: addresses, or "system"; nobody unless said so

    def __post_init__(self) -> None:
        if self.cert_mail and not is_mail_address(self.cert_mail):
            raise BadConfig(f"not a mail address: {self.cert_mail!r:.80}", where="portal.cert_mail")
        if len(self.cert_name) > _NAME_MAX:
            raise BadConfig("the name is too long", where="portal.cert_name")
        contact = urlsplit(self.security_contact)
        plain = self.security_contact.isascii() and self.security_contact.isprintable()
        known = contact.scheme in {"https", "mailto"} and (contact.netloc or contact.path) and plain
        if self.security_contact and not known:
            what, remedy = f"not a contact: {self.security_contact!r:.80}", "as mailto:NAME@DOMAIN or https://…"
            raise BadConfig(what, where="portal.security_contact", remedy=remedy)
        if len(self.dns) > _SERVERS_MAX or ("system" in self.dns and len(self.dns) > 1):
            remedy = 'as ["system"] or ["192.0.2.53"]'
            raise BadConfig("either the system's servers or a few of one's own", where="portal.dns", remedy=remedy)
