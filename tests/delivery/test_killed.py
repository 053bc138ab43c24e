"""A process that delivers is killed at every step: nothing is lost, nothing goes out twice. And several at once."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.breaking import silence
from tests.delivery import post_office
from tests.delivery.killed import deliver_in_a_child, fork_deliverer
from tests.delivery.scripted import Scripted, scripted
from tocsin.book import Book, audit
from tocsin.book import notices as book_notices
from tocsin.cases.outbox import resolve
from tocsin.terms.errors import BadRequest

SMTP = 'host = "127.0.0.1"\ntls = "none"\ntimeout_s = 5\ndot_timeout_s = 5\nper_minute = 100000\n'


def provider(folder: Path, server: Scripted, notices: int, book_url: str = "") -> Path:
    post_office.found(folder, f'[delivery]\nvia = "smtp"\nport = {server.port}\n{SMTP}', book_url=book_url)
    with post_office.open_house(folder) as house:
        post_office.queue(house, *range(1, notices + 1))
    return folder


def received(server: Scripted) -> Counter[str]:
    """How often each notice's mail came to its end."""
    ids = (re.search(rb"^Message-ID: <(n-[0-9a-z]{16})\.", mail, re.MULTILINE) for mail in server.whole)
    return Counter(found[1].decode().upper() for found in ids if found)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """In memory where there is such a place: a kill loses nothing there, and nobody waits for a disk."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        yield Path(folder)


def test_killed_at_every_step_nothing_is_lost_and_nothing_goes_twice(scratch: Path) -> None:
    with scripted({}) as server:
        template = provider(scratch / "template", server, 2)
        told = scratch / "points"
        whole = shutil.copytree(template, scratch / "whole")
        assert deliver_in_a_child(whole, told=told) == 0
        names = told.read_text("utf-8").splitlines()
        assert sum(name == "after a commit of write" for name in names) >= 4
        uncertain = 0
        for place, name in enumerate(names):
            server.whole.clear()
            folder = shutil.copytree(template, scratch / f"at-{place}")
            assert deliver_in_a_child(folder, kill_at=place) == -signal.SIGKILL, name
            assert deliver_in_a_child(folder) == 0
            uncertain += judge(folder, received(server), f"point {place}: {name}")
            shutil.rmtree(folder)
    assert uncertain, "some kills lay between the dot's note and its answer's"


def judge(folder: Path, came: Counter[str], where: str) -> int:
    """Each notice came once and is sent, or may have come and is uncertain. How many are uncertain."""
    with post_office.open_house(folder) as house:
        states = post_office.states(house.book)
        with house.book.read() as tx:
            assert audit.verify(tx)[1] is None
            noted = [entry.object for entry in audit.entries(tx) if entry.action == "notice sent"]
    assert len(states) == 2, where
    for notice, state in states.items():
        assert state in ("sent", "uncertain"), where
        assert came[notice] == 1 if state == "sent" else came[notice] <= 1, where
        assert noted.count(notice) == (1 if state == "sent" else 0), where
    return list(states.values()).count("uncertain")


def test_two_processes_deliver_each_notice_once(tmp_path: Path, book_url: str) -> None:
    with scripted({}) as server:
        folder = provider(tmp_path / "provider", server, 60, book_url)
        pids = [fork_deliverer(folder) for _ in range(3)]
        assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0, 0, 0]
    names = [post_office.name_of(number) for number in range(1, 61)]
    assert received(server) == Counter(names)
    with post_office.open_house(folder) as house:
        assert set(post_office.states(house.book).values()) == {"sent"}
        with house.book.read() as tx:
            assert audit.verify(tx)[1] is None
    assert server.connections > 1, "more than one of them had something to do"


def test_one_that_is_killed_beside_others_loses_nothing(tmp_path: Path, book_url: str) -> None:
    with scripted({}) as server:
        folder = provider(tmp_path / "provider", server, 30, book_url)
        pids = [fork_deliverer(folder, kill_at) for kill_at in (23, 51, None)]
        codes = sorted(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids)
        assert codes[0] == -signal.SIGKILL
        assert deliver_in_a_child(folder) == 0
    came = received(server)
    with post_office.open_house(folder) as house:
        for notice, state in post_office.states(house.book).items():
            assert state in ("sent", "uncertain")
            assert came[notice] == 1 if state == "sent" else came[notice] <= 1


@pytest.fixture
def uncertain(tmp_path: Path) -> Path:
    """One notice of which nobody knows whether it left."""
    with scripted({"dot": silence}) as server:
        folder = provider(tmp_path / "provider", server, 1)
        pid = fork_deliverer(folder)
        while not server.whole:
            os.sched_yield()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        server.script.clear()
        assert deliver_in_a_child(folder) == 0
        assert len(server.whole) == 1, "it is never sent again by itself"
    return folder


ONE = post_office.name_of(1)


def _resolved(book: Book, answer: str) -> None:
    with book.write() as tx:
        resolve(tx, ONE, answer, reason="asked the postmaster", actor="mika", at=post_office.NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(("answer", "state"), [("sent", "sent"), ("again", "queued"), ("never", "refused")])
def test_a_person_decides_what_became_of_it(uncertain: Path, answer: str, state: str) -> None:
    with post_office.open_house(uncertain) as house:
        assert post_office.state_of(house.book, ONE)[0] == "uncertain"
        _resolved(house.book, answer)
        assert post_office.state_of(house.book, ONE)[0] == state
        with house.book.read() as tx:
            (entry,) = [each for each in audit.entries(tx) if each.action.startswith("uncertain")]
        assert (entry.actor, entry.object, entry.reason) == ("mika", ONE, "asked the postmaster")
        assert ONE in post_office.case_story(house.book, ONE)[-1][1]
        with pytest.raises(BadRequest, match="not uncertain"):
            _resolved(house.book, answer)


def test_what_a_person_sends_again_goes_out_once(uncertain: Path) -> None:
    with post_office.open_house(uncertain) as house:
        _resolved(house.book, "again")
    with scripted({}) as server:
        config = uncertain / "tocsin.toml"
        config.write_text(re.sub(r"port = \d+", f"port = {server.port}", config.read_text("utf-8")), "utf-8")
        assert deliver_in_a_child(uncertain) == deliver_in_a_child(uncertain) == 0
    assert received(server) == Counter([ONE])


def test_a_way_that_was_changed_in_between_sends_nothing_twice(uncertain: Path, tmp_path: Path) -> None:
    """Maildir after SMTP, and SMTP after a maildir that had begun."""
    config = uncertain / "tocsin.toml"
    config.write_text(config.read_text("utf-8").replace('via = "smtp"', 'via = "maildir"'), "utf-8")
    assert deliver_in_a_child(uncertain) == 0
    assert not list((uncertain / "data" / "outbox").rglob("n-*"))
    with scripted({}) as server:
        folder = provider(tmp_path / "other", server, 1)
        with post_office.open_house(folder) as house, house.book.write() as tx:
            book_notices.note_dot(tx, ONE, post_office.NOW)
        assert deliver_in_a_child(folder) == 0
        assert server.whole == []
        with post_office.open_house(folder) as house:
            assert post_office.state_of(house.book, ONE)[0] == "uncertain"
