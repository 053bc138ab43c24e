"""The three answers in plain words. What to do is safe whether the mail is genuine or not."""

from __future__ import annotations

from tocsin.mailcheck.answer import Answers, Verdict
from tocsin.mailcheck.catalogue import answer
from tocsin.mailcheck.findings import Finding
from tocsin.mailcheck.inspection import Inspection
from tocsin.proof.facts import Facts
from tocsin.terms.moments import format_moment

_REASONS_MAX = 2
_FAKE = ("fake", "likely-fake")
_UNCLEAR = ("proof-unknown-key", "proof-key-not-valid-then", "proof-list-ended", "dkim-aligned", "proof-missing")


def answers_of(verdict: Verdict, findings: list[Finding], seen: Inspection) -> Answers:
    """`findings` with the most telling first."""
    told = {finding.code: finding for finding in reversed(findings)}  # of two with one code, the first
    facts = seen.proof.facts if seen.proof is not None else None
    return Answers(_who(verdict, findings, told), _know(verdict, findings, told, facts), _do(verdict, facts))


def _who(verdict: Verdict, findings: list[Finding], told: dict[str, Finding]) -> str:
    if verdict in _FAKE:
        return answer("who_fake", reasons=_joined(_against(findings)))
    if "proof-verified" in told:
        proved = answer("who_proved", **told["proof-verified"].values)
        unproved = [finding for finding in findings if finding.effect == "unchecked"][:1]
        return f"{proved} {answer('who_unchanged') if verdict == 'genuine' else _joined(unproved)}".strip()
    if verdict == "likely-genuine":
        return answer("who_signed", signed=told["dkim-aligned"].text)
    return answer("who_unclear", reasons=_joined([told[code] for code in _UNCLEAR if code in told])).strip()


def _know(verdict: Verdict, findings: list[Finding], told: dict[str, Finding], facts: Facts | None) -> str:
    if verdict in _FAKE:
        return _joined([finding for finding in _against(findings) if finding.claim == "know"]) or answer("know_fake")
    if facts is None:
        return answer("know_no_notice")
    if "proof-verified" not in told:
        return answer("know_unclear")
    sights = [
        answer("know_sight", source=one.source, address=one.address, at=format_moment(one.seen_at))
        for one in facts.troubles[:1]
    ]
    ended = [told["notice-ended"].text] if "notice-ended" in told else []
    return " ".join([*sights, answer("know_line", issuer=facts.issuer_name, line=facts.line), *ended])


def _do(verdict: Verdict, facts: Facts | None) -> str:
    if verdict == "genuine":
        return answer("do_genuine")
    if facts is not None and verdict == "likely-genuine":
        return f"{answer('do_doubt')} {answer('do_reference', notice=facts.notice)}"
    return answer("do_doubt")


def _against(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.effect == "contradicts"]


def _joined(findings: list[Finding]) -> str:
    return " ".join(finding.text for finding in findings[:_REASONS_MAX])
