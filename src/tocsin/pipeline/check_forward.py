"""A mail that was sent in to be checked: whether it may be answered, by whom it was sent, and what it forwards. Pure.

An answer goes only to the domain that has signed the mail: else anybody could have us write to anybody (RFC 3834 §7).
"""

from __future__ import annotations

import re

import msgspec

from tocsin.mailcheck.authentic import Authentic, authenticate, is_aligned
from tocsin.mailcheck.boundary import boundary_of
from tocsin.mailcheck.mail import Mail, read_mail
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.resolver import Resolver
from tocsin.notices.inbound.parts import Part, read_part
from tocsin.notices.issuer import is_mail_address

DEPTH_MAX = 4
ADDRESSES_MAX = 50
_FORWARDED_BYTES_MAX = 4 * 1024 * 1024
_BULK = ("bulk", "junk", "list", "auto_reply")
_BY_LIST = ("list-id", "list-post", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-loop")
_MACHINE = re.compile(r"mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?([+-].*)?|listserv|majordomo")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,200}@[!-;=?-~]{1,200}>", re.ASCII)
_SAVED = re.compile(r"name\*?=[^;]{0,200}\.eml\"? ?;")


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """`refusal` says why nothing is answered, "" when it may be. `form`: `attachment`, `inline`, "" for neither."""

    refusal: str
    sender: str = ""
    message_id: str = ""
    language: str = ""
    form: str = ""
    inside: bytes = b""


def read_sent(raw: bytes, resolve: Resolver, own: tuple[str, ...]) -> Sent:
    """`own`: our addresses, that of the check first. Never raises for what the mail is."""
    mail, part = read_mail(raw), read_part(raw)
    sender = one_address(mail.first("from") or "") or ""
    refusal = machine_made(part, sender, own) or unsigned(mail, resolve, own[0])
    form, inside = ("", b"") if refusal else forwarded(part)
    message_id = _MESSAGE_ID.fullmatch(part.first("message-id").strip())
    return Sent(
        refusal=refusal or ("" if form else "empty"),
        sender=sender,
        message_id=message_id[0] if message_id else "",
        language=part.first("content-language")[:2].lower() or part.first("accept-language")[:2].lower(),
        form=form,
        inside=inside,
    )


def machine_made(part: Part, sender: str, own: tuple[str, ...]) -> str:
    """RFC 3834 §2: why an answer might meet a machine, or start a loop; "" where nothing says so."""
    automatic = part.first("auto-submitted").partition(";")[0].strip().lower()
    if not sender or not is_mail_address(sender) or len(part.values("from")) != 1:
        return "no one sender"
    if sender in own or _MACHINE.fullmatch(sender.rpartition("@")[0]):
        return "a machine's address"
    if automatic and automatic != "no":
        return "auto-submitted"
    if part.first("return-path").replace(" ", "") == "<>" or part.media_type == "multipart/report":
        return "a report"
    if part.first("precedence").strip().lower() in _BULK or any(part.first(name) for name in _BY_LIST):
        return "sent to many"
    return ""


def unsigned(mail: Mail, resolve: Resolver, address: str) -> str:
    """Why its sender is not shown to have sent it to us; "" where he is. `later`: DNS had no answer just now."""
    authentic = authenticate(mail, resolve, boundary_of(mail))
    aligned = [one for one in authentic.signatures if is_aligned(one.domain, authentic.author)]
    good = [one for one in aligned if one.state == "verified" and not one.uncovered]
    if authentic.how != "dkim" or not good:
        return "later" if _is_open(authentic) else "not signed by its sender"
    named = {name for name in ("to", "cc") if _names(mail, name, address)}
    if not any("from" in one.headers and named & one.headers for one in good):
        return "not signed as sent to us"  # somebody else's mail, sent on to us in his name
    return ""


def _is_open(authentic: Authentic) -> bool:
    waiting = any(one.state == "not-looked-up" for one in authentic.signatures)
    return waiting or (bool(authentic.signatures) and authentic.dmarc.result == "temperror")


def _names(mail: Mail, name: str, address: str) -> bool:
    values = mail.values(name)  # of two one may be unsigned
    parts = values[0].split(",")[:ADDRESSES_MAX] if len(values) == 1 else []
    return any(one_address(part.strip()) == address for part in parts)


def forwarded(part: Part) -> tuple[str, bytes]:
    """The first mail that it holds as an attachment, byte by byte; else the words of it."""
    found = _attached(part, 0)
    if found:
        return "attachment", found
    text = _words(part, 0)
    return ("inline", text.encode()) if text.strip() else ("", b"")


def _attached(part: Part, depth: int) -> bytes:
    if depth and (part.media_type == "message/rfc822" or _is_saved_mail(part)):
        return part.decoded()[:_FORWARDED_BYTES_MAX].lstrip(b"\r\n")
    inner = part.parts() if depth < DEPTH_MAX else []
    return next((raw for each in inner if (raw := _attached(each, depth + 1))), b"")


def _is_saved_mail(part: Part) -> bool:
    said = f"{part.first('content-disposition')};{part.first('content-type')};".lower()
    return part.media_type.startswith("application/") and _SAVED.search(said) is not None


def _words(part: Part, depth: int) -> str:
    """The first text that it shows."""
    if part.media_type in ("text/plain", "text/html"):
        return part.text()
    inner = part.parts() if depth < DEPTH_MAX else []
    return next((text for each in inner if (text := _words(each, depth + 1)).strip()), "")
