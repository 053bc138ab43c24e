"""Two of the provider's own lines are bots: its flows show both and nobody else, and each household is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.demo.demo_example import example, rows_of
from tocsin.pipeline.demo import Answer, show
from tocsin.pipeline.demo.bots import OWN_SOURCE, Bot, mark_bots, read_bots
from tocsin.pipeline.demo.homes import made_up
from tocsin.pipeline.demo.score import Key
from tocsin.pipeline.progress import Progress
from tocsin.terms.errors import Refused

TODAY = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("seed", [3, 11])
def test_both_bots_are_found_and_told_and_nobody_else(tmp_path: Path, seed: int) -> None:
    played = show.build(tmp_path, seed=seed, subscribers=160, today=TODAY)
    watched = show.detect(tmp_path, played)
    bots = read_bots(tmp_path / "bots.jsonl")
    assert {each.host for each in watched.infected} == {each.address for each in bots}
    assert (len(bots), watched.kept) == (2, 2)
    assert watched.hosts > 20
    for _ in range(2):  # the first run is dry
        played, _ = show.play(tmp_path, played, Progress())
    marked = show.mark_own(tmp_path, played)
    assert set(marked.found) == {each.address for each in bots}
    assert marked.wrong == 0
    assert set(show.notices_about(tmp_path, played, bots)) == {each.address for each in bots}
    assert show.detect(tmp_path, played).kept == 0  # the same flows again say nothing new


def test_the_truth_about_a_bot_is_that_of_the_world() -> None:
    """Looked up the slow way, in everything that anybody ever had."""
    subscribers = rows_of(example().folder / "subscribers.csv")
    for bot in example().bots:
        first, last = (datetime.fromisoformat(text).timestamp() for text in (bot.starts_at, bot.ends_at))
        there = [each for each in example().occupancies if each.network == f"{bot.address}/32"]
        [held] = [each for each in there if each.starts_at <= first and last <= (each.ends_at or 1 << 40)]
        assert [row["subscriber"] for row in subscribers if row["line"] == held.line] == [bot.holder]
    assert len(example().bots) == 2
    assert not {each.holder for each in example().bots} & {each.holder for each in example().truth}


def test_a_demo_judges_nothing_without_its_legal_basis(tmp_path: Path) -> None:
    played = show.build(tmp_path, seed=3, subscribers=150, today=TODAY)
    path = tmp_path / "tocsin.toml"
    path.write_text(path.read_text().replace("retention_days = 30", "retention_days = 0"))
    with pytest.raises(Refused, match="on what legal basis"):
        show.detect(tmp_path, played)


BOT = Bot(
    address="198.51.100.7",
    kind="scanner",
    starts_at="2026-11-23T06:00:00Z",
    ends_at="2026-11-23T07:00:00Z",
    holder="C-1",
)
KEY = Key(source=OWN_SOURCE, seen_at="2026-11-23T06:10:00Z", address=BOT.address, port=None, protocol="tcp")


@pytest.mark.parametrize(
    ("change", "subscriber", "found", "wrong"),
    [
        ({}, "C-1", 1, 0),
        ({}, "C-2", 0, 1),
        ({"address": "198.51.100.8"}, "C-1", 0, 1),
        ({"seen_at": "2026-11-23T07:00:00Z"}, "C-1", 0, 1),
        ({"source": "cert"}, "C-2", 0, 0),
    ],
)
def test_only_the_bots_household_in_the_bots_time_is_right(
    change: dict[str, str], subscriber: str, found: int, wrong: int
) -> None:
    key = msgspec.structs.replace(KEY, **change)
    marked = mark_bots((BOT,), {key: Answer(outcome="subscriber", subscriber=subscriber)})
    assert (len(marked.found), marked.wrong) == (found, wrong)


def test_a_doubtful_address_is_neither_found_nor_wrong() -> None:
    marked = mark_bots((BOT,), {KEY: Answer(outcome="ambiguous")})
    assert (marked.found, marked.wrong) == ({}, 0)


def test_another_day_has_other_names() -> None:
    assert not set(made_up(1, 50)) & set(made_up(2, 50))
