"""Every finding there is, in one table: what it speaks of, what it does and how heavy it is.

A code has one effect. Only `contradicts` may lower a verdict; `unchecked` and `neutral` never do. To add a kind of
finding: its line here, its words in `words/`, a file that finds it, and that file's place in `check.CHECKS`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.mailcheck.catalogue import phrase, say
from tocsin.mailcheck.limits import EVIDENCE_CHARACTERS_MAX

Claim = Literal["who", "know", "do"]
Effect = Literal["supports", "contradicts", "neutral", "unchecked"]


class Kind(msgspec.Struct, frozen=True):
    """A kind of finding. `weight` orders findings of one effect, the most telling first; a contradiction of weight
    FATAL makes a mail `fake`, one of GRAVE `likely-fake`; those below GRAVE are light: they add up (see scorecard)."""

    claim: Claim
    effect: Effect
    weight: int


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found in one mail. `values` are what the text was made of, for those who say it in another language."""

    code: str
    claim: Claim
    effect: Effect
    text: str
    evidence: str | None = None
    values: dict[str, str] = {}

    @property
    def weight(self) -> int:
        return KINDS[self.code].weight


FATAL = 100
GRAVE = 50


def found(code: str, evidence: str | None = None, /, **values: str) -> Finding:
    """The finding with its words. Values come from the mail: they are cut to what can be read at a glance."""
    kind = KINDS[code]
    shown = {name: clean(value) for name, value in values.items()}
    text = say(code, **shown)
    return Finding(code, kind.claim, kind.effect, text, clean(evidence) if evidence else None, shown)


def in_language(finding: Finding, language: str) -> Finding:
    """The same finding in another language; its values too, where they are words of ours."""
    if language == "en":
        return finding
    values = {name: _said_again(value, language) for name, value in finding.values.items()}
    return msgspec.structs.replace(finding, text=say(finding.code, language, **values), values=values)


def _said_again(value: str, language: str) -> str:
    """A phrase, or several with commas between them."""
    whole = phrase(value, language)
    return whole if whole != value else ", ".join(phrase(piece, language) for piece in value.split(", "))


def clean(text: str) -> str:
    """One line of printable characters; what a terminal would obey is shown as `\\x..`."""
    line = " ".join(text[: EVIDENCE_CHARACTERS_MAX * 4].split())
    shown = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)
    return shown if len(shown) <= EVIDENCE_CHARACTERS_MAX else shown[: EVIDENCE_CHARACTERS_MAX - 1] + "…"


