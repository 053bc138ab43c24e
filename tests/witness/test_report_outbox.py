"""Reports on their way out: once, one a rest, and what nobody knows is left to a person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.witness.report_world import CONFIG, CONTACT, NOW, group, offence
from tocsin.book import reports as book_reports
from tocsin.notices.bounce import bounced_notice
from tocsin.notices.deliver import Delivery, DeliveryResult, MaildirDeliverer
from tocsin.notices.seal import Sealed
from tocsin.pipeline import report_outbox
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.report_filing import file_reports
from tocsin.pipeline.report_outbox import send_reports


def opened(folder: Path, after: timedelta = timedelta()) -> House:
    return House.open(config_file=folder / "tocsin.toml", data=folder / "data", now=NOW + after)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    with opened(tmp_path) as house:
        make_keys(house.data / "keys", house.issuer, NOW)
    return tmp_path


def mails(folder: Path) -> list[Path]:
    new = folder / "data/outbox/new"
    return sorted(new.iterdir()) if new.exists() else []


def test_a_report_leaves_once(folder: Path) -> None:
    with opened(folder) as house:
        filed = file_reports(house, [group()])
        assert send_reports(house).sent == filed.kept
        assert len(filed.kept) == 1
        again = file_reports(house, [group()])
        assert again.kept == ()
        assert again.told == 1
        assert send_reports(house).sent == ()
    assert len(mails(folder)) == 1


def test_it_is_signed_and_its_bounces_name_it(folder: Path) -> None:
    with opened(folder) as house:
        number = file_reports(house, [group()]).kept[0]
        send_reports(house)
        raw = mails(folder)[0].read_bytes()
        return_path = raw.split(b"\r\n")[0].split(b"<")[1].rstrip(b">").decode()
        assert bounced_notice(return_path, "shop.example", house.keys.secret) == number
    assert b"\r\nDKIM-Signature: v=1;" in raw


def test_a_contact_rests_and_hears_the_news_afterwards(folder: Path) -> None:
    later = group(offence(last_at=NOW + timedelta(hours=3)))
    with opened(folder) as house:
        file_reports(house, [group()])
    with opened(folder, timedelta(hours=23)) as house:
        assert file_reports(house, [later]).resting == (CONTACT.mail,)
    with opened(folder, timedelta(hours=24)) as house:
        assert len(file_reports(house, [later]).kept) == 1


def test_only_what_is_new_is_reported_after_the_rest(folder: Path) -> None:
    with opened(folder) as house:
        file_reports(house, [group(offence("192.0.2.1"))])
    with opened(folder, timedelta(days=2)) as house:
        filed = file_reports(house, [group(offence("192.0.2.1"), offence("192.0.2.2"))])
        assert filed.told == 1
        send_reports(house)
    text = b"".join(path.read_bytes() for path in mails(folder) if filed.kept[0].lower() in path.name)
    assert b"192.0.2.2" in text
    assert b"192.0.2.1:" not in text


def test_what_a_dead_run_had_begun_is_not_sent_again(folder: Path) -> None:
    with opened(folder) as house:
        number = file_reports(house, [group()]).kept[0]
        with house.book.write() as tx:
            book_reports.note_dot(tx, number, NOW)
    with opened(folder, timedelta(hours=1)) as house:
        carried = send_reports(house)
        assert carried.uncertain == (number,)
        assert carried.sent == ()
        assert send_reports(house).uncertain == ()
    assert mails(folder) == []


def test_two_services_that_saw_one_address_are_one_report(folder: Path) -> None:
    both = group(offence(), offence(application="smtp", last_at=NOW))
    with opened(folder) as house:
        assert len(file_reports(house, [both]).kept) == 1
        with house.book.read() as tx:
            told = book_reports.told_of(tx, CONTACT.mail, ["192.0.2.1"])
            assert told == {("192.0.2.1", "brute-force"): NOW}


def test_two_contacts_of_one_run_each_get_theirs(folder: Path) -> None:
    other = msgspec.structs.replace(CONTACT, mail="abuse@cloud.example")
    with opened(folder) as house:
        assert len(file_reports(house, [group(), group(offence("192.0.2.2"), contact=other)]).kept) == 2


class Postponing(MaildirDeliverer):
    """A way out whose other side takes no mail to `slow`."""

    def deliver(self, sealed: Sealed) -> Delivery:
        if "slow" in sealed.envelope_to:
            return Delivery(DeliveryResult.LATER, "451 come back later")
        return super().deliver(sealed)


def test_one_that_must_wait_holds_up_no_other_and_is_given_up_in_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_outbox, "MaildirDeliverer", Postponing)
    monkeypatch.setattr(report_outbox, "PAGE_MAX", 1)
    slow = msgspec.structs.replace(CONTACT, mail="abuse@slow.example")
    with opened(folder) as house:
        filed = file_reports(house, [group(contact=slow), group(offence("192.0.2.2")), group(offence("192.0.2.3"))])
        assert len(filed.kept) == 3
        carried = send_reports(house)
        assert set(carried.sent) == set(filed.kept[1:])
        assert (carried.waiting, carried.trouble) == (1, "451 come back later")
    with opened(folder, report_outbox.WAIT_MAX - timedelta(seconds=1)) as house:
        assert send_reports(house).waiting == 1
    with opened(folder, report_outbox.WAIT_MAX) as house:
        carried = send_reports(house)
        assert carried.waiting == 0
        assert carried.refused == ((filed.kept[0], "given up after 5 days: 451 come back later"),)
