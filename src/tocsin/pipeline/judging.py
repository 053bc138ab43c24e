"""A decided notice is composed for its channel, sealed, and judged by our own checker before its bytes are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tocsin.book import cases as book_cases
from tocsin.book import notices as book_notices
from tocsin.book.notices import Notice
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check, check_as_stranger, check_mail
from tocsin.mailcheck.leave import may_leave
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.resolver import Resolver, zone_resolver
from tocsin.mailcheck.setup import Setup
from tocsin.notices.channels import Channel
from tocsin.notices.compose import Letter, compose
from tocsin.notices.issuer import Issuer
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.outline import phone_words
from tocsin.notices.paper.compose import compose_paper
from tocsin.notices.seal import Sealed, message_id_of, seal
from tocsin.notices.sms.compose import compose_short
from tocsin.notices.sms.leave import may_leave_short
from tocsin.notices.sms.number import international
from tocsin.notices.webhook.compose import payload
from tocsin.pipeline.house import House
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import make_code
from tocsin.proof.facts import Facts
from tocsin.proof.known import Known, pin
from tocsin.terms.errors import BadConfig, BadRequest, Refused


class Refusal(msgspec.Struct, frozen=True):
    """A notice that may not leave, and why."""

    notice: str
    reason: str


class Judge:
    """Composes a notice and lets our own checker judge it, as a household that knows us and as a stranger."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._keys, self._issuer, self._now = house.keys, house.issuer, house.now
        self._known = Known(keys=(pin(house.keys.proof.public, house.issuer.name),))
        self._verp = house.config.delivery.verp
        self._resolve: Resolver = zone_resolver(house.data / "keys" / "zone.txt")
        self._make: Mapping[Channel, Callable[[Notice, Facts, str], Sealed]] = {
            "mail": self._mail,
            "sms": self._sms,
            "letter": self._letter,
            "call": self._call,
            "webhook": self._webhook,
        }

    def make(self, notice: Notice) -> Sealed | Refusal:
        """The bytes for the notice's channel, or why it may not leave by it."""
        make = self._make.get(notice.channel)  # type: ignore[call-overload]
        if make is None:
            return Refusal(notice.notice, f"there is no channel {notice.channel!r}")
        try:
            facts = read_facts(notice.facts.encode())
            sealed: Sealed = make(notice, facts, make_code(self._keys.secret, notice.notice))
        except _MayNot as no:
            return Refusal(notice.notice, str(no))
        except (Refused, BadRequest, BadConfig, ValueError) as error:
            return Refusal(notice.notice, f"cannot be composed: {error}")
        return sealed

    def _mail(self, _: Notice, facts: Facts, code: str) -> Sealed:
        return self._sealed_mail(facts, code)

    def _sms(self, _: Notice, facts: Facts, code: str) -> Sealed:
        config = self._house.config.sms
        _demand("no gateway for short messages is configured ([sms])" if config.via == "none" else None)
        number = international(facts.recipient)
        text = compose_short(facts, code, self._issuer, parts_max=config.parts_max).text
        phone = phone_words(self._issuer, catalogue(facts.language))
        _demand(may_leave_short(text, facts, code, phone, parts_max=config.parts_max, stranger=stranger_of(text)))
        return self._sealed(facts, text.encode(), sender=config.sender, to=number)

    def _letter(self, _: Notice, facts: Facts, code: str) -> Sealed:
        config = self._house.config.letter
        _demand("no letters are printed ([letter])" if config.via == "none" else None)
        self._judged_letter(facts, code)
        raw = compose_paper(facts, code, self._issuer, self._keys, config, self._house.config_file.parent)
        return self._sealed(facts, raw, sender="", to=facts.recipient)

    def _call(self, _: Notice, facts: Facts, code: str) -> Sealed:
        """Kept is what the letter would say: the clerk's page takes its words from there."""
        letter = self._judged_letter(facts, code)
        return self._sealed(facts, letter.text.encode(), sender="", to=international(facts.recipient))

    def _webhook(self, notice: Notice, facts: Facts, code: str) -> Sealed:
        _demand("no webhook is configured ([webhook])" if self._house.config.webhook.via == "none" else None)
        letter = self._judged_letter(facts, code)
        with self._house.book.read() as tx:
            ref = book_cases.refs_of(tx, [notice.subscriber])[notice.subscriber]
            cases = tuple(book_notices.cases_of(tx, notice.notice))
        return self._sealed(facts, payload(letter, facts, code, self._keys, ref, cases), sender="", to=facts.recipient)

    def _judged_letter(self, facts: Facts, code: str) -> Letter:
        """What goes by no mail is judged as the mail that would say the same: bare words have no sender to be known
        by, and whoever says what he does not ask for is taken for one who asks."""
        as_mail = msgspec.structs.replace(facts, recipient=f"subscriber@{self._issuer.domain}")
        self._sealed_mail(as_mail, code)
        return compose(facts, code, self._issuer)

    def _sealed_mail(self, facts: Facts, code: str) -> Sealed:
        sealed = seal(compose(facts, code, self._issuer), facts, self._issuer, self._keys)
        if not self._verp:  # a bounce then names the notice by its Message-ID alone
            sealed = msgspec.structs.replace(sealed, envelope_from=self._issuer.mail_from)
        known = check_mail(sealed.raw, known=self._known, resolve=self._resolve, at=self._now)
        _demand(may_leave(known, check_as_stranger(sealed.raw, resolve=self._resolve)))
        return sealed

    def _sealed(self, facts: Facts, raw: bytes, *, sender: str, to: str) -> Sealed:
        issuer: Issuer = self._issuer
        return Sealed(
            notice=facts.notice,
            message_id=message_id_of(facts, issuer, self._keys),
            envelope_from=sender,
            envelope_to=to,
            raw=raw,
        )


def stranger_of(text: str) -> Answer:
    """The checker's answer on bare words, of a reader who knows nothing of Tocsin."""
    return check(read_pasted(text.encode()), Setup())


class _MayNot(Exception):
    """Our own checker's reason."""


def _demand(reason: str | None) -> None:
    if reason is not None:
        raise _MayNot(reason)