KINDS: dict[str, Kind] = {
    # The mail as such
    "form-words": Kind("who", "unchecked", 55),
    "form-headers": Kind("do", "unchecked", 55),
    "form-outlook": Kind("who", "unchecked", 20),
    "mail-cut": Kind("who", "unchecked", 30),
    "mail-broken": Kind("who", "unchecked", 30),
    "header-repeated": Kind("who", "contradicts", FATAL),
    # The proof
    "proof-verified": Kind("who", "supports", 100),
    "proof-missing": Kind("who", "neutral", 20),
    "proof-header-missing": Kind("who", "unchecked", 40),
    "proof-unreadable": Kind("who", "contradicts", GRAVE),
    "proof-block-differs": Kind("who", "contradicts", FATAL),
    "proof-bad-signature": Kind("who", "contradicts", FATAL),
    "proof-unknown-key": Kind("who", "unchecked", 60),
    "proof-key-revoked": Kind("who", "contradicts", GRAVE + 1),
    "proof-key-not-valid-then": Kind("who", "unchecked", 60),
    "proof-other-issuer": Kind("who", "contradicts", FATAL),
    "proof-list-not-yet": Kind("who", "unchecked", 60),
    "proof-list-ended": Kind("who", "unchecked", 60),
    # Both twins, word by word
    "text-unchanged": Kind("who", "supports", 50),
    "html-unchanged": Kind("who", "supports", 49),
    "text-changed": Kind("who", "contradicts", FATAL),
    "html-changed": Kind("who", "contradicts", FATAL),
    "text-missing": Kind("who", "unchecked", 20),
    "html-missing": Kind("who", "unchecked", 20),
    # Wrappers
    "words-added": Kind("who", "contradicts", FATAL + 5),
    "notice-inside": Kind("who", "contradicts", GRAVE + 5),
    "proof-inside": Kind("who", "contradicts", GRAVE),
    "part-added": Kind("do", "contradicts", FATAL),
    # Headers
    "headers-unchanged": Kind("who", "supports", 40),
    "headers-signed": Kind("who", "supports", 39),
    "headers-unproven": Kind("who", "unchecked", 50),
    "header-changed": Kind("who", "contradicts", FATAL),
    "subject-tagged": Kind("who", "unchecked", 30),
    "sender-is-issuer": Kind("who", "supports", 60),
    "sender-not-issuer": Kind("who", "contradicts", FATAL),
    "sender-unreadable": Kind("who", "contradicts", GRAVE),
    "sender-without-address": Kind("who", "contradicts", 30),
    "sender-blank": Kind("who", "contradicts", 40),
    "sender-comma": Kind("who", "contradicts", 17),
    "sender-known": Kind("who", "supports", 30),
    "sender-missing": Kind("who", "unchecked", 30),
    "reply-elsewhere": Kind("do", "contradicts", FATAL),
    # The sender's name and domain
    "sender-organisation": Kind("who", "supports", 20),
    "sender-written": Kind("who", "neutral", 11),
    "sender-lookalike": Kind("who", "contradicts", 49),
    "sender-mixed": Kind("who", "contradicts", 49),
    "name-disguised": Kind("who", "contradicts", 49),
    "name-free-mail": Kind("who", "contradicts", 48),
    "name-of-another": Kind("who", "contradicts", 45),
    "name-like-organisation": Kind("who", "contradicts", 30),
    "sender-joined": Kind("who", "contradicts", 40),
    "sender-impossible": Kind("who", "contradicts", 35),
    "sender-several": Kind("who", "contradicts", 30),
    "sender-is-reader": Kind("who", "contradicts", 22),
    "name-has-address": Kind("who", "contradicts", 30),
    "sender-ending": Kind("who", "neutral", 5),
    "name-other-domain": Kind("who", "contradicts", 25),
    "subject-disguised": Kind("who", "contradicts", 40),
    "sender-random": Kind("who", "contradicts", 25),
    "reply-free-mail": Kind("do", "contradicts", 20),
    "reply-other": Kind("do", "neutral", 8),
    "return-other": Kind("who", "neutral", 4),
    # To whom
    "recipient-named": Kind("know", "supports", 30),
    "recipient-not-to": Kind("know", "contradicts", FATAL + 2),
    "recipient-not-reader": Kind("know", "contradicts", FATAL + 2),
    "delivered-elsewhere": Kind("know", "contradicts", GRAVE),
    "delivered-onward": Kind("know", "unchecked", 30),
    # DKIM, RFC 6376
    "dkim-aligned": Kind("who", "supports", 45),
    "dkim-other-domain": Kind("who", "neutral", 12),
    "dkim-partial": Kind("who", "neutral", 15),
    "dkim-weak-key": Kind("who", "neutral", 15),
    "dkim-weak-algorithm": Kind("who", "neutral", 15),
    "dkim-testing": Kind("who", "neutral", 14),
    "dkim-header-added": Kind("who", "neutral", 17),
    "dkim-missing": Kind("who", "neutral", 10),
    "dkim-body-changed": Kind("who", "neutral", 16),
    "dkim-bad-signature": Kind("who", "neutral", 16),
    "dkim-no-key": Kind("who", "unchecked", 15),
    "dkim-key-revoked": Kind("who", "unchecked", 15),
    "dkim-not-looked-up": Kind("who", "unchecked", 14),
    "dkim-expired": Kind("who", "unchecked", 14),
    "dkim-unreadable": Kind("who", "unchecked", 13),
    # SPF, RFC 7208
    "spf-aligned": Kind("who", "supports", 42),
    "spf-other-domain": Kind("who", "neutral", 9),
    "spf-fail": Kind("who", "neutral", 14),
    "spf-undecided": Kind("who", "neutral", 7),
    "spf-broken": Kind("who", "neutral", 5),
    "spf-none": Kind("who", "neutral", 5),
    "spf-unchecked": Kind("who", "unchecked", 10),
    # DMARC, RFC 9989
    "dmarc-pass": Kind("who", "supports", 46),
    "dmarc-fail": Kind("who", "contradicts", 30),
    "dmarc-fail-open": Kind("who", "neutral", 13),
    "dmarc-fail-passed-on": Kind("who", "unchecked", 13),
    "dmarc-fail-now": Kind("who", "unchecked", 12),
    "dmarc-none": Kind("who", "neutral", 4),
    "dmarc-unchecked": Kind("who", "unchecked", 9),
    "dmarc-differs": Kind("who", "neutral", 5),
    # ARC, RFC 8617
    "arc-sealed": Kind("who", "neutral", 6),
    "arc-broken": Kind("who", "neutral", 6),
    "arc-unchecked": Kind("who", "unchecked", 5),
    # What the reader's provider found, RFC 8601
    "authres-passed": Kind("who", "supports", 43),
    "authres-failed": Kind("who", "contradicts", 30),
    "authres-failed-open": Kind("who", "neutral", 13),
    "authres-not-counted": Kind("who", "neutral", 3),
    # The mail's way, RFC 5321
    "way-received": Kind("who", "neutral", 8),
    "way-received-inferred": Kind("who", "neutral", 8),
    "way-unknown": Kind("who", "unchecked", 11),
    "way-greeting-borrowed": Kind("who", "neutral", 12),
    "way-greeting-other": Kind("who", "neutral", 6),
    "way-name-unproven": Kind("who", "neutral", 5),
    "way-backwards": Kind("who", "neutral", 5),
    "way-bogus": Kind("who", "neutral", 7),
    "way-relayed": Kind("who", "neutral", 4),
    # The server that brought it, by lists
    "origin-listed": Kind("who", "contradicts", 15),
    "origin-listed-shown": Kind("who", "neutral", 9),
    "origin-not-listed": Kind("who", "neutral", 2),
    "origin-unchecked": Kind("who", "unchecked", 6),
    # Facts and code
    "facts-stated": Kind("know", "supports", 50),
    "fact-changed": Kind("know", "contradicts", FATAL + 10),
    "fact-missing": Kind("know", "contradicts", FATAL + 8),
    "confirmation-given": Kind("know", "supports", 45),
    "confirmation-other": Kind("know", "neutral", 20),
    "confirmation-unsigned": Kind("know", "unchecked", 30),
    "code-stated": Kind("know", "supports", 40),
    "code-changed": Kind("know", "contradicts", FATAL + 9),
    "code-missing": Kind("know", "contradicts", FATAL),
    "code-held": Kind("know", "supports", 45),
    "code-of-another": Kind("know", "contradicts", FATAL),
    "code-not-held": Kind("know", "unchecked", 20),
    "notice-ended": Kind("know", "neutral", 25),
    # What is asked
    "asks-nothing": Kind("do", "supports", 30),
    "link-added": Kind("do", "contradicts", FATAL),
    "markup-added": Kind("do", "contradicts", FATAL),
    # Where links lead
    "link-listed": Kind("do", "contradicts", GRAVE + 10),
    "link-listed-written": Kind("do", "contradicts", 40),
    "link-runs": Kind("do", "contradicts", 49),
    "link-hidden-address": Kind("do", "contradicts", 49),
    "link-mixed": Kind("do", "contradicts", 49),
    "link-lookalike": Kind("do", "contradicts", 48),
    "link-names-another": Kind("do", "contradicts", 45),
    "link-by-itself": Kind("do", "contradicts", 45),
    "link-user": Kind("do", "contradicts", 40),
    "link-address": Kind("do", "contradicts", 40),
    "link-joined": Kind("do", "contradicts", 35),
    "links-elsewhere": Kind("do", "contradicts", 34),
    "form-password": Kind("do", "contradicts", 40),
    "text-disguised": Kind("do", "contradicts", 30),
    "links-not-sender": Kind("do", "contradicts", 15),
    "subject-elsewhere": Kind("do", "contradicts", 12),
    "link-ending": Kind("do", "neutral", 5),
    "form-inside": Kind("do", "contradicts", 15),
    "link-in-picture": Kind("do", "contradicts", 15),
    "pictures-not-read": Kind("do", "unchecked", 5),
    "link-picture-only": Kind("do", "contradicts", 20),
    "link-random": Kind("do", "contradicts", 20),
    "link-hosting": Kind("do", "contradicts", 20),
    "link-passed-on": Kind("do", "contradicts", 12),
    "link-short": Kind("do", "contradicts", 12),
    "link-port": Kind("do", "neutral", 8),
    "link-letters": Kind("do", "neutral", 11),
    "link-names-reader": Kind("do", "neutral", 7),
    "link-text-differs": Kind("do", "neutral", 6),
    "links-lead": Kind("do", "neutral", 9),
    "links-not-listed": Kind("do", "neutral", 3),
    # What scanners know of its links
    "scanner-flags": Kind("do", "contradicts", 49),
    "scanner-doubts": Kind("do", "neutral", 8),
    "scanner-clean": Kind("do", "neutral", 3),
    "scanner-unchecked": Kind("do", "unchecked", 6),
    # What is asked of the reader: harm lies in the request
    "asks-at-home": Kind("do", "neutral", 18),
    "asks-secret": Kind("do", "contradicts", 30),
    "asks-confirm": Kind("do", "contradicts", 20),
    "asks-pay": Kind("do", "contradicts", 25),
    "asks-fee": Kind("do", "contradicts", 25),
    "asks-coins": Kind("do", "contradicts", 40),
    "asks-coupons": Kind("do", "contradicts", 40),
    "asks-other-account": Kind("do", "contradicts", 45),
    "asks-install": Kind("do", "contradicts", 40),
    "asks-call": Kind("do", "contradicts", 42),
    "asks-reply": Kind("do", "contradicts", 32),
    "asks-open": Kind("do", "contradicts", 30),
    "scheme-extortion": Kind("do", "contradicts", GRAVE),
    "scheme-remover": Kind("do", "contradicts", 45),
    "scheme-support": Kind("do", "contradicts", 45),
    "scheme-advance-fee": Kind("do", "contradicts", 42),
    "scheme-prize": Kind("do", "contradicts", 38),
    "scheme-sign-in": Kind("do", "contradicts", 25),
    "scheme-mailbox": Kind("do", "contradicts", 30),
    "scheme-antivirus": Kind("do", "contradicts", 35),
    "scheme-accusation": Kind("do", "contradicts", 42),
    "scheme-locked": Kind("do", "contradicts", 45),
    "scheme-nameless-bill": Kind("know", "contradicts", 22),
    "scheme-refund": Kind("do", "contradicts", 40),
    "scheme-coins": Kind("do", "contradicts", 22),
    "scheme-dating": Kind("do", "contradicts", 35),
    "scheme-cure": Kind("do", "contradicts", 32),
    "scheme-gambling": Kind("do", "contradicts", 32),
    "scheme-profit": Kind("do", "contradicts", 25),
    "scheme-job": Kind("do", "contradicts", 25),
    "presses-threat": Kind("do", "contradicts", 12),
    "presses-haste": Kind("do", "contradicts", 10),
    "greets-nobody": Kind("know", "contradicts", 10),
    "greets-by-address": Kind("know", "contradicts", 15),
    "advertises": Kind("do", "neutral", 2),
    "asks-free-mail": Kind("who", "contradicts", 20),
    "sent-to-nobody": Kind("know", "contradicts", 12),
    "authority-knows-no-line": Kind("know", "contradicts", GRAVE),
    # Whom it speaks for, and where it leads
    "passed-on": Kind("who", "neutral", 10),
    "sender-dashed": Kind("who", "contradicts", GRAVE),
    "organisation-elsewhere": Kind("do", "contradicts", 42),
    "answers-elsewhere": Kind("do", "contradicts", 35),
    "link-blind": Kind("do", "contradicts", 22),
    "answers-free-mail": Kind("do", "contradicts", 30),
    "speaks-as-another": Kind("who", "contradicts", 35),
    "name-nowhere": Kind("who", "contradicts", 12),
    "mailbox-of-another": Kind("who", "contradicts", 30),
    # How it is made up
    "text-hidden": Kind("do", "contradicts", 30),
    "picture-anybodys": Kind("do", "contradicts", 12),
    "free-mail-picture": Kind("who", "contradicts", 35),
    "link-within": Kind("do", "contradicts", 30),
    "link-carries-reader": Kind("do", "contradicts", 12),
    "blank-unfilled": Kind("know", "contradicts", 15),
    "sender-tenant": Kind("who", "contradicts", 20),
    "mailbox-random": Kind("who", "contradicts", 20),
    # Attachments
    "attached-program": Kind("do", "contradicts", GRAVE),
    "attached-disguised": Kind("do", "contradicts", GRAVE),
    "attached-macros": Kind("do", "contradicts", 35),
    "attached-page": Kind("do", "contradicts", 32),
    "attached-locked": Kind("do", "contradicts", 35),
    # What a notice of an infection states, and what its sender can see
    "facts-told": Kind("know", "supports", 12),
    "facts-untold": Kind("know", "neutral", 19),
    "line-told": Kind("know", "neutral", 18),
    "links-official": Kind("do", "neutral", 16),
    "links-of-others": Kind("do", "neutral", 15),
    "fact-derived": Kind("know", "neutral", 10),
    "own-address-then": Kind("know", "supports", 48),
    "own-address-only": Kind("know", "neutral", 21),
    "own-address-other": Kind("know", "contradicts", 20),
    "own-address-proved-other": Kind("know", "neutral", 27),
    "own-address-differs": Kind("know", "neutral", 22),
    "own-address-untold": Kind("know", "unchecked", 22),
    "alert-current": Kind("know", "supports", 14),
    "alert-past": Kind("know", "neutral", 13),
    "alert-none": Kind("know", "neutral", 3),
    "alert-remedy": Kind("do", "neutral", 17),
    "sees-lines": Kind("know", "supports", 16),
    "sees-reports": Kind("know", "supports", 15),
    "sees-scans": Kind("know", "supports", 15),
    "sees-accounts": Kind("know", "neutral", 20),
}
