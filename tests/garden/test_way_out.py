"""Whatever else is down, a wish to get out is kept, and obeyed; and a process may be killed at any step of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.garden.way_out_world import WayOut, open_wishes, way_out
from tocsin.book import audit, quarantines
from tocsin.book.tables_garden import quarantines as table
from tocsin.cli.garden import command
from tocsin.garden import queue
from tocsin.garden.queue import Wish
from tocsin.garden.roster import read_roster
from tocsin.terms.moments import format_moment

_KILLED = Path(__file__).with_name("obey_killed.py")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[WayOut]:
    with way_out(tmp_path) as opened:
        yield opened


def tocsin(place: WayOut, *arguments: str) -> tuple[int, str]:
    """`tocsin garden …` at the place's moment."""
    done = CliRunner().invoke(
        command,
        [*arguments, "--config", str(place.config_file), "--now", format_moment(place.now)],
        standalone_mode=False,
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return int(done.return_value or 0), done.output


# --- the book is down --------------------------------------------------------------------------------------------


def test_without_the_book_a_clerk_lets_out_by_the_queue_and_the_book_learns_of_it(place: WayOut) -> None:
    name = place.inside(1)
    place.break_book()
    code, said = tocsin(place, "release", name, "--clerk", "--reason", "a doctor rang")
    assert (code, "the wish is kept in the queue" in said) == (0, True)
    assert place.nas.enclosed == {name}
    code, said = tocsin(place, "queue")
    assert (code, f"released {name}" in said) == (0, True)
    assert place.nas.enclosed == set()
    place.mend_book()
    assert tocsin(place, "queue")[1] == f"released {name}\n"
    mine = place.one(name)
    assert (mine.state, mine.way, mine.release_reason) == ("released", "clerk", "a doctor rang")
    assert open_wishes(place.data) == []


def test_without_book_and_access_server_the_wish_waits_and_the_exit_code_says_so(place: WayOut) -> None:
    name = place.inside(1)
    place.nas.mode = "silent"
    place.break_book()
    tocsin(place, "release", name, "--reason", "rang")
    code, said = tocsin(place, "queue")
    assert (code, f"later {name}" in said) == (1, True)
    place.nas.mode = "up"
    assert tocsin(place, "queue")[0] == 0
    assert place.nas.enclosed == set()


def test_a_name_that_is_none_is_told_so_also_without_the_book(place: WayOut) -> None:
    place.break_book()
    for name in ("x", "../../etc/passwd", "G-000000000000.json"):
        with pytest.raises(Exception, match="is no stay's name"):
            tocsin(place, "release", name, "--reason", "rang")


def test_a_roster_that_is_damaged_is_made_anew_from_the_book(place: WayOut) -> None:
    name = place.inside(1)
    (place.data / "garden" / "roster.json").write_bytes(b"{")
    queue.wish(place.data, Wish(quarantine=name, asked_at=place.now))
    place.break_book()
    assert tocsin(place, "queue")[0] == 1, "nobody knows where to: the wish waits"
    place.mend_book()
    tocsin(place, "queue")
    assert place.nas.enclosed == set()
    assert open_wishes(place.data) == []


def test_whoever_was_erased_while_inside_is_let_out(place: WayOut) -> None:
    """The book knows nothing of them any more; the roster does, until the access server has let them out."""
    name, other = place.inside(1), place.inside(2)
    with place.house() as house, house.book.write() as tx:
        tx.execute(table.delete().where(table.c.quarantine == name))
    place.nas.mode = "busy"
    place.round()
    assert place.nas.enclosed == {name, other}
    place.nas.mode = "up"
    place.round()
    assert place.nas.enclosed == {other}
    assert open_wishes(place.data) == []
    roster = read_roster(place.data)
    assert roster is not None
    assert [each.quarantine for each in roster.inside] == [other]


def test_a_wish_that_waits_stands_in_the_book_and_uses_up_one_release(place: WayOut) -> None:
    name = place.inside(1)
    place.nas.mode = "refuses"
    queue.wish(place.data, Wish(quarantine=name, asked_at=place.now))
    for _ in range(3):
        place.round()
    assert (place.one(name).state, place.one(name).way) == ("releasing", "self")
    with place.house() as house, house.book.read() as tx:
        assert [each.action for each in audit.entries(tx) if each.object == name] == ["garden release"]
        assert quarantines.self_releases(tx, 1, since=place.now) == 1
    roster = read_roster(place.data)
    assert roster is not None
    assert roster.inside[0].self_left == 2, "this one is not over yet"
    assert open_wishes(place.data) == [f"wishes/{name}"]


# --- killed ------------------------------------------------------------------------------------------------------


def test_a_process_that_is_killed_at_any_step_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    """At each write, rename and removal in turn; the next one finishes it, and the book notes each release once."""
    for step in range(1, 60):
        with way_out(tmp_path / str(step)) as place:
            names = {place.inside(1), place.inside(2)}
            for name in names:
                queue.wish(place.data, Wish(quarantine=name, asked_at=place.now))
            place.break_book()
            command = [sys.executable, str(_KILLED), str(place.config_file), str(place.data), str(step)]
            done = subprocess.run(command, cwd=Path.cwd(), capture_output=True, check=False)
            assert done.returncode in (0, -9), done.stderr
            assert {each.split("/")[1] for each in open_wishes(place.data)} == names, "lost"
            tocsin(place, "queue")
            assert place.nas.enclosed == set()
            place.mend_book()
            place.round()
            assert {place.one(name).state for name in names} == {"released"}
            with place.house() as house, house.book.read() as tx:
                released = [each.object for each in audit.entries(tx) if each.action == "garden release"]
            assert sorted(released) == sorted(names), "noted once each"
            assert open_wishes(place.data) == []
            if done.returncode == 0:
                assert step > 8, "it was killed at some steps"
                return
    raise AssertionError("it never came to its end")


# --- whatever happens --------------------------------------------------------------------------------------------

numbers = st.integers(1, 5)


class Down(RuleBasedStateMachine):
    """Access server, book, roster and time do as they like; whoever has asked is out as soon as they all work."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.place = self.stack.enter_context(way_out(folder))
        self.book_is_up = True
        self.stays: dict[int, str] = {}
        self.wished: set[str] = set()

    def teardown(self) -> None:
        try:
            self.all_works_again()
        finally:
            self.stack.close()

    @precondition(lambda self: self.book_is_up)
    @rule(number=numbers, state=st.sampled_from(["active", "sent", "failed"]))
    def goes_in(self, number: int, state: str) -> None:
        with self.place.house() as house, house.book.read() as tx:
            if quarantines.open_of(tx, number) is not None:
                return
        self.stays[number] = self.place.inside(number, state)

    @rule(number=numbers, way=st.sampled_from(["self", "clerk"]))
    def wants_out(self, number: int, way: str) -> None:
        """As the garden's page takes it, and as the command line does without the book."""
        name = self.stays.get(number)
        roster = read_roster(self.place.data)
        inside = roster.named(name) if roster and name else None
        if name is None or inside is None or (way == "self" and inside.self_left < 1):
            return
        queue.wish(self.place.data, Wish(quarantine=name, asked_at=self.place.now, way=way))  # type: ignore[arg-type]
        self.wished.add(name)

    @rule(mode=st.sampled_from(["up", "busy", "refuses", "silent"]))
    def the_access_server_changes(self, mode: str) -> None:
        self.place.nas.mode = mode

    @rule()
    def the_book_breaks_or_is_mended(self) -> None:
        (self.place.break_book if self.book_is_up else self.place.mend_book)()
        self.book_is_up = not self.book_is_up

    @rule(minutes=st.sampled_from([1, 30, 60 * 24 * 8]))
    def time_goes_by(self, minutes: int) -> None:
        self.place.now += timedelta(minutes=minutes)

    @rule()
    def a_round(self) -> None:
        tocsin(self.place, "queue")

    @invariant()
    def a_wish_is_kept_until_they_are_out(self) -> None:
        kept = {each.split("/")[1] for each in open_wishes(self.place.data)}
        assert self.wished & self.place.nas.enclosed <= kept

    def all_works_again(self) -> None:
        if not self.book_is_up:
            self.the_book_breaks_or_is_mended()
        self.place.nas.mode = "up"
        for _ in range(2):
            self.place.now += timedelta(minutes=11)
            tocsin(self.place, "queue")
        assert not self.wished & self.place.nas.enclosed
        for name in self.wished:
            assert self.place.one(name).state == "released"
        assert open_wishes(self.place.data) == []


Down.TestCase.settings = settings(
    max_examples=int(os.environ.get("TOCSIN_EXAMPLES", "12")),
    stateful_step_count=14,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each step is a round: to shrink takes minutes
    suppress_health_check=list(HealthCheck),
)
TestReleaseIsAlwaysPossible = Down.TestCase
