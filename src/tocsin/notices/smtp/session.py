"""One mail at a time through an open way (RFC 5321 §3.3), with a moment for the caller before the final dot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress

from tocsin.notices.deliver import Delivery, DeliveryResult
from tocsin.notices.issuer import is_mail_address
from tocsin.notices.seal import Sealed
from tocsin.notices.smtp.dialogue import Way, enter
from tocsin.notices.smtp.reply import Broken, Reply

_QUIT_S = 5
_ENVELOPE_ID_CHARACTERS_MAX = 100  # RFC 3461 §4.4
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_LINE_BYTES_MAX = 998  # RFC 5322 §2.1.1
_DOT_AT_START = re.compile(rb"(?m)^\.")
# What says something of the mailbox, rather than of us or the mail (RFC 3463 §3.2, §3.3; RFC 5321 §4.2.3).
_OF_MAILBOX = re.compile(r"5\.[12]\.\d+")
_OF_MAILBOX_CODES = (550, 551, 553)


class Session:
    """A connection that may carry many mails. After a break it `is_open` no more."""

    def __init__(self, way: Way) -> None:
        """Raises Unreachable."""
        self._way, self._timeout_s = way, way.config.timeout_s
        opened = enter(way)
        self._wire, self._offers = opened.wire, opened.offers
        self.is_open = True
        self.carried = 0  # mails for which it has taken a sender

    def deliver(self, sealed: Sealed, before_dot: Callable[[], bool]) -> Delivery:
        """`before_dot` is called when everything but the final dot has been sent; when it says no, nothing leaves."""
        fault = _fault_of(sealed, self._offers)
        if fault:
            return Delivery(DeliveryResult.REFUSED, fault)
        try:
            delivery = self._envelope(sealed) or self._content(sealed, before_dot)
        except Broken as broken:
            self.close()
            return Delivery(DeliveryResult.LATER, str(broken))
        self._reset(delivery)
        return delivery

    def quit(self) -> None:
        if self.is_open:
            with suppress(Broken):
                self._wire.ask("QUIT", _QUIT_S)
        self.close()

    def close(self) -> None:
        """Without a word: what has no dot is not delivered (RFC 5321 §4.1.1.4)."""
        self.is_open = False
        self._wire.close()

    def _envelope(self, sealed: Sealed) -> Delivery | None:
        """None when the server has taken sender and recipient, and waits for the mail."""
        reply = self._wire.ask(_mail_from(sealed, self._offers), self._timeout_s)
        if not reply.is_good:
            return _judged_sender(reply)
        self.carried += 1
        reply = self._wire.ask(_rcpt_to(sealed, self._offers), self._timeout_s)
        if not reply.is_good:
            return _judged_recipient(reply)
        reply = self._wire.ask("DATA", self._timeout_s)
        if reply.code == 354:
            return None
        if reply.is_good:
            raise Broken(f"the server answers DATA with {reply.text}")
        return _judged(reply)

    def _content(self, sealed: Sealed, before_dot: Callable[[], bool]) -> Delivery:
        self._wire.send(_DOT_AT_START.sub(b"..", sealed.raw), self._way.config.dot_timeout_s)  # RFC 5321 §4.5.2
        self._wire.demand_silence()
        if not before_dot():
            self.close()
            return Delivery(DeliveryResult.WITHDRAWN, "it was stopped while it was leaving")
        try:
            self._wire.send(b".\r\n", self._timeout_s)
            reply = self._wire.reply(self._way.config.dot_timeout_s)
        except Broken as broken:
            self.close()
            return Delivery(DeliveryResult.UNCERTAIN, f"the last dot may have been sent, then {broken}")
        if reply.is_good:
            return _said(DeliveryResult.DELIVERED, reply)
        if reply.is_for_now or reply.is_for_good:
            return _judged(reply)
        self.close()
        return _said(DeliveryResult.UNCERTAIN, reply)

    def _reset(self, delivery: Delivery) -> None:
        """The next mail begins anew; a server that closes says 421."""
        if delivery.result is DeliveryResult.DELIVERED or not self.is_open:
            return
        try:
            if delivery.code == 421 or not self._wire.ask("RSET", self._timeout_s).is_good:
                self.close()
        except Broken:
            self.close()


def _fault_of(sealed: Sealed, offers: Mapping[str, str]) -> str:
    """Why these bytes may not go on the wire: they could be read as two mails, or as commands."""
    sender = sealed.envelope_from
    if (sender and not is_mail_address(sender)) or not is_mail_address(sealed.envelope_to):
        return "its envelope is not of plain addresses"
    if not sealed.raw.endswith(b"\r\n") or _BARE.search(sealed.raw):
        return "a line of it does not end as lines of a mail do"  # RFC 5321 §2.3.8: smuggling
    if not sealed.raw.isascii() and "8BITMIME" not in offers:
        return "it holds more than ASCII, which the server does not take"
    longest = max(map(len, sealed.raw.split(b"\r\n")))
    return f"a line of it has {longest} bytes" if longest > _LINE_BYTES_MAX else ""


def _mail_from(sealed: Sealed, offers: Mapping[str, str]) -> str:
    words = [f"MAIL FROM:<{sealed.envelope_from}>"]
    if "SIZE" in offers:  # RFC 1870
        words.append(f"SIZE={len(sealed.raw)}")
    if "8BITMIME" in offers:  # RFC 6152
        words.append("BODY=7BIT" if sealed.raw.isascii() else "BODY=8BITMIME")
    if "DSN" in offers:  # RFC 3461 §4.3, §4.4: the headers come back with a bounce, and what names the notice
        words.append(f"RET=HDRS ENVID={_xtext(_envelope_id(sealed))}")
    return " ".join(words)


def _rcpt_to(sealed: Sealed, offers: Mapping[str, str]) -> str:
    words = [f"RCPT TO:<{sealed.envelope_to}>"]
    if "DSN" in offers:  # RFC 3461 §4.1, §4.2
        words.append(f"NOTIFY=FAILURE,DELAY ORCPT=rfc822;{_xtext(sealed.envelope_to)}")
    return " ".join(words)


def _envelope_id(sealed: Sealed) -> str:
    """What a bounce names even where nothing else of the notice comes back; nobody else can foretell it."""
    return sealed.message_id.strip("<>").rpartition("@")[0][:_ENVELOPE_ID_CHARACTERS_MAX]


def _xtext(text: str) -> str:
    """RFC 3461 §4."""
    return "".join(sign if "!" <= sign <= "~" and sign not in "+=" else f"+{ord(sign):02X}" for sign in text)


def _judged_sender(reply: Reply) -> Delivery:
    """A size that is too large is the mail's fault; any other lasting no to our sender is the way's."""
    if reply.is_for_good and (reply.code == 552 or (reply.enhanced or "").startswith(("5.2.", "5.3."))):
        return _said(DeliveryResult.REFUSED, reply)
    return _judged(reply) if reply.is_for_now else _said(DeliveryResult.CLOSED, reply)


def _judged_recipient(reply: Reply) -> Delivery:
    of_mailbox = _OF_MAILBOX.fullmatch(reply.enhanced) if reply.enhanced else reply.code in _OF_MAILBOX_CODES
    if reply.is_for_good and of_mailbox:
        return _said(DeliveryResult.BOUNCED, reply)
    if reply.code == 530:  # RFC 4954 §6: it wants a login
        return _said(DeliveryResult.CLOSED, reply)
    return _judged(reply)


def _judged(reply: Reply) -> Delivery:
    if reply.is_for_good:
        return _said(DeliveryResult.REFUSED, reply)
    if reply.is_for_now:
        return _said(DeliveryResult.LATER, reply)
    raise Broken(f"the server says {reply.text} where that means nothing")


def _said(result: DeliveryResult, reply: Reply) -> Delivery:
    return Delivery(result, reply.text, code=reply.code, enhanced=reply.enhanced)
