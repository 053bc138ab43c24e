"""On the command line, from a notice that waits to one that has come back; and as work of `tocsin serve`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from tests.breaking import drop
from tests.delivery import post_office
from tests.delivery.conftest import OpenOffice
from tests.delivery.returned import block, report, verp
from tests.delivery.scripted import Scripted, scripted
from tocsin.book import audit
from tocsin.cases.outbox import resolve
from tocsin.cli.main import tocsin
from tocsin.pipeline.house import House
from tocsin.pipeline.outbox import Sent, deliver_queued
from tocsin.pipeline.post import Post
from tocsin.pipeline.work import EVERY, KINDS
from tocsin.terms.errors import BadRequest

ONE = post_office.name_of(1)
MAILBOX = '[mailbox]\nvia = "maildir"\nmaildir = "inbox"\n'


def say(house: House, *words: str) -> Result:
    options = ["--config", str(house.config_file), "--now", "2026-11-24T12:00:00Z"]
    return CliRunner().invoke(tocsin, [*words, *options], standalone_mode=False)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted({}) as running:
        yield running


def test_a_person_resolves_on_the_command_line(office: OpenOffice, server: Scripted) -> None:
    server.script["dot"] = drop
    house = office(server)
    assert deliver_queued(house).uncertain == (ONE,)
    with pytest.raises(Exception, match=r"sent\|again\|never"):
        raise say(house, "notify", "--resolve", ONE, "perhaps").exception or AssertionError
    done = say(house, "notify", "--resolve", ONE.lower(), "again", "--reason", "not in the log")
    assert (done.return_value, "is sent again" in done.stdout) == (0, True)
    assert isinstance(say(house, "notify", "--resolve", ONE, "again").exception, BadRequest)
    with house.book.read() as tx:
        (entry,) = [each for each in audit.entries(tx) if each.action == "uncertain: again"]
    assert (entry.object, entry.reason) == (ONE, "not in the log")
    server.script.clear()
    assert deliver_queued(house).sent == (ONE,)


def test_what_came_back_is_fetched_by_a_verb(office: OpenOffice, server: Scripted) -> None:
    house = office(server, more=MAILBOX)
    deliver_queued(house)
    new = house.config_file.parent / "inbox" / "new"
    new.mkdir(parents=True)
    (new / "1.a").write_bytes(report(verp(house.keys), block()))
    done = say(house, "post", "--json")
    assert msgspec.json.decode(done.stdout, type=Post).bounced == (ONE,)
    said = say(house, "post")
    assert "about no notice or report of ours: 0" in said.stdout
    assert "bounced" in say(house, "case", f"C-{1:012}", "--reason", "looked").stdout


def test_a_mailbox_that_nobody_configured_is_told(office: OpenOffice, server: Scripted) -> None:
    assert "no mailbox is configured" in str(say(office(server), "post").exception)


def test_delivering_and_fetching_are_work_that_comes_round(office: OpenOffice, server: Scripted) -> None:
    house = office(server, more=MAILBOX)
    assert (EVERY["deliver"](house.config), EVERY["fetch-mail"](house.config)) == (1, 5)
    assert msgspec.json.decode(KINDS["deliver"](house, b"{}"), type=Sent).sent == (ONE,)
    assert msgspec.json.decode(KINDS["fetch-mail"](house, b"{}"), type=Post).others == 0


def test_neither_is_work_where_nothing_leaves_and_nothing_is_read(tmp_path: Path) -> None:
    post_office.found(tmp_path)
    with post_office.open_house(tmp_path) as house:
        assert (EVERY["deliver"](house.config), EVERY["fetch-mail"](house.config)) == (0, 0)


def test_a_name_with_line_breaks_stays_in_the_letter(office: OpenOffice, server: Scripted) -> None:
    """What a contract's file says of a person stands in no header and in no command."""
    house = office(server, notices=0)
    hostile = "Eve\r\nBcc: all@post.example\r\n.\r\nMAIL FROM:<evil@net.example>"
    post_office.queue(house, 7, name=hostile)
    deliver_queued(house)
    (mail,) = server.accepted
    head = mail.partition(b"\r\n\r\n")[0]
    assert b"Bcc" not in head
    assert next(line for line in server.heard if line.startswith("MAIL")).startswith("MAIL FROM:<bounce+n-")
    assert len([line for line in server.heard if line.startswith(("MAIL", "RCPT"))]) == 2


def test_resolving_what_is_not_uncertain_changes_nothing(office: OpenOffice, server: Scripted) -> None:
    house = office(server)
    with pytest.raises(BadRequest, match="not uncertain"), house.book.write() as tx:
        resolve(tx, ONE, "sent", reason="", actor="mika", at=post_office.NOW)
    assert post_office.state_of(house.book, ONE)[0] == "queued"
