"""The three answers in plain words, and the text to read out. What to do is safe whether the mail is genuine or not.

An answer has three sentences at most: a person who is frightened reads no more.
"""

from __future__ import annotations

from tocsin.mailcheck.answer import About, Answers, Verdict
from tocsin.mailcheck.catalogue import answer
from tocsin.mailcheck.findings import Claim, Effect, Finding, clean
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.mail import Mail, shown
from tocsin.proof.facts import Facts
from tocsin.terms.moments import format_moment

_REASONS_MAX = 2
_FAKE = ("fake", "likely-fake")
# What says best why it is not known who sent it; without one of them, what could not be checked.
_UNCLEAR = ("form-words", "proof-unknown-key", "proof-key-not-valid-then", "proof-list-ended")
_SHOWING = ("dkim-", "dmarc-", "spf-", "arc-", "authres-", "headers-signed")  # codes of what shows the sender's domain
_PROOF = ("proof-verified", "proof-missing")  # said in other words


def answers_of(verdict: Verdict, findings: list[Finding], seen: Inspection) -> Answers:
    """`findings` with the most telling first, in the reader's language."""
    telling = _Telling(verdict, findings, seen)
    return Answers(telling.who(), telling.know(), telling.do())


def about_of(mail: Mail) -> About:
    sender, recipient, subject, date = (
        clean(shown(mail.first(name) or "")) for name in ("from", "to", "subject", "date")
    )
    return About(sender, recipient, subject, date)


def aloud_of(verdict: Verdict, findings: list[Finding], about: About, seen: Inspection) -> str:
    """What to read out on the telephone: what it is, what the check says, and the one question to ask."""
    language = seen.setup.language
    if about.sender or about.subject:
        opening = answer(
            "aloud_mail", language, sender=about.sender.replace(chr(34), "") or "?", subject=about.subject or "?"
        )
    else:
        opening = answer("aloud_words", language)
    reason = next((finding.text for finding in findings if finding.effect != "neutral"), "")
    side = "fake" if verdict in _FAKE else "genuine" if verdict == "genuine" else "doubt"
    pieces = (opening, answer(f"aloud_verdict_{verdict}", language), reason, answer(f"aloud_ask_{side}", language))
    return " ".join(piece for piece in pieces if piece)


class _Telling:
    """One mail's answers. `told` is, of the findings with one code, the first."""

    def __init__(self, verdict: Verdict, findings: list[Finding], seen: Inspection) -> None:
        self.verdict, self.findings, self.language = verdict, findings, seen.setup.language
        self.facts: Facts | None = seen.proof.facts if seen.proof is not None else None
        self.told = {finding.code: finding for finding in reversed(findings)}

    def say(self, name: str, /, **values: str) -> str:
        return answer(name, self.language, **values)

    def who(self) -> str:
        if self.verdict in _FAKE:
            return self._who_fake()
        if "proof-verified" in self.told:
            proved = self.say("who_proved", **self.told["proof-verified"].values)
            unproved = [finding for finding in self.findings if finding.effect == "unchecked"][:1]
            return f"{proved} {self.say('who_unchanged') if self.verdict == 'genuine' else _joined(unproved)}".strip()
        shown_by = self._shown_by()
        if self.verdict == "likely-genuine":
            return f"{_joined(shown_by or self._of('who', 'supports'), 1)} {self.say('who_authentic')}".strip()
        if shown_by:
            return f"{_joined(shown_by, 1)} {self.say('who_domain_only')}"
        return f"{self.say('who_unclear')} {_joined(self._why_unclear())}".strip()

    def _who_fake(self) -> str:
        opening = self.say("who_fake" if self.verdict == "fake" else "who_likely_fake")
        against = [finding for finding in self.findings if finding.effect == "contradicts"]
        about_sender = [finding for finding in against if finding.claim == "who"]
        if about_sender or "proof-verified" in self.told:
            return f"{opening} {_joined(against)}"
        shown_by = self._shown_by()[:1]
        misused = [self.say("who_misused")] if shown_by else []
        return " ".join(
            [opening, *(finding.text for finding in shown_by), *misused, *_texts(against, 2 - 2 * len(misused))]
        )

    def _shown_by(self) -> list[Finding]:
        return [finding for finding in self._of("who", "supports") if finding.code.startswith(_SHOWING)]

    def _why_unclear(self) -> list[Finding]:
        named = [self.told[code] for code in _UNCLEAR if code in self.told]
        against = self._of("who", "contradicts")
        unchecked = [finding for finding in self._of("who", "unchecked") if finding not in named]
        return named or [*against, *unchecked]

    def know(self) -> str:
        if self.verdict in _FAKE:
            return _joined(self._of("know", "contradicts")) or self.say("know_fake")
        if "proof-verified" in self.told and self.facts is not None:
            return self._know_proved(self.facts)
        if self.facts is not None:
            return self.say("know_unclear")
        known = [*self._of("know", "contradicts")[:1], *self._of("know", "supports")[:1]]
        missing = [*self._of("know", "neutral"), *self._of("know", "unchecked")]
        return _joined([*known, *missing]) or self.say("know_nothing")

    def _know_proved(self, facts: Facts) -> str:
        sights = [
            self.say("know_sight", source=one.source, address=one.address, at=format_moment(one.seen_at))
            for one in facts.troubles[:1]
        ]
        ended = [self.told["notice-ended"].text] if "notice-ended" in self.told else []
        return " ".join([*sights, self.say("know_line", issuer=facts.issuer_name, line=facts.line), *ended])

    def do(self) -> str:
        if self.verdict == "genuine":
            return self.say("do_genuine")
        if self.verdict in _FAKE:
            return self.say("do_fake")
        if self.facts is not None and self.verdict == "likely-genuine":
            return f"{self.say('do_doubt')} {self.say('do_reference', notice=self.facts.notice)}"
        return f"{self.say('do_doubt')} {self.say('do_scan')}"

    def _of(self, claim: Claim, effect: Effect) -> list[Finding]:
        return [one for one in self.findings if one.claim == claim and one.effect == effect and one.code not in _PROOF]


def _texts(findings: list[Finding], most: int = _REASONS_MAX) -> list[str]:
    return [finding.text for finding in findings[:most]]


def _joined(findings: list[Finding], most: int = _REASONS_MAX) -> str:
    return " ".join(_texts(findings, most))
