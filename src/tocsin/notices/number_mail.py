"""The mail with the number that opens a notice at the portal. It holds no link: the page is open already."""

from __future__ import annotations

import hmac
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path

import msgspec

from tocsin.notices.issuer import Issuer, Keys, is_mail_address
from tocsin.notices.mime import field, mailbox, plain_body, unstructured
from tocsin.notices.seal import Sealed
from tocsin.notices.signer import dkim_signature
from tocsin.proof.alphabet import encode_base32
from tocsin.terms.errors import Refused

_WORDS = Path(__file__).parent / "number_mail.toml"
_DOMAIN = b"tocsin-number-mail-v1\n"
_ID_CHARACTERS = 20


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: str
    text: str


@cache
def words() -> dict[str, Words]:
    """By language."""
    return msgspec.toml.decode(_WORDS.read_bytes(), type=dict[str, Words])


def number_mail(
    number: str, *, visit: str, to: str, language: str, minutes: int, issuer: Issuer, keys: Keys, at: datetime
) -> Sealed:
    """The mail, signed by DKIM. Refused when the address cannot stand in a header."""
    if not is_mail_address(to):
        raise Refused("not a mail address")
    said = words().get(language) or words()[issuer.language]
    values = {"issuer": issuer.name, "number": f"{number[:4]} {number[4:]}", "minutes": minutes}
    name = encode_base32(hmac.digest(keys.secret, _DOMAIN + visit.encode(), "sha256"), _ID_CHARACTERS)
    encoding, body = plain_body(said.text.format_map(values))
    message_id = f"<{name}@{issuer.domain}>"
    fields = [
        field("From", mailbox(issuer.name, issuer.mail_from)),
        field("To", to),
        field("Subject", unstructured(said.subject.format_map(values))),
        field("Date", format_datetime(at)),
        field("Message-ID", message_id),
        field("Auto-Submitted", "auto-replied"),  # RFC 3834 §5: it answers a form
        field("Content-Language", language),
        field("MIME-Version", "1.0"),
        field("Content-Type", "text/plain; charset=utf-8"),
        field("Content-Transfer-Encoding", encoding),
    ]
    signature = dkim_signature(fields, body, domain=issuer.domain, selector=issuer.selector, key=keys.dkim, at=at)
    lines = "".join(f"{key}: {value}\r\n" for key, value in (("DKIM-Signature", signature), *fields))
    return Sealed(
        notice=visit[:24],
        message_id=message_id,
        envelope_from=issuer.mail_from,
        envelope_to=to,
        raw=lines.encode("ascii") + b"\r\n" + body,
    )
