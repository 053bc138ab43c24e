"""Delivery status notifications (RFC 3464): what became of each recipient."""

from __future__ import annotations

import re

import msgspec

from tocsin.notices.inbound.parts import Part, fields_of
from tocsin.notices.smtp.reply import printable

RECIPIENTS_MAX = 20
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")  # RFC 3464 §2.3.3
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
_BLOCKS = re.compile(r"\n[ \t]*\n+")


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """Of one recipient. `original` is the address that we wrote to, where the report says it."""

    recipient: str
    action: str
    original: str = ""
    status: str | None = None
    diagnostic: str | None = None

    @property
    def is_hard(self) -> bool:
        """Given up, and for a lasting reason (RFC 3463 §3.1)."""
        return self.action == "failed" and (self.status or "").startswith("5.")

    def is_of(self, address: str) -> bool:
        """Whether it is about that address: one that it was passed on to is another's trouble."""
        return address.lower() in (self.original.lower(), self.recipient.lower())

    @property
    def said(self) -> str:
        return " ".join(filter(None, (self.status, self.diagnostic)))[:250] or self.action


class Status(msgspec.Struct, frozen=True):
    """`envelope_id` is what we had named the mail by (RFC 3461 §4.4)."""

    envelope_id: str
    fates: tuple[Fate, ...]


def read_status(part: Part) -> Status:
    """Of a part message/delivery-status, or message/global-delivery-status (RFC 6533)."""
    text = part.text().replace("\r\n", "\n").strip("\n")
    blocks = [fields_of(block) for block in _BLOCKS.split(text, maxsplit=RECIPIENTS_MAX + 1)[: RECIPIENTS_MAX + 1]]
    whole = blocks[0] if blocks else {}
    found = (_fate(block) for block in blocks)
    return Status(whole.get("original-envelope-id", "")[:200], tuple(fate for fate in found if fate))


def _fate(block: dict[str, str]) -> Fate | None:
    action = block.get("action", "").strip().lower()
    if action not in _ACTIONS:
        return None
    status = _STATUS.match(block.get("status", ""))
    return Fate(
        recipient=_address(block.get("final-recipient", "")),
        action=action,
        original=_address(block.get("original-recipient", "")),
        status=status[0] if status else None,
        diagnostic=_plain(block.get("diagnostic-code", "").partition(";")[2].strip()) or None,
    )


def _address(said: str) -> str:
    """`rfc822; robin@post.example`: the type is left out, and what we put into xtext (RFC 3461 §4) undone."""
    address = said.partition(";")[2].strip().strip("<>")
    return _plain(address.replace("+2B", "+").replace("+3D", "="))


def _plain(text: str) -> str:
    return printable(text.encode("utf-8", "replace"))[:250]
