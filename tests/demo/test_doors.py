"""The demo can be looked at: somebody of each role may sign in, and whoever runs it is told how."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.docs.test_documented import ROOT
from tocsin.book import people
from tocsin.pipeline.config import load_config
from tocsin.pipeline.demo import show
from tocsin.pipeline.demo.doors import open_doors
from tocsin.pipeline.people import DEMO_PEOPLE

TODAY = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_the_demos_people_are_made_once_and_told_each_time(tmp_path: Path) -> None:
    played = show.build(tmp_path, seed=3, subscribers=150, today=TODAY)
    first = open_doors(tmp_path, None, now=show.now_of(played))
    assert list(first.passwords) == list(DEMO_PEOPLE)
    assert len(set(first.passwords.values())) == len(DEMO_PEOPLE)
    assert open_doors(tmp_path, None, now=show.now_of(played)) == first
    assert (tmp_path / "people.json").stat().st_mode & 0o077 == 0
    with show.open_demo(tmp_path, played.now) as house, house.book.read() as tx:
        assert {name: people.demand(tx, name).role for name in DEMO_PEOPLE} == DEMO_PEOPLE


def test_it_listens_on_this_machine_alone(tmp_path: Path) -> None:
    show.build(tmp_path, seed=3, subscribers=150, today=TODAY)
    web = load_config(tmp_path / "tocsin.toml").web
    assert {web.portal.partition(":")[0], web.desk.partition(":")[0]} == {"127.0.0.1"}


def test_make_serve_opens_what_make_run_has_built() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    assert "tocsin demo --data var/demo" in text
    assert "tocsin serve --config var/demo/tocsin.toml" in text
