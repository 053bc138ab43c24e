"""`[check_mail]`: the address to which people forward mails that they do not trust."""

from __future__ import annotations

import msgspec

from tocsin.notices.issuer import is_mail_address
from tocsin.terms.errors import BadConfig

_ANSWERS_MAX = 1_000
_MINUTES_MAX = 1_440


class CheckMailSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing is read and nobody is answered unless an address and a place where its mail lies are named."""

    address: str = ""
    maildir: str = ""  # a maildir of its own, into which the mail server delivers
    folder: str = ""  # or a folder of the IMAP server of [mailbox], for these mails alone
    answers_per_day: int = 10  # to one sender
    minutes: int = 1  # between two looks, by `tocsin serve`

    def __post_init__(self) -> None:
        if bool(self.address) != bool(self.maildir or self.folder):
            what = "an address and a place where its mail lies belong together"
            raise BadConfig(what, where="check_mail", remedy="name address, and maildir or folder")
        if self.address and (not is_mail_address(self.address) or self.address != self.address.lower()):
            raise BadConfig(f"not a mail address in lower case: {self.address!r:.80}", where="check_mail.address")
        if self.maildir and self.folder:
            raise BadConfig("either a maildir or a folder", where="check_mail.folder")
        for name, most in (("answers_per_day", _ANSWERS_MAX), ("minutes", _MINUTES_MAX)):
            if not 1 <= getattr(self, name) <= most:
                raise BadConfig(f"{getattr(self, name)} is not allowed, 1 to {most} is", where=f"check_mail.{name}")
