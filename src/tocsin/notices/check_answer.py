"""The mail that tells somebody what was found in the mail he sent in. Plain text; nothing in it can be clicked."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path

import msgspec

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.catalogue import page_words
from tocsin.notices.issuer import Issuer, Keys, is_mail_address
from tocsin.notices.mime import field, mailbox, plain_body, unstructured
from tocsin.notices.seal import Sealed
from tocsin.notices.signer import dkim_signature
from tocsin.proof.alphabet import encode_base32
from tocsin.terms.errors import Refused

FOUND_MAX = 10
_WORDS = Path(__file__).parent / "check_answer.toml"
_DOMAIN = b"tocsin-check-answer-v1\n"
_ID_CHARACTERS = 20
_DOT = re.compile(r"(?<=[\w\]])\.(?=\w)")
_SCHEME = re.compile(r"\b(?:https?|ftp)(?=://)", re.IGNORECASE)
_MARKS = {"supports": "+", "contradicts": "!", "neutral": "-", "unchecked": "?"}


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: str
    attachment: str
    inline: str
    about: str
    links: str
    gone: str


@cache
def words() -> dict[str, Words]:
    """By language."""
    return msgspec.toml.decode(_WORDS.read_bytes(), type=dict[str, Words])


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked, by which mail; `name` is what that mail is known by, `form` how it was forwarded."""

    sender: str
    message_id: str
    name: str
    form: str


def check_answer(answer: Answer, asked: Asked, *, address: str, issuer: Issuer, keys: Keys, at: datetime) -> Sealed:
    """The mail, signed by DKIM, with no sender on its envelope (RFC 3834 §3.3). Refused when nobody can get it."""
    if not is_mail_address(asked.sender):
        raise Refused("not a mail address")
    said, page = words().get(answer.language) or words()["en"], page_words(answer.language)
    encoding, body = plain_body("\n".join(_lines(answer, asked, said, page, issuer)) + "\n")
    name = encode_base32(hmac.digest(keys.secret, _DOMAIN + asked.name.encode(), "sha256"), _ID_CHARACTERS)
    message_id = f"<check.{name}@{issuer.domain}>"
    subject = said.subject.format(verdict=page[f"verdict_{answer.verdict}"])
    threads = [field(key, asked.message_id) for key in ("In-Reply-To", "References") if asked.message_id]
    fields = [
        field("From", mailbox(issuer.name, address)),
        field("To", asked.sender),
        field("Subject", unstructured(subject)),
        field("Date", format_datetime(at)),
        field("Message-ID", message_id),
        *threads,
        field("Auto-Submitted", "auto-replied"),  # RFC 3834 §5
        field("Precedence", "bulk"),  # for programs that are older than that
        field("Content-Language", answer.language),
        field("MIME-Version", "1.0"),
        field("Content-Type", "text/plain; charset=utf-8"),
        field("Content-Transfer-Encoding", encoding),
    ]
    signature = dkim_signature(fields, body, domain=issuer.domain, selector=issuer.selector, key=keys.dkim, at=at)
    lines = "".join(f"{key}: {value}\r\n" for key, value in (("DKIM-Signature", signature), *fields))
    return Sealed(
        notice=asked.name[:24],
        message_id=message_id,
        envelope_from="",
        envelope_to=asked.sender,
        raw=lines.encode("ascii") + b"\r\n" + body,
    )


def _lines(answer: Answer, asked: Asked, said: Words, page: dict[str, str], issuer: Issuer) -> Iterator[str]:
    yield f"{page[f'verdict_{answer.verdict}']}. {page[f'line_{answer.verdict}']}"
    yield from ("", said.inline if asked.form == "inline" else said.attachment)
    about = answer.about
    rows = ((page["sender"], about.sender), (page["subject"], about.subject), (page["date"], about.date))
    if any(value for _, value in rows):
        yield from ("", f"{said.about}:", *(f"  {label}: {_dead(value)}" for label, value in rows if value))
    told = answer.answers
    for question, text in (("do", told.do), ("who", told.who), ("know", told.know)):
        yield from ("", page[question], f"  {_dead(text)}")
    yield from ("", page["found"])
    yield from (f"  {_MARKS[each.effect]} {_dead(each.text)}" for each in answer.findings[:FOUND_MAX])
    never = ("never_link", "never_ring", "never_secret", "never_remote")
    yield from ("", page["never"], *(f"  - {page[name]}" for name in never))
    yield from ("", said.links, said.gone.format(issuer=issuer.name))


def _dead(text: str) -> str:
    """No mail program makes a link of it; and on one line."""
    return _DOT.sub("[.]", _SCHEME.sub("hxxp", " ".join(text.split())))
