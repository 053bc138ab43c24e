"""What many lines together show, and what it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.witness.world import Line, rule_of, watched
from tocsin.engine import Engine

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def guess(after_s: int, host: str = "192.0.2.1", user: str = "root", pid: int = 1) -> str:
    at = (START + timedelta(seconds=after_s)).isoformat()
    return f"{at} gate sshd[{pid}]: Failed password for {user} from {host} port 1001 ssh2\n"


def shown(lines: list[Line], name: str) -> list[Line]:
    return [line for line in lines if "extra" in line and rule_of(line) == name]


def test_so_many_guesses_within_the_window_are_guessing(engine: Engine) -> None:
    found = shown(watched(engine, "".join(guess(60 * n) for n in range(5))), "guessing")
    assert [(line["address"], line["seen_at"], line["seen_until"]) for line in found] == [
        ("192.0.2.1", "2026-11-23T00:00:00Z", "2026-11-23T00:04:00Z")
    ]


def test_one_fewer_is_not(engine: Engine) -> None:
    assert not shown(watched(engine, "".join(guess(60 * n) for n in range(4))), "guessing")


@pytest.mark.parametrize(("step_s", "is_shown"), [(150, True), (151, False)])
def test_the_window_ends(engine: Engine, step_s: int, is_shown: bool) -> None:
    lines = watched(engine, "".join(guess(step_s * n) for n in range(5)))
    assert bool(shown(lines, "guessing")) is is_shown


def test_slow_guessing_is_seen_over_days(engine: Engine) -> None:
    lines = watched(engine, "".join(guess(7200 * n) for n in range(10)))
    assert shown(lines, "slow-guessing")
    assert not shown(lines, "guessing")


def test_ipv6_is_counted_by_its_64(engine: Engine) -> None:
    near = "".join(guess(n, host=f"2001:db8:0:1::{n + 1}") for n in range(5))
    far = "".join(guess(n, host=f"2001:db8:0:{n + 1}::1") for n in range(5))
    assert shown(watched(engine, near), "guessing")
    assert not shown(watched(engine, far), "guessing")


def test_distinct_paths_count_not_requests(engine: Engine) -> None:
    line = '192.0.2.1 - - [23/Nov/2026:00:00:{:02} +0000] "GET /{} HTTP/1.1" 404 9 "-" "-"\n'
    same = "".join(line.format(n, "gone.html") for n in range(30))
    many = "".join(line.format(n, f"gone{n}.html") for n in range(15))
    assert watched(engine, same) == []
    assert [rule_of(each) for each in watched(engine, many)] == ["path-scanning"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 3)), max_size=40))
def test_the_slow_way_says_the_same(guesses: list[tuple[int, int]]) -> None:
    import tempfile
    from pathlib import Path

    guesses = sorted(guesses)
    log = "".join(guess(after_s, host=f"192.0.2.{host}") for after_s, host in guesses)
    expected = set()
    for host in (1, 2, 3):
        times = [after_s for after_s, each in guesses if each == host]
        if any(times[n + 4] - times[n] <= 600 for n in range(len(times) - 4)):
            expected.add(f"192.0.2.{host}")
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder)) as engine:
        lines = watched(engine, log, services=("sshd",))
    assert {line["address"] for line in shown(lines, "guessing")} == expected
