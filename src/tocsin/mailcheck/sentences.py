"""The three answers in plain words, and the text to read out. What to do is safe whether the mail is genuine or not.

An answer has three sentences at most: a person who is frightened reads no more.
"""

from __future__ import annotations

from tocsin.mailcheck.answer import About, Answers, Verdict
from tocsin.mailcheck.catalogue import answer, together
from tocsin.mailcheck.findings import Claim, Effect, Finding, clean
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.mail import Mail, shown
from tocsin.proof.facts import Facts, Trouble
from tocsin.terms.moments import format_moment

_REASONS_MAX = 2
_FAKE = ("fake", "likely-fake")
# What says best why it is not known who sent it; without one of them, what could not be checked.
_UNCLEAR = (
    "form-words",
    "proof-unknown-key",
    "proof-key-not-valid-then",
    "proof-list-ended",
    "proof-list-not-yet",
    "sender-written",
)
_SHOWING = ("dkim-", "dmarc-", "spf-", "arc-", "authres-", "headers-signed")  # codes of what shows the sender's domain
_ORGANISATION = "sender-organisation"
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
    sender, subject = about.sender.replace('"', "") or "?", about.subject or "?"
    is_mail = bool(about.sender or about.subject)
    side = "fake" if verdict in _FAKE else "genuine" if verdict == "genuine" else "doubt"
    telling = next((finding for finding in findings if finding.effect != "neutral"), None)
    untold = next((finding for finding in findings if finding.code == "facts-untold"), None)
    said = telling.text if telling else ""
    if side == "doubt" and untold:
        side, said = "notice", answer("aloud_untold", language, **untold.values)
    return together(
        language,
        answer("aloud_mail", language, sender=sender, subject=subject) if is_mail else answer("aloud_words", language),
        answer(f"aloud_verdict_{verdict}", language),
        said,
        answer(f"aloud_ask_{side}", language),
    )


class _Telling:
    """One mail's answers. `told` is, of the findings with one code, the first."""

    def __init__(self, verdict: Verdict, findings: list[Finding], seen: Inspection) -> None:
        self.verdict, self.findings, self.language = verdict, findings, seen.setup.language
        self.facts: Facts | None = seen.proof.facts if seen.proof is not None else None
        self.told = {finding.code: finding for finding in reversed(findings)}

    def who(self) -> str:
        if self.verdict in _FAKE:
            return self._who_fake()
        if "proof-verified" in self.told:
            proved = self._say("who_proved", **self.told["proof-verified"].values)
            if self.verdict == "genuine":
                return self._together(proved, self._say("who_unchanged"))
            return self._together(proved, *self._first("unchecked", 1))
        shown_by = self._shown_by()
        if self.verdict == "likely-genuine" or _ORGANISATION in self.told:
            shown_by = shown_by or _texts(self._of("who", "supports"))[:1]
            line = [self.told["line-told"].text] if "line-told" in self.told else []
            return self._together(*shown_by, self._say("who_authentic"), *line)
        if shown_by:
            return self._together(*shown_by, self._say("who_domain_only"))
        return self._together(self._say("who_unclear"), *dict.fromkeys(self._why_unclear()[:_REASONS_MAX]))

    def _who_fake(self) -> str:
        """A real sender's mail may ask for harm too: that it comes from him is said, and that it is no comfort."""
        opening = self._say("who_fake" if self.verdict == "fake" else "who_likely_fake")
        shown_by = self._shown_by()
        if not shown_by or self._of("who", "contradicts") or "proof-verified" in self.told:
            return self._together(opening, *self._first("contradicts", _REASONS_MAX))
        return self._together(opening, *shown_by, self._say("who_misused"))

    def _why_unclear(self) -> list[str]:
        """What speaks against the sender or tells whose name he writes; of what could not be checked, the first."""
        named = [self.told[code] for code in (*_UNCLEAR, "line-told") if code in self.told]
        return _texts([*self._of("who", "contradicts"), *named, *self._of("who", "unchecked")[:1]])

    def know(self) -> str:
        if self.verdict in _FAKE:
            return self._together(*_texts(self._of("know", "contradicts"))[:_REASONS_MAX]) or self._say("know_fake")
        if "proof-verified" in self.told and self.facts is not None:
            return self._know_proved(self.facts)
        if self.facts is not None:
            return self._say("know_unclear")
        own = [one.text for one in self.findings if one.code.startswith("own-address-")]
        if own:
            return self._together(*own, *(one.text for one in self.findings if one.code == "facts-untold"))
        if "facts-untold" in self.told:
            sight = [one for one in self.findings if one.code.startswith("sees-")]
            return self._together(*_texts([*sight, self.told["facts-untold"]]))
        known = [*self._of("know", "contradicts")[:1], *self._of("know", "supports")[:1]]
        missing = [*self._of("know", "neutral"), *self._of("know", "unchecked")]
        return self._together(*_texts([*known, *missing])[:_REASONS_MAX]) or self._say("know_nothing")

    def _know_proved(self, facts: Facts) -> str:
        sights = [
            self._say("know_sight", source=one.source, address=one.address, at=_clock(one))
            for one in facts.troubles[:1]
        ]
        line = self._say("know_line", issuer=facts.issuer_name, line=facts.line)
        told = ("own-address-", "confirmation-given", "notice-ended")
        more = [one.text for one in self.findings if one.code.startswith(told)]
        return self._together(*sights, line, *more)

    def do(self) -> str:
        if self.verdict == "genuine":
            return self._say("do_genuine")
        if self.verdict in _FAKE:
            return self._say("do_fake")
        if self.facts is not None and self.verdict == "likely-genuine":
            return self._together(self._say("do_doubt"), self._say("do_reference", notice=self.facts.notice))
        if "facts-untold" in self.told:
            return self._say("do_notice")
        return self._together(self._say("do_doubt"), self._say("do_scan"))

    def _shown_by(self) -> list[str]:
        """What best shows the sender's domain, if anything does; whose domain it is, where that is known."""
        if _ORGANISATION in self.told:
            return [self.told[_ORGANISATION].text]
        return _texts([one for one in self._of("who", "supports") if one.code.startswith(_SHOWING)])[:1]

    def _of(self, claim: Claim, effect: Effect) -> list[Finding]:
        return [one for one in self.findings if one.claim == claim and one.effect == effect and one.code not in _PROOF]

    def _first(self, effect: Effect, most: int) -> list[str]:
        return _texts([finding for finding in self.findings if finding.effect == effect])[:most]

    def _say(self, name: str, /, **values: str) -> str:
        return answer(name, self.language, **values)

    def _together(self, *sentences: str) -> str:
        return together(self.language, *sentences)


def _clock(trouble: Trouble) -> str:
    return format_moment(trouble.seen_at).replace("T", " ").replace("Z", " UTC")


def _texts(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings]
