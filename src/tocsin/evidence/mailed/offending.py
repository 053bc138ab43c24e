"""The mail that a complaint is about, out of the complaint that was kept as evidence: bounded, never fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID

import msgspec

from tocsin.evidence.blocks import Truncated, open_blocks
from tocsin.evidence.mailed.mail import fields_of_text
from tocsin.evidence.mails import DEPTH_MAX, MAIL_BYTES_MAX, PARTS_MAX, is_too_bushy
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import BadRequest

_HOPS_MAX = 50  # Received lines that are looked at
_NUMBERS = re.compile(r"[0-9A-Fa-f.:]{3,45}")


class Offending(msgspec.Struct, frozen=True, kw_only=True):
    """`raw` is the whole mail, or its headers alone; `around` are the complaint's fields, which name who complains."""

    raw: bytes
    is_whole: bool
    around: tuple[tuple[str, str], ...]  # lower-case names, values as written


def offending_mail(evidence: Path, address: UUID) -> Offending | None:
    """The mail that came from that address, as the complaint or its Received lines say; None where there is none."""
    raw = _bytes_of(evidence)
    if raw is None or is_too_bushy(raw):
        return None
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        parts = list(_parts(message))
    except RecursionError:
        return None
    report = [pair for part in parts if part.get_content_type() == "message/feedback-report" for pair in _fields(part)]
    around = (*((name.lower(), str(value)) for name, value in message.items()), *report)
    for part in parts:
        found = _within(part)
        if found is not None and _is_from(found[0], report, address):
            return Offending(raw=found[0], is_whole=found[1], around=around)
    return None


def _bytes_of(evidence: Path) -> bytes | None:
    blocks: list[bytes] = []
    size = 0
    try:
        for block in open_blocks(evidence):
            if isinstance(block, Truncated):
                return None
            size += len(block)
            if size > MAIL_BYTES_MAX:
                return None
            blocks.append(block)
    except (BadRequest, OSError):  # gone by retention, or a container
        return None
    return b"".join(blocks)


def _parts(message: Message) -> Iterator[Message]:
    """Depth first; what is within a mail that is complained about is not looked into."""
    waiting = [(message, 1)]
    seen = 0
    while waiting and seen < PARTS_MAX:
        part, depth = waiting.pop()
        seen += 1
        yield part
        if part.is_multipart() and not part.get_content_type().startswith("message/") and depth < DEPTH_MAX:
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            waiting.extend((child, depth + 1) for child in reversed(children))


def _fields(part: Message) -> list[tuple[str, str]]:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else payload
    return list(fields_of_text(str(inner or "").strip()))


def _within(part: Message) -> tuple[bytes, bool] | None:
    kind, payload = part.get_content_type(), part.get_payload()
    if kind == "message/rfc822" and isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0].as_bytes(), True
    if kind in {"text/rfc822-headers", "message/rfc822-headers"}:
        first = payload[0] if isinstance(payload, list) and payload else None
        inner = first.as_bytes() if isinstance(first, Message) else part.get_payload(decode=True)
        return (inner, False) if isinstance(inner, bytes) else None
    return None


def _is_from(raw: bytes, report: list[tuple[str, str]], address: UUID) -> bool:
    said = next((value for name, value in report if name == "source-ip"), "")
    if said:
        return _address(said.strip("[] ")) == address
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0].decode(errors="replace")
    hops = [value for name, value in fields_of_text(head) if name == "received"]
    return any(_address(text) == address for hop in hops[:_HOPS_MAX] for text in _NUMBERS.findall(hop))


def _address(text: str) -> UUID | None:
    try:
        return parse_address(text)
    except ValueError:
        return None
