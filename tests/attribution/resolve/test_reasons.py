"""The table of reasons, and its page."""

from __future__ import annotations

from pathlib import Path

from tocsin.attribution.reasons import REASON_BY_CODE, REASONS
from tocsin.terms.roles import Outcome

PAGE = Path(__file__).resolve().parents[3] / "docs" / "attribution.md"


def test_every_reason_stands_in_the_docs_with_its_outcome_and_sentence() -> None:
    page = PAGE.read_text("utf-8")
    missing = [each.code for each in REASONS if f"| `{each.code}` | {each.outcome} | {each.sentence} |" not in page]
    assert missing == []


def test_every_outcome_has_a_reason_and_every_reason_one_outcome() -> None:
    assert {each.outcome for each in REASONS} == {*Outcome}
    assert len(REASON_BY_CODE) == len(REASONS)
