"""A report as a mail: its MIME parts (RFC 2046), and its header fields."""

from __future__ import annotations

from base64 import encodebytes
from email.utils import format_datetime

import msgspec

from tocsin.notices.mime import field, mailbox, plain_body, unstructured
from tocsin.notices.reports.compose import Part, Report
from tocsin.notices.reports.group import Reporter


class Body(msgspec.Struct, frozen=True):
    """What a mail or a part of one consists of: the value of its Content-Type; its bytes, lines ending in CRLF."""

    content_type: str
    content: bytes


def report_body(report: Report) -> Body:
    """RFC 2046 §5.1.3: the text, then each attachment; a feedback report as RFC 5965 §2 has it."""
    encoding, text = plain_body(report.text)
    boundary = f"=_{report.number.lower()}"  # neither quoted-printable nor base 64 can yield `=_`
    fence = f"--{boundary}\r\n".encode()
    head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    pieces = [fence, head.encode(), text, b"\r\n"]
    for part in report.parts:
        pieces += [fence, _part(part)]
    content = b"".join((*pieces, f"--{boundary}--\r\n".encode()))
    kind = "multipart/report; report-type=feedback-report" if report.is_feedback else "multipart/mixed"
    return Body(f'{kind}; boundary="{boundary}"', content)


def _part(part: Part) -> bytes:
    if part.is_bare:  # RFC 2046 §5.2.1, RFC 5965 §2: a mail within a mail is not encoded once more
        text = part.text.replace("\r\n", "\n").replace("\n", "\r\n")
        return f"Content-Type: {part.content_type}\r\n\r\n{text}\r\n".encode("ascii")
    head = (
        f"Content-Type: {part.content_type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{part.name}"\r\n\r\n'
    )
    return head.encode() + encodebytes(part.text.encode()).replace(b"\n", b"\r\n")


def mail_fields(report: Report, reporter: Reporter, message_id: str, content_type: str) -> list[tuple[str, str]]:
    is_xarf = any(part.name.startswith("xarf-") for part in report.parts) and content_type.startswith("multipart/mixed")
    return [
        field("From", mailbox(reporter.name, reporter.mail)),
        field("To", report.to),
        field("Subject", unstructured(report.subject)),
        field("Date", format_datetime(report.at)),
        field("Message-ID", message_id),
        field("Auto-Submitted", "auto-generated"),  # RFC 3834 §5
        *([field("X-XARF", "PLAIN")] if is_xarf else []),  # by which programs know an X-ARF mail
        field("MIME-Version", "1.0"),
        field("Content-Type", content_type),
    ]


def unsigned(report: Report, reporter: Reporter) -> bytes:
    """The mail as it is printed: without a signature, with a Message-ID of its number."""
    body = report_body(report)
    message_id = f"<{report.number.lower()}@{reporter.domain}>"
    lines = mail_fields(report, reporter, message_id, body.content_type)
    return "".join(f"{name}: {value}\r\n" for name, value in lines).encode("ascii") + b"\r\n" + body.content
