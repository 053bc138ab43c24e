"""Mails that come back, as the programs of this world write them."""

from __future__ import annotations

from tests.delivery import post_office
from tocsin.notices.bounce import bounce_address
from tocsin.notices.issuer import Keys
from tocsin.notices.seal import Sealed

SENT = "Tue, 24 Nov 2026 12:30:00 +0000"


def verp(keys: Keys, number: int = 1) -> str:
    return bounce_address(post_office.name_of(number), "net.example", keys.secret)


def report(
    to: str,
    *blocks: str,
    head: str = "",
    first: str = "Reporting-MTA: dns; mail.post.example\n",
    returned: str = "Subject: x\n",
    words: str = "I am sorry to have to inform you that your message could not be delivered.",
) -> bytes:
    """RFC 3464, as Postfix writes it."""
    status = "\n".join((first, *blocks))
    return crlf(
        f"Return-Path: <>\nDelivered-To: {to}\nFrom: MAILER-DAEMON@post.example (Mail Delivery System)\nTo: {to}\n"
        f"Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n{head}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="9B095.1/post.example"\n\n'
        "This is a MIME-encapsulated message.\n\n--9B095.1/post.example\nContent-Type: text/plain; charset=us-ascii\n\n"
        f"{words}\n\n--9B095.1/post.example\nContent-Type: message/delivery-status\n\n{status}\n"
        f"--9B095.1/post.example\nContent-Type: text/rfc822-headers\n\n{returned}\n--9B095.1/post.example--\n"
    )


def block(
    recipient: str = "robin1@post.example",
    *,
    action: str = "failed",
    status: str = "5.1.1",
    original: str = "",
    code: str = "550 5.1.1 <robin1@post.example>: Recipient address rejected: User unknown",
) -> str:
    first = f"Original-Recipient: rfc822;{original}\n" if original else ""
    return (
        f"{first}Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        f"Remote-MTA: dns; mx.post.example\nDiagnostic-Code: smtp; {code}\n"
    )


def mail(*fields: str, body: str = "Hello\n", media_type: str = "text/plain; charset=utf-8") -> bytes:
    head = "\n".join((*fields, f"Date: {SENT}", "MIME-Version: 1.0", f"Content-Type: {media_type}"))
    return crlf(f"{head}\n\n{body}")


def reply_to(sealed: Sealed, body: str = "I have cleaned it.\nThank you\n", *more: str) -> bytes:
    return mail(
        "Return-Path: <robin1@post.example>",
        "From: Robin <robin1@post.example>",
        "To: notices@net.example",
        "Subject: Re: your notice",
        f"In-Reply-To: {sealed.message_id}",
        *more,
        body=body,
    )


def feedback(sealed: Sealed, to: str = "abuse@net.example", kind: str = "abuse", mail_from: str = "") -> bytes:
    """RFC 5965."""
    return crlf(
        f"From: <feedback@big.example>\nTo: <{to}>\nSubject: FW: notice\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report;\n boundary="part1"\n\n--part1\n'
        "Content-Type: text/plain\n\nThis is an email abuse report.\n--part1\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"
        f"{f'Original-Mail-From: <{mail_from}>' if mail_from else 'Arrival-Date: x'}\n--part1\n"
        f"Content-Type: message/rfc822\n\nFrom: notices@net.example\nMessage-ID: {sealed.message_id}\n\nx\n--part1--\n"
    )


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
