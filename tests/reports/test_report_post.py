"""What comes back about reports: whose it is, what it stops, and that a contact nobody reads is not written to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.delivery.returned import block, mail, report
from tests.witness.report_world import CONFIG as SHOP
from tests.witness.report_world import CONTACT, NOW, group, offence
from tocsin.book import audit, report_post, retention
from tocsin.book.report_post import DEAD_AFTER
from tocsin.cli.main import tocsin
from tocsin.notices.bounce import bounce_address
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.post import Post, fetch_post
from tocsin.pipeline.report_filing import file_reports
from tocsin.pipeline.report_outbox import send_reports
from tocsin.pipeline.report_post import resolve, revive
from tocsin.terms.errors import BadRequest

CONFIG = (
    SHOP
    + """
[mailbox]
via = "maildir"
maildir = "inbox"
"""
)
GONE = block(CONTACT.mail, code="550 5.1.1 no such user")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return founded(tmp_path)


@pytest.fixture
def folder_anywhere(tmp_path: Path, book_url: str) -> Path:
    """The same on each database."""
    return founded(tmp_path, book_url)


def founded(tmp_path: Path, book_url: str = "") -> Path:
    book = f'\n[book]\nurl = "{book_url}"\n' if book_url else ""
    (tmp_path / "tocsin.toml").write_text(CONFIG + book)
    for name in ("new", "cur", "tmp"):
        (tmp_path / "inbox" / name).mkdir(parents=True)
    with opened(tmp_path) as house:
        make_keys(house.data / "keys", house.issuer, NOW)
    return tmp_path


@contextmanager
def opened(folder: Path, after: timedelta = timedelta()) -> Iterator[House]:
    with House.open(config_file=folder / "tocsin.toml", data=folder / "data", now=NOW + after) as house:
        yield house


def sent(house: House, host: str = "192.0.2.1") -> str:
    """The number of a report that has left."""
    [number] = file_reports(house, [group(offence(host, last_at=house.now))], rest_hours=0).kept
    assert number in send_reports(house).sent
    return number


def come(house: House, *mails: bytes) -> Post:
    folder = house.config_file.parent / "inbox"
    there = sum(1 for _ in folder.rglob("*.mx*"))
    for number, raw in enumerate(mails, there + 1):
        (folder / "new" / f"1700000{number:03}.M{number}.mx").write_bytes(raw)
    return fetch_post(house)


def verp(house: House, number: str) -> str:
    return bounce_address(number, "shop.example", house.keys.secret)


def state(house: House, number: str) -> str:
    with house.book.read() as tx:
        return report_post.listed(tx, number)[0].state


def test_a_bounce_is_filed_with_its_report_and_stops_only_that(folder_anywhere: Path) -> None:
    folder = folder_anywhere
    with opened(folder) as house:
        one = sent(house)
    with opened(folder, timedelta(hours=1)) as house:
        two = sent(house, "192.0.2.2")
        post = come(house, report(verp(house, one), GONE))
        assert (post.bounced, post.bounces, post.others, post.trouble) == ((one,), 1, 0, "")
        assert (state(house, one), state(house, two)) == ("bounced", "sent")
        with house.book.read() as tx:
            [arrival] = report_post.arrivals_of(tx, one)
            assert "bounce filed" in [entry.action for entry in audit.entries(tx)]
            assert audit.verify(tx)[1] is None
            assert report_post.dead_contacts(tx) == []
    assert (arrival.kind, arrival.found_by, arrival.is_hard) == ("bounce", "verp", True)
    assert arrival.said == "5.1.1 550 5.1.1 no such user"


def test_a_reply_is_found_by_the_number_that_survived_in_its_subject(folder: Path) -> None:
    with opened(folder) as house:
        number = sent(house)
        answer = mail(
            f"From: Abuse <{CONTACT.mail}>",
            "To: abuse@shop.example",
            f"Subject: [Ticket#4711] AW: [{number.lower()}] Abuse report",
            body="The customer was told.\n",
        )
        post = come(house, answer)
        assert (post.replies, post.others) == (1, 0)
        with house.book.read() as tx:
            [arrival] = report_post.arrivals_of(tx, number)
        assert (arrival.kind, arrival.found_by, arrival.text) == ("reply", "number", "The customer was told.")
        assert state(house, number) == "sent"


def test_a_reply_is_found_by_what_it_answers(folder: Path) -> None:
    with opened(folder) as house:
        number = sent(house)
        with house.book.read() as tx:
            message_id = f"<{number.lower()}."
            raw = next((house.data / "outbox/new").iterdir()).read_bytes()
            found = next(line for line in raw.decode().split("\r\n") if line.lower().startswith("message-id:"))
            assert message_id in found
            del tx
        post = come(house, mail("From: a@b.example", "Subject: thanks", f"In-Reply-To: {found.partition(': ')[2]}"))
        assert post.replies == 1


@pytest.mark.parametrize(
    "forged",
    [
        "bounce+{number}-aaaaaaaaaaaa@shop.example",  # the tag was made up
        "abuse@shop.example",
    ],
)
def test_a_forged_bounce_that_only_knows_the_number_stops_nothing(folder: Path, forged: str) -> None:
    with opened(folder) as house:
        number = sent(house)
        to = forged.format(number=number.lower())
        post = come(house, report(to, GONE, returned=f"Subject: [{number}] Abuse report\n"))
        assert post.bounced == ()
        assert state(house, number) == "sent"


def test_a_bounce_of_another_address_stops_nothing(folder: Path) -> None:
    with opened(folder) as house:
        number = sent(house)
        come(house, report(verp(house, number), block("someone.else@provider.example")))
        assert state(house, number) == "sent"


def test_the_same_mail_is_filed_once(folder: Path) -> None:
    with opened(folder) as house:
        number = sent(house)
        raw = report(verp(house, number), GONE)
        come(house, raw)
        come(house, raw)
        with house.book.read() as tx:
            assert len(report_post.arrivals_of(tx, number)) == 1


def test_a_number_that_is_not_ours_is_nobodys(folder: Path) -> None:
    with opened(folder) as house:
        sent(house)
        post = come(house, mail("From: a@b.example", "Subject: Re: [R-0000000000000000] hello"))
        assert (post.replies, post.others) == (0, 1)


def die(folder: Path) -> str:
    """A contact that returns DEAD_AFTER reports; who it is, as the last round says."""
    told: tuple[str, ...] = ()
    for day in range(DEAD_AFTER):
        with opened(folder, timedelta(days=day)) as house:
            assert told == ()
            told = come(house, report(verp(house, sent(house, f"192.0.2.{day + 1}")), GONE)).dead_contacts
    assert told == (CONTACT.mail,)
    return told[0]


def test_a_contact_that_returns_every_report_gets_none_until_a_person_says_so(folder: Path) -> None:
    contact = die(folder)
    news = group(offence("192.0.2.77", last_at=NOW + timedelta(days=9)))
    with opened(folder, timedelta(days=10)) as house:
        filed = file_reports(house, [news])
        assert (filed.kept, filed.dead) == ((), (contact,))
        with pytest.raises(BadRequest, match="why"):
            revive(house, contact, reason="")
        revive(house, contact, reason="they mended it")
        filed = file_reports(house, [news])
        assert (len(filed.kept), filed.dead) == (1, ())
        with pytest.raises(BadRequest, match="do not come back"):
            revive(house, contact, reason="again")


def test_one_report_that_arrived_keeps_a_contact_alive(folder: Path) -> None:
    for day in range(DEAD_AFTER + 1):
        with opened(folder, timedelta(days=day)) as house:
            number = sent(house, f"192.0.2.{day + 1}")
            if day != 1:
                assert come(house, report(verp(house, number), GONE)).dead_contacts == ()


def test_what_came_back_has_told_nobody_and_is_told_with_the_next(folder: Path) -> None:
    with opened(folder) as house:
        come(house, report(verp(house, sent(house)), GONE))
    again = group(offence(last_at=NOW), offence("192.0.2.9", last_at=NOW + timedelta(hours=30)))
    with opened(folder, timedelta(days=2)) as house:
        filed = file_reports(house, [again])
        assert (len(filed.kept), filed.told) == (1, 0)


def test_one_that_came_back_is_sent_again_when_a_person_says_so(folder: Path) -> None:
    with opened(folder) as house:
        number = sent(house)
        with pytest.raises(BadRequest, match="neither"):
            resolve(house, number, "again", reason="")
        come(house, report(verp(house, number), GONE))
        resolve(house, f"[{number.lower()}]", "again", reason="they mended it")
        assert send_reports(house).sent == (number,)
        with pytest.raises(BadRequest, match="not an answer"):
            resolve(house, number, "perhaps", reason="")


def test_the_desk_reads_what_came_back_on_the_command_line(folder: Path) -> None:
    with opened(folder) as house:
        number = sent(house)
        come(house, mail("From: x@provider.example", f"Subject: Re: [{number}]", body="Done.\n"))

    def run(*words: str) -> str:
        where = ["--config", str(folder / "tocsin.toml"), "--data", str(folder / "data")]
        return CliRunner().invoke(tocsin, ["report", *words, *where], standalone_mode=False).stdout

    assert f"{number}  2026-11-24T06:00:00Z  sent" in run("--list")
    assert "1 reply" in run("--list")
    assert "Done." in run("--show", number)
    [line] = [json.loads(each) for each in run("--list", "--json").splitlines()]
    assert (line["report"], line["replies"], line["state"]) == (number, 1, "sent")
    assert json.loads(run("--show", number, "--json"))["arrivals"][0]["text"] == "Done."


def test_bytes_that_were_kept_long_enough_go(folder: Path) -> None:
    with opened(folder) as house:
        come(house, report(verp(house, sent(house)), GONE))
        with house.book.write() as tx:
            assert report_post.forget_raw(tx, NOW) == 0
            assert report_post.forget_raw(tx, NOW + timedelta(seconds=1)) == 1


def test_retention_takes_words_and_names_and_leaves_that_it_came(folder: Path) -> None:
    with opened(folder) as house:
        number = sent(house)
        come(house, mail("From: x@provider.example", f"Subject: Re: [{number}]", body="Private words.\n"))
        with house.book.write() as tx:
            assert retention.blank_mails(tx, NOW) == 0
            assert retention.blank_mails(tx, NOW + timedelta(seconds=1)) == 2  # the reply, and our report's bytes
            assert retention.blank_mails(tx, NOW + timedelta(seconds=1)) == 0
            [arrival] = report_post.arrivals_of(tx, number)
        come(house, report(verp(house, number), GONE))
        with pytest.raises(BadRequest):
            resolve(house, number, "again", reason="its bytes are gone")
    assert (arrival.kind, arrival.sender, arrival.subject, arrival.said, arrival.text) == ("reply", "", "", "", None)
