"""A letter becomes a mail: proof, MIME, DKIM. The same letter and facts give the same bytes."""

from __future__ import annotations

import hmac
import re
from email.utils import format_datetime

import msgspec

from tocsin.notices.bounce import bounce_address
from tocsin.notices.compose import Letter
from tocsin.notices.issuer import Issuer, Keys, is_mail_address
from tocsin.notices.mime import alternative, field, mailbox, unstructured
from tocsin.notices.signer import dkim_signature
from tocsin.proof.alphabet import encode_base32
from tocsin.proof.canonical import canonical
from tocsin.proof.facts import Facts
from tocsin.proof.proof import HEADER, Head, Proof, make_proof
from tocsin.terms.errors import Refused

NOTICE = re.compile(r"N-[0-9A-Z]{16}", re.ASCII)
_DOMAIN = b"tocsin-message-id-v1\n"
_ID_CHARACTERS = 20  # 100 bits


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is ready to go, and its envelope (RFC 5321 §2.3.1)."""

    notice: str
    message_id: str  # with its angle brackets
    envelope_from: str  # where bounces go; names the notice
    envelope_to: str
    raw: bytes  # CRLF lines; without Return-Path, which the last hop writes (RFC 5321 §4.4)


def seal(letter: Letter, facts: Facts, issuer: Issuer, keys: Keys) -> Sealed:
    """The mail with its proof in a header and, to be copied, at the end of both twins; signed by DKIM last.

    Refused when the facts cannot be proved (a key of another issuer or not valid then, facts too long) or name a
    recipient or a notice that no header could hold.
    """
    if not is_mail_address(facts.recipient):
        raise Refused(f"not a mail address: {facts.recipient[:80]!r}", where=facts.notice)
    if not NOTICE.fullmatch(facts.notice):
        raise Refused(f"not the reference of a notice: {facts.notice[:40]!r}")
    head = Head(
        sender=mailbox(issuer.name, issuer.mail_from),
        recipient=facts.recipient,
        subject=unstructured(letter.subject),
        date=format_datetime(facts.issued_at),
    )
    proof = _proof(letter, facts, keys, head)
    message_id = message_id_of(facts, issuer, keys)
    boundary = f"=_{facts.notice.lower()}"
    body = alternative(boundary, (("plain", _text(letter, proof)), ("html", _html(letter, proof))))
    fields = [
        field("From", head.sender),
        field("To", head.recipient),
        field("Subject", head.subject),
        field("Date", head.date),
        field("Message-ID", message_id),
        field("Auto-Submitted", "auto-generated"),  # RFC 3834 §5: no out-of-office answers
        field("Content-Language", facts.language),
        field(HEADER, proof.header()),
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]
    signature = dkim_signature(
        fields, body, domain=issuer.domain, selector=issuer.selector, key=keys.dkim, at=facts.issued_at
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in (("DKIM-Signature", signature), *fields))
    return Sealed(
        notice=facts.notice,
        message_id=message_id,
        envelope_from=bounce_address(facts.notice, issuer.domain, keys.secret),
        envelope_to=facts.recipient,
        raw=lines.encode("ascii") + b"\r\n" + body,
    )


def _proof(letter: Letter, facts: Facts, keys: Keys, head: Head) -> Proof:
    try:
        return make_proof(facts, letter.text, letter.html, keys.proof, head)
    except ValueError as error:
        raise Refused(str(error), where=facts.notice) from error


def message_id_of(facts: Facts, issuer: Issuer, keys: Keys) -> str:
    """Follows from the facts and the secret: made again, it is the same; nobody else can foretell it."""
    digest = hmac.digest(keys.secret, _DOMAIN + canonical(facts), "sha256")
    return f"<{facts.notice.lower()}.{encode_base32(digest, _ID_CHARACTERS)}@{issuer.domain}>"


def _text(letter: Letter, proof: Proof) -> str:
    return f"{letter.text}\n{proof.block()}"


def _html(letter: Letter, proof: Proof) -> str:
    """In a bare `<pre>` before the end of the body; the letter's own text cannot hold that end tag."""
    head, end, tail = letter.html.rpartition("</body>")
    return f"{head}<pre>\n{proof.block()}</pre>\n{end}{tail}"
