"""A log that is followed and reported: once a rest, nothing twice, and nothing lost by a restart."""

from __future__ import annotations

import email
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.witness.report_world import offence
from tests.witness.world import NOW
from tocsin.attribution.networks import TABLES, read_networks
from tocsin.pipeline import watch_pending
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.watch_asked import Asked, configured
from tocsin.pipeline.watch_pending import TRY_AGAIN, TRY_EVERY, Pending
from tocsin.pipeline.watching import watch_and_follow
from tocsin.terms.errors import BadRequest, Unreachable

CONFIG = """
[issuer]
name = "Example Shop"
domain = "shop.example"
mail_from = "abuse@shop.example"

[watch]
rest_hours = 24
"""
NETWORKS = """prefix,origin,country,abuse_contact
192.0.2.0/25,64500,IN,abuse@one.example
192.0.2.128/25,64501,IN,abuse@two.example
"""
DAY = timedelta(days=1)


def guesses(host: int, at: datetime = NOW - timedelta(hours=2), count: int = 12) -> str:
    """Password guessing, sure enough to be reported."""
    line = "{} gate sshd[1]: Failed password for root from 192.0.2.{} port {} ssh2\n"
    return "".join(line.format((at + timedelta(seconds=each)).isoformat(), host, 1000 + each) for each in range(count))


class World:
    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "auth.log"
        self.log.write_text("")
        (folder / "tocsin.toml").write_text(CONFIG)
        (folder / "networks.csv").write_text(NETWORKS)
        with House.open(config_file=folder / "tocsin.toml", data=folder / "data", now=NOW) as house:
            make_keys(house.data / "keys", house.issuer, NOW)
            with house.lake.writing(*TABLES) as writing:
                read_networks(writing, [folder / "networks.csv"], at=NOW - 30 * DAY)

    def write(self, *texts: str) -> None:
        with self.log.open("a") as file:
            file.write("".join(texts))

    def follow(self, *, at: datetime = NOW, send: bool = True, between: Callable[[], object] | None = None) -> None:
        """A process that looks twice, with what is done in between."""
        steps = [between or (lambda: None)]

        def is_over() -> bool:
            if not steps:
                return True
            steps.pop()()
            return False

        asked = Asked(
            logs=(self.log,),
            config_file=self.folder / "tocsin.toml",
            data=self.folder / "data",
            now=at,
            from_start=True,
        )
        watch_and_follow(configured(asked), send=send, report=not send, is_over=is_over, sleep=lambda _: None)

    def mails(self) -> list[str]:
        new = self.folder / "data/outbox/new"
        found = sorted(new.iterdir()) if new.exists() else []
        return [str(email.message_from_bytes(path.read_bytes())["Subject"]) for path in found]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_each_network_is_told_once_and_a_restart_tells_nothing_again(world: World) -> None:
    world.write(guesses(1), guesses(200))
    world.follow()
    assert sorted(subject.rpartition(" ")[2] for subject in world.mails()) == ["192.0.2.1", "192.0.2.200"]
    world.follow(at=NOW + 2 * DAY)
    assert len(world.mails()) == 2


def test_what_comes_while_a_contact_rests_is_told_after_its_rest_though_the_process_died(world: World) -> None:
    world.write(guesses(1))
    world.follow()
    world.write(guesses(2, NOW + timedelta(minutes=30)))
    world.follow(at=NOW + timedelta(hours=1))
    assert len(world.mails()) == 1
    world.follow(at=NOW + DAY + timedelta(minutes=1))
    assert [subject.rpartition(" ")[2] for subject in world.mails()].count("192.0.2.2") == 1
    world.follow(at=NOW + 3 * DAY)
    assert len(world.mails()) == 2


def test_on_a_screen_a_contact_rests_too(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.write(guesses(1))
    world.follow(send=False)
    assert capsys.readouterr().out.count("To: abuse@one.example") == 1
    world.write(guesses(2, NOW + timedelta(minutes=30)))
    world.follow(send=False, at=NOW + timedelta(hours=1))
    assert "To:" not in capsys.readouterr().out
    world.follow(send=False, at=NOW + DAY + timedelta(minutes=1))
    told = capsys.readouterr().out
    assert "192.0.2.2" in told
    assert "192.0.2.1:" not in told
    assert world.mails() == []


# --- what waits --------------------------------------------------------------------------------------------------


def told(pending: Pending, at: datetime) -> list[int]:
    """How many lines each has that is handed out now; all of it is told."""
    found: list[int] = []

    def tell(offences: object, now: datetime) -> frozenset[str]:
        assert isinstance(offences, tuple)
        found.extend(each.lines for each in offences)
        return frozenset(watch_pending._name(each) for each in offences)

    pending.report(at, tell)
    return found


def test_lines_of_two_processes_are_added_up_and_those_of_one_are_not(tmp_path: Path) -> None:
    first = offence(first_at=NOW - timedelta(hours=3), last_at=NOW - timedelta(hours=2), lines=5)
    Pending(tmp_path).take([first], NOW)
    Pending(tmp_path).take([first], NOW)  # the position was not kept: the same lines again
    again = Pending(tmp_path)
    again.take([offence(first_at=NOW - timedelta(hours=3), last_at=NOW - timedelta(hours=1), lines=8)], NOW)
    again.take([offence(first_at=NOW, last_at=NOW, lines=4)], NOW)
    assert told(Pending(tmp_path), NOW) == [12]
    assert told(Pending(tmp_path), NOW + DAY) == []


def test_at_most_once_a_minute_and_later_where_nothing_could_be_told(tmp_path: Path) -> None:
    pending, calls = Pending(tmp_path), [0]

    def nobody(offences: object, now: datetime) -> frozenset[str]:
        calls[0] += 1
        raise Unreachable("no way to the server")

    pending.take([offence()], NOW)
    for after in (timedelta(), TRY_EVERY, TRY_AGAIN - timedelta(seconds=1)):
        pending.report(NOW + after, nobody)
    assert calls == [1]
    assert told(pending, NOW + TRY_AGAIN) == [9]
    pending.take([offence("192.0.2.2")], NOW + TRY_AGAIN)
    assert told(pending, NOW + TRY_AGAIN + TRY_EVERY - timedelta(seconds=1)) == []
    assert told(pending, NOW + TRY_AGAIN + TRY_EVERY) == [9]


def test_more_than_may_wait_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_pending, "PENDING_MAX", 2)
    pending = Pending(tmp_path)
    pending.take([offence(f"192.0.2.{host}") for host in (1, 2, 3)], NOW)
    assert pending.refused == 1
    assert len(told(pending, NOW)) == 2


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "pending.json").write_text("{")
    with pytest.raises(BadRequest, match="is not what waits"):
        Pending(tmp_path)
