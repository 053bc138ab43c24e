"""The answer a person gets: a verdict, three answers, and the findings they rest on."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.mailcheck.findings import Finding

Verdict = Literal["genuine", "likely-genuine", "unclear", "likely-fake", "fake"]
VERDICTS: tuple[Verdict, ...] = ("genuine", "likely-genuine", "unclear", "likely-fake", "fake")  # best first


class Answers(msgspec.Struct, frozen=True):
    """Who sent it? Could they know? What should I do? One to three sentences each."""

    who: str
    know: str
    do: str


class Answer(msgspec.Struct, frozen=True):
    """`findings` stand with the most telling first."""

    verdict: Verdict
    answers: Answers
    findings: tuple[Finding, ...]

    def to_json(self, file: str = "") -> bytes:
        """One line of the contract of `tocsin check --json`, without its line end. Absent values are absent keys."""
        findings = [_told(finding) for finding in self.findings]
        line = {"verdict": self.verdict, "answers": msgspec.to_builtins(self.answers), "findings": findings}
        return msgspec.json.encode({"file": file} | line if file else line)

    def has(self, code: str) -> bool:
        return any(finding.code == code for finding in self.findings)


def _told(finding: Finding) -> dict[str, str]:
    told = {"code": finding.code, "claim": finding.claim, "effect": finding.effect, "text": finding.text}
    return told | {"evidence": finding.evidence} if finding.evidence else told
