"""On real mails and notices: what the check must reach, with the points as they are committed."""

from __future__ import annotations

from collections import Counter

import pytest
from bench import mailcheck_corpus
from bench.mailcheck_corpus import SHARED, Sample

from tocsin.mailcheck.answer import Answer

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


def test_published_fakes_are_flagged_but_for_one_that_is_a_forged_sender_and_a_subject(
    judged: list[tuple[Sample, Answer]],
) -> None:
    missed = {
        sample.name for sample, answer in judged if sample.kind == "notice-fake" and answer.verdict not in _FLAGGED
    }
    assert missed <= {"bsi-ip-adresse-2014-de"}  # nothing but an address and six words


def test_the_answer_to_each_genuine_notice_of_an_infection_names_what_is_missing(
    judged: list[tuple[Sample, Answer]],
) -> None:
    for sample, answer in judged:
        if sample.kind == "notice-genuine" and answer.has("facts-untold"):
            untold = next(finding.text for finding in answer.findings if finding.code == "facts-untold")
            assert untold in answer.answers.know, sample.name


def test_the_mumbai_notice_gets_an_answer_that_an_expert_would_sign(judged: list[tuple[Sample, Answer]]) -> None:
    mumbai = next(answer for sample, answer in judged if sample.name == "mtnl-mumbai-2019-en")
    assert mumbai.verdict == "unclear"
    assert not [finding for finding in mumbai.findings if finding.effect == "contradicts"]
    assert "a domain of MTNL" in mumbai.answers.who
    for piece in ("which line had which address when a response team reports one", "the time", "which malware"):
        assert piece in mumbai.answers.know
    for piece in ("with your own program", "the number on your bill", "response team"):
        assert piece in mumbai.answers.do
