"""Twenty towns: in none of them is anybody taken for his neighbour, and nobody gets a notice that rests on a trap."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tocsin.book import notices as book_notices
from tocsin.pipeline.demo import show
from tocsin.pipeline.demo.hard_cases import EXPECTED
from tocsin.pipeline.demo.truth import Truth, read_truth
from tocsin.pipeline.progress import Progress
from tocsin.proof.canonical import read_facts
from tocsin.terms.moments import format_moment

TODAY = datetime(2026, 11, 24, tzinfo=UTC)
MISSED_MAX = 0.01  # of all sightings: where a doubt is wider than it need be, silence is the right mistake


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "subscribers"), [(seed, 500 if seed in (7, 13) else 160) for seed in range(1, 21)])
def test_no_household_is_taken_for_another(tmp_path: Path, seed: int, subscribers: int) -> None:
    played = show.build(tmp_path, seed=seed, subscribers=subscribers, today=TODAY)
    for _ in range(2):  # the first run is dry
        played, report = show.play(tmp_path, played, Progress())
    truth = read_truth(tmp_path / "truth.jsonl")
    table = show.mark(tmp_path, played)
    assert table.wrong == 0
    assert table.absent == 0
    assert table.missed <= len(truth) * MISSED_MAX
    assert table.right >= len(truth) * 0.4  # silence alone is no virtue: half of the world's sightings are traps
    cases = {each.case for each in truth}  # a small town has no room for every play
    assert cases == set(EXPECTED) if subscribers >= 500 else cases <= set(EXPECTED)
    assert not [each for each in table.surprises if each.wrong]
    assert report.notified.sent
    _no_notice_rests_on_a_trap(tmp_path, played, truth)


def _no_notice_rests_on_a_trap(folder: Path, played: show.Played, truth: list[Truth]) -> None:
    good = {(each.address, each.port, each.seen_at) for each in truth if each.may_notify}
    with show.open_demo(folder, played.now) as house, house.book.read() as tx:
        sent = book_notices.in_state(tx, "sent")
    told = [
        (trouble.address, trouble.port, format_moment(trouble.seen_at))
        for notice in sent
        for trouble in read_facts(notice.facts.encode()).troubles
    ]
    assert told
    assert [each for each in told if each not in good] == []


def test_a_third_run_sends_nothing(tmp_path: Path) -> None:
    played = show.build(tmp_path, seed=3, subscribers=150, today=TODAY)
    reports = []
    for _ in range(3):
        played, report = show.play(tmp_path, played, Progress())
        reports.append(report)
    dry, second, third = (len(report.notified.sent) for report in reports)
    assert (dry, third) == (0, 0)
    assert second > 20
    assert all(came.already for came in reports[2].came)
    assert msgspec.json.decode((tmp_path / "demo.json").read_bytes(), type=show.Played).runs == 3
