"""A log that grows: told once, through rotation, truncation and restarts."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from tests.witness.world import NOW, rule_of
from tocsin.pipeline.watch_follow import Hearer, Positions, follow_logs
from tocsin.terms.errors import BadRequest
from tocsin.witness.position import fresh_lines
from tocsin.witness.watch import Told

LINE = "2026-11-24T03:16:{:02}+00:00 gate sshd[1]: Failed password for root from 192.0.2.{} port {} ssh2\n"


def line(number: int, host: int | None = None) -> str:
    return LINE.format(number, host or number, 1000 + number)


class World:
    """A log, and what has been told of it."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "auth.log"
        self.log.write_text("")
        self.data = folder / "data"
        self.told: list[dict[str, object]] = []

    def write(self, *lines: str) -> None:
        with self.log.open("a") as file:
            file.write("".join(lines))

    def run(self, *between: object) -> None:
        """Rounds of one process; what stands in `between` is done before each further one."""
        steps = list(between)

        def is_over() -> bool:
            if not steps:
                return True
            step = steps.pop(0)
            assert callable(step)
            step()
            return False

        follow_logs(
            (self.log,),
            Told(),
            self.data,
            clock=lambda: NOW,
            from_start=True,
            is_over=is_over,
            sleep=lambda _: None,
            hearer=Hearer(lambda told: self.told.append(msgspec.json.decode(told))),
        )

    def hosts(self) -> list[int]:
        single = [each for each in self.told if "lines" not in msgspec.convert(each["extra"], dict)]
        return [int(str(each["address"]).rpartition(".")[2]) for each in single]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_new_lines_are_told_once(world: World) -> None:
    world.write(line(1))
    world.run(lambda: world.write(line(2), line(3)), lambda: None)
    assert world.hosts() == [1, 2, 3]
    assert [each["evidence_line"] for each in world.told] == [1, 2, 3]


def test_a_restart_goes_on_where_it_was(world: World) -> None:
    world.write(line(1))
    world.run()
    world.write(line(2))
    world.run()
    world.run()
    assert world.hosts() == [1, 2]


def test_a_line_that_is_still_being_written_is_told_when_it_is_whole(world: World) -> None:
    whole = line(1)
    world.write(whole[:40])
    world.run(lambda: world.write(whole[40:]))
    assert world.hosts() == [1]


def test_a_rotation_loses_nothing(world: World) -> None:
    world.write(line(1))

    def rotate() -> None:
        world.write(line(2))
        world.log.rename(world.log.with_name("auth.log.1"))
        world.log.write_text(line(3))

    world.run(rotate, lambda: world.write(line(4)))
    assert world.hosts() == [1, 2, 3, 4]
    assert [each["evidence_line"] for each in world.told] == [1, 2, 1, 2]


def test_a_rotation_while_nobody_looked_loses_nothing(world: World) -> None:
    world.write(line(1))
    world.run()
    world.write(line(2))
    world.log.rename(world.log.with_name("auth.log.1"))
    world.log.write_text(line(3))
    world.run()
    assert world.hosts() == [1, 2, 3]


def test_a_log_that_was_cut_to_nothing_begins_anew(world: World) -> None:
    world.write(line(1), line(2))
    world.run(lambda: os.truncate(world.log, 0), lambda: world.write(line(3)))
    assert world.hosts() == [1, 2, 3]


def test_a_log_that_is_gone_for_a_moment_is_waited_for(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.write(line(1))
    aside = world.log.with_name("auth.log.1")
    world.run(lambda: world.log.rename(aside), lambda: world.log.write_text(line(2)))
    assert world.hosts() == [1, 2]
    assert "No such file" in capsys.readouterr().err


def test_guesses_of_several_rounds_are_one_behaviour_told_once(world: World) -> None:
    steps = [lambda number=number: world.write(line(number, host=9)) for number in range(1, 9)]
    world.run(*steps)
    assert [rule_of(each) for each in world.told].count("guessing") == 1


def test_without_from_start_a_new_log_is_read_from_its_end(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    log.write_text(line(1) + line(2))
    found = list(fresh_lines(log, None))
    assert [each.text for each in found] == [b""]
    assert found[-1].after.line == 2


def test_a_position_that_is_none_is_refused(tmp_path: Path) -> None:
    positions = Positions(tmp_path)
    positions._path(tmp_path / "auth.log").write_text("{}")
    with pytest.raises(BadRequest, match="is no position"):
        positions.read(tmp_path / "auth.log")
