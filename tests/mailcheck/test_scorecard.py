"""Points add up, each kind once, and only where there is no proof."""

from __future__ import annotations

from tests.mailcheck.test_findings import finding
from tocsin.mailcheck.findings import FATAL, GRAVE, KINDS
from tocsin.mailcheck.scorecard import points, points_of, verdict_of

LIGHT = sorted(code for code, kind in KINDS.items() if kind.effect == "contradicts" and kind.weight < GRAVE)


def test_no_light_contradiction_makes_a_mail_fake_by_itself() -> None:
    for code in LIGHT:
        assert verdict_of([finding(code)]) == "unclear", code


def test_light_contradictions_add_up() -> None:
    assert verdict_of([finding("asks-secret"), finding("presses-haste")]) == "likely-fake"
    assert verdict_of([finding(code) for code in ("name-of-another", "asks-secret", "presses-haste")]) == "fake"


def test_a_kind_counts_once_however_often_it_is_found() -> None:
    assert points_of([finding("link-short")] * 9) == points_of([finding("link-short")])


def test_what_is_grave_is_not_added_to_what_is_grave() -> None:
    assert points_of([finding("attached-program"), finding("proof-unreadable")]) == GRAVE
    assert verdict_of([finding("attached-program"), finding("scheme-extortion")]) == "likely-fake"


def test_beside_a_proof_a_light_contradiction_is_one() -> None:
    assert verdict_of([finding("proof-verified"), finding("presses-haste")]) == "likely-fake"
    assert points_of([finding("proof-verified"), *map(finding, LIGHT)]) == GRAVE


def test_the_table_of_points_is_of_light_contradictions_and_can_be_argued_with() -> None:
    assert set(points()) <= set(LIGHT)
    for code, fitted in points().items():
        assert 0 <= fitted < GRAVE, code
        assert fitted <= 2 * KINDS[code].weight + 1, code
    assert FATAL == 2 * GRAVE
