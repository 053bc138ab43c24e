"""On real mails and notices: what the check must reach, with the points as they are committed."""

from __future__ import annotations

from collections import Counter

import pytest
from bench import mailcheck_corpus
from bench.mailcheck_corpus import SHARED, Sample

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.catalogue import LANGUAGES
from tocsin.mailcheck.check import check
from tocsin.mailcheck.setup import Setup

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SHARED.exists(), reason="no shared data here")]
_FLAGGED = ("likely-fake", "fake")


@pytest.fixture(scope="module")
def judged() -> list[tuple[Sample, Answer]]:
    return [(sample, mailcheck_corpus.answer(sample)) for sample in mailcheck_corpus.samples()]


def flagged(judged: list[tuple[Sample, Answer]], kind: str) -> float:
    counts = Counter(answer.verdict in _FLAGGED for sample, answer in judged if sample.kind == kind)
    return counts[True] / counts.total()


def test_most_phishing_is_flagged_offline(judged: list[tuple[Sample, Answer]]) -> None:
    assert flagged(judged, "phishing") >= 0.85


@pytest.mark.parametrize("kind", ["report", "ham", "notice-genuine", "notice-disputed"])
def test_honest_mails_are_not(judged: list[tuple[Sample, Answer]], kind: str) -> None:
    assert flagged(judged, kind) <= 0.01


def test_published_fakes_are_flagged(judged: list[tuple[Sample, Answer]]) -> None:
    assert flagged(judged, "notice-fake") == 1.0


def test_ordinary_mails_of_today_are_not(judged: list[tuple[Sample, Answer]]) -> None:
    assert flagged(judged, "ordinary") <= 0.01


def test_mails_as_they_were_received_are_judged_no_worse() -> None:
    received = [(sample, mailcheck_corpus.answer(sample)) for sample in mailcheck_corpus.unmasked()]
    assert flagged(received, "phishing") >= 0.85
    assert flagged(received, "report") == flagged(received, "ham") == 0.0


def test_the_answer_to_each_genuine_notice_of_an_infection_names_what_is_missing(
    judged: list[tuple[Sample, Answer]],
) -> None:
    seen = 0
    for sample, answer in judged:
        if sample.kind in ("notice-genuine", "notice-disputed"):
            seen += 1
            assert answer.verdict not in _FLAGGED, sample.name
            untold = next((finding.text for finding in answer.findings if finding.code == "facts-untold"), None)
            assert untold is not None, sample.name
            assert untold in answer.answers.know, sample.name
    assert seen >= 32


def test_the_mumbai_notice_gets_an_answer_that_an_expert_would_sign(judged: list[tuple[Sample, Answer]]) -> None:
    mumbai = next(answer for sample, answer in judged if sample.name == "mtnl-mumbai-2019-en")
    assert mumbai.verdict == "unclear"
    assert not [finding for finding in mumbai.findings if finding.effect == "contradicts"]
    for piece in ("mtnl.net.in, a domain of MTNL", "broadband number", "compare it with your bill"):
        assert piece in mumbai.answers.who
    for piece in ("which line had which address when a response team reports one", "the time", "which malware"):
        assert piece in mumbai.answers.know
    assert "the address that was seen" in mumbai.answers.know
    assert "taken for fakes" in mumbai.answers.know  # why experts called it one: it is vague
    for piece in (
        "with your own program",
        "the number on your bill",
        "which address was seen and when",
        "response team",
    ):
        assert piece in mumbai.answers.do
    told = {finding.code: finding.text for finding in mumbai.findings}
    assert "CERT-In, MTNL" in told["links-official"]
    assert "quickheal.co.in" in told["links-of-others"]  # and it looks like advertising
    assert "taken for advertising or fraud" in told["links-of-others"]
    assert "which address of my line was seen, and when?" in mumbai.aloud


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mumbai_notice_gets_the_same_answer_in_every_language(language: str) -> None:
    mumbai = next(sample for sample in mailcheck_corpus.samples() if sample.name == "mtnl-mumbai-2019-en")
    answer = check(mumbai.mail, Setup(language=language))
    assert answer.verdict == "unclear"
    assert "mtnl.net.in" in answer.answers.who
    assert "broadband number" in answer.answers.who
    assert "MTNL" in answer.answers.know
