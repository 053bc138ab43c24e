"""What lies in the maildir, read as its recipient reads it: from the mail's headers and words alone."""

from __future__ import annotations

import email
import email.message
import email.policy
import re
from pathlib import Path

import msgspec

_ADDRESS = re.compile(r"Your public address then: (\S+)")
_SEEN = re.compile(r"The same in UTC: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_PORT = re.compile(r"^ *Port: (\d+)", re.MULTILINE)
_REF = re.compile(r"Their reference number: (\S+)")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`to` is the household's name in the scene; the lists follow the matters of the letter."""

    to: str
    addresses: tuple[str, ...]
    ports: tuple[int, ...]
    seen: tuple[str, ...]
    refs: tuple[str, ...]
    subject: str
    text: str
    raw: bytes

    @property
    def told(self) -> tuple[str, str]:
        """To whom, about which address (of the first matter)."""
        return self.to, self.addresses[0]


def letters_in(maildir: Path) -> list[Letter]:
    """Every mail, in the order of its name in the maildir, which follows the notice's reference."""
    return [read_letter(path.read_bytes()) for path in sorted((maildir / "new").glob("*"))]


def read_letter(raw: bytes) -> Letter:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, email.message.EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content().partition("-----BEGIN TOCSIN PROOF-----")[0]
    return Letter(
        to=str(mail["To"]).partition("@")[0],
        addresses=tuple(_ADDRESS.findall(text)),
        ports=tuple(map(int, _PORT.findall(text))),
        seen=tuple(_SEEN.findall(text)),
        refs=tuple(_REF.findall(text)),
        subject=str(mail["Subject"]),
        text=" ".join(text.split()),
        raw=raw,
    )
