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


class About(msgspec.Struct, frozen=True):
    """Which mail it is about, as the mail says of itself: one line each, empty where it says nothing."""

    sender: str = ""
    recipient: str = ""
    subject: str = ""
    date: str = ""


class Answer(msgspec.Struct, frozen=True):
    """`findings` stand with the most telling first; `aloud` is to be read out to somebody whom the reader trusts."""

    verdict: Verdict
    answers: Answers
    findings: tuple[Finding, ...]
    aloud: str = ""
    about: About = About()
    language: str = "en"

    def to_json(self, file: str = "") -> bytes:
        """One line of the contract of `tocsin check --json`, without its line end. Absent values are absent keys."""
        findings = [_told(finding) for finding in self.findings]
        line = {"verdict": self.verdict, "answers": msgspec.to_builtins(self.answers), "findings": findings}
        line |= {"aloud": self.aloud} if self.aloud else {}
        return msgspec.json.encode({"file": file} | line if file else line)

    def has(self, code: str) -> bool:
        return any(finding.code == code for finding in self.findings)


def _told(finding: Finding) -> dict[str, str]:
    told = {"code": finding.code, "claim": finding.claim, "effect": finding.effect, "text": finding.text}
    return told | {"evidence": finding.evidence} if finding.evidence else told
