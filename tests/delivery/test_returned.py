"""What comes back: whose it is, what it means, and that it is filed once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cases import case_world
from tests.delivery import post_office
from tests.delivery.returned import block, feedback, mail, reply_to, report, verp
from tocsin.book import Book, arrivals, audit
from tocsin.book import notices as book_notices
from tocsin.book.tables import notices as notices_table
from tocsin.cases.reasons import Reason
from tocsin.notices.seal import Sealed
from tocsin.pipeline.courier import sealed_of
from tocsin.pipeline.house import House
from tocsin.pipeline.post import Post, fetch_post
from tocsin.proof.code import make_code

ONE = post_office.name_of(1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def house_anywhere(tmp_path: Path, book_url: str) -> Iterator[House]:
    """The same on each database."""
    with opened_house(tmp_path, book_url) as opened:
        yield opened


@contextmanager
def opened_house(tmp_path: Path, book_url: str = "") -> Iterator[House]:
    """Two notices that were sent; what comes back lies in `inbox`."""
    folder = tmp_path / "provider"
    post_office.found(folder, '[mailbox]\nvia = "maildir"\nmaildir = "inbox"\n', book_url=book_url)
    for name in ("new", "cur", "tmp"):
        (folder / "inbox" / name).mkdir(parents=True)
    with post_office.open_house(folder) as opened:
        post_office.queue(opened, 1, 2)
        with opened.book.write() as tx:
            for number in (1, 2):
                book_notices.note_sent(tx, post_office.name_of(number), post_office.NOW)
        yield opened


def inbox(house: House) -> Path:
    return house.config_file.parent / "inbox"


def come(house: House, *mails: bytes) -> Post:
    """They lie in the mailbox, and are fetched."""
    there = len(list((inbox(house) / "new").iterdir())) + len(list((inbox(house) / "cur").iterdir()))
    for number, raw in enumerate(mails, there + 1):
        (inbox(house) / "new" / f"1700000{number:03}.M{number}.mx").write_bytes(raw)
    return fetch_post(house)


def sealed(house: House, number: int = 1) -> Sealed:
    name = post_office.name_of(number)
    with house.book.read() as tx:
        found = book_notices.find(tx, name)
        assert found is not None
        return sealed_of(found, book_notices.raw_of(tx, name))


def story(book: Book) -> tuple[str, str]:
    """The last line of the first notice's case."""
    return post_office.case_story(book, ONE)[-1]


# --- bounces -----------------------------------------------------------------------------------------------------


def test_a_notice_that_came_back_for_good_is_bounced_and_its_case_open(house_anywhere: House) -> None:
    house = house_anywhere
    post = come(house, report(verp(house.keys), block()))
    assert (post.bounced, post.bounces, post.others, post.trouble) == ((ONE,), 1, 0, "")
    state, reason = post_office.state_of(house.book, ONE)
    assert state == "bounced"
    assert reason.startswith("5.1.1 550 5.1.1 <robin1@post.example>")
    assert story(house.book)[0] == "open"
    assert "came back: 5.1.1" in story(house.book)[1]
    assert post_office.state_of(house.book, post_office.name_of(2))[0] == "sent"
    with house.book.read() as tx:
        (arrival,) = arrivals.of_notices(tx, [ONE])[ONE]
        (bounce,) = arrivals.bounces_of(tx, arrival.arrival)
        assert "bounce filed" in [entry.action for entry in audit.entries(tx)]
        assert audit.verify(tx)[1] is None
        assert book_notices.dead_addresses(tx, [1, 2]) == {1: {"robin1@post.example"}}
        assert book_notices.last_decided(tx, [1]) == {}
    assert (arrival.kind, arrival.found_by) == ("bounce", "verp")
    assert (bounce.recipient, bounce.action, bounce.status, bounce.is_hard) == (
        *("robin1@post.example", "failed", "5.1.1"),
        True,
    )


def test_no_notice_goes_to_an_address_that_returned_one_until_the_contract_names_another() -> None:
    dead = frozenset({"old@post.example"})
    for email, wanted in (("Old@post.example", Reason.ADDRESS_BOUNCED), ("new@post.example", None)):
        these = case_world.standing(
            case_world.seen(), contracts=[case_world.contract(email=email)], dead_addresses=dead
        )
        assert case_world.reason(these) is wanted


SOFT = {
    "delayed": block(action="delayed", status="4.4.1", code="connect timed out"),
    "given up for now": block(status="4.4.7", code="expired"),
    "no status": block(status="unknown"),
    "of an address that it was passed on to": block("elsewhere@far.example", original="someone@post.example"),
    "delivered": block(action="delivered", status="2.0.0", code="250 ok"),
    "an action that is none": block(action="exploded"),
}


@pytest.mark.parametrize("name", SOFT)
def test_what_is_not_for_good_is_noted_and_moves_nothing(house: House, name: str) -> None:
    post = come(house, report(verp(house.keys), SOFT[name]))
    assert (post.bounced, post.bounces) == ((), 1)
    assert post_office.state_of(house.book, ONE)[0] == "sent"
    assert story(house.book)[0] == "notified"
    assert ONE in story(house.book)[1]


def test_a_bounce_of_another_address_that_names_ours_as_the_original_counts(house: House) -> None:
    assert come(
        house, report(verp(house.keys), block("alias@far.example", original="Robin1@POST.example"))
    ).bounced == (ONE,)


def test_a_bounce_is_known_by_our_envelope_id_or_by_the_message_id_that_it_returns(house: House) -> None:
    first, second = sealed(house), sealed(house, 2)
    by_envelope = f"Original-Envelope-Id: {first.message_id.strip('<>').partition('@')[0]}\nReporting-MTA: dns; x\n"
    by_message = f"From: notices@net.example\nMessage-ID: {second.message_id}\n"
    post = come(
        house,
        report("notices@net.example", block(), first=by_envelope),
        report("notices@net.example", block("robin2@post.example"), returned=by_message),
    )
    assert sorted(post.bounced) == [ONE, post_office.name_of(2)]


def test_a_bounce_that_anybody_could_have_made_up_bounces_nothing(house: House) -> None:
    tag = verp(house.keys).partition("@")[0].rpartition("-")[2]
    forged = [
        verp(house.keys).replace(tag, tag[::-1]),
        verp(house.keys).replace("net.example", "evil.example"),
        "bounce+n-0000000000000001@net.example",
    ]
    code = make_code(house.keys.secret, ONE)
    mails = [report(address, block(), returned=f"Subject: {ONE}\n\n{code}\n") for address in forged]
    post = come(house, *mails)
    assert (post.others, post.bounces) == (3, 0)
    assert post_office.states(house.book)[ONE] == "sent"


def test_an_uncertain_notice_that_is_answered_had_left(house: House) -> None:
    with house.book.write() as tx:
        tx.execute(notices_table.update().values(state="uncertain", sent_at=None))
    come(house, reply_to(sealed(house)), report(verp(house.keys, 2), block("robin2@post.example")))
    assert post_office.states(house.book) == {ONE: "sent", post_office.name_of(2): "bounced"}


PLAIN = {
    "qmail": (
        "Hi. This is the qmail-send program at post.example.\nI'm afraid I wasn't able to deliver your message to the"
        " following addresses.\n\n<robin1@post.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
        "failure notice",
    ),
    "Exim": (
        "This message was created automatically by mail delivery software.\n\n  robin1@post.example\n    Unrouteable\n",
        "Mail delivery failed: returning message to sender",
    ),
    "Exchange of old": (
        "Your message did not reach some or all of the intended recipients.\n",
        "Undeliverable: notice",
    ),
    "a gateway": ("The following addresses had permanent fatal errors\n", "Returned mail: see transcript"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_bounce_in_words_is_noted_and_proves_nothing(house: House, name: str) -> None:
    words, subject = PLAIN[name]
    raw = mail(
        "Return-Path: <>",
        "From: MAILER-DAEMON@post.example",
        f"To: {verp(house.keys)}",
        f"Subject: {subject}",
        body=words,
    )
    post = come(house, raw)
    assert (post.bounced, post.bounces, post.replies) == ((), 1, 0)
    assert story(house.book)[0] == "notified"
    assert "in a form that says nothing for sure" in story(house.book)[1]
    with house.book.read() as tx:
        (arrival,) = arrivals.of_notices(tx, [ONE])[ONE]
        assert arrivals.bounces_of(tx, arrival.arrival)[0].action == "unrecognised"


# --- replies and machines ----------------------------------------------------------------------------------------


def test_a_reply_is_filed_with_its_case_and_can_be_read(house_anywhere: House) -> None:
    house = house_anywhere
    post = come(house, reply_to(sealed(house)))
    assert post.replies == 1
    assert story(house.book) == ("confirmed", f"a reply to {ONE} from Robin <robin1@post.example>: Re: your notice")
    with house.book.read() as tx:
        (reply,) = arrivals.replies_of_case(tx, f"C-{1:012}")
        assert arrivals.unseen_replies(tx, 10) == [reply]
    assert (reply.notice, reply.text) == (ONE, "I have cleaned it.\nThank you")
    with house.book.write() as tx:
        assert arrivals.note_seen(tx, reply.arrival, at=house.now, by="mika")
        assert not arrivals.note_seen(tx, reply.arrival, at=house.now, by="another")
        assert arrivals.unseen_replies(tx, 10) == []


def test_a_reply_is_known_by_references_by_its_address_or_by_the_code_that_it_quotes(house: House) -> None:
    code, other = make_code(house.keys.secret, ONE), make_code(house.keys.secret, "N-OF-NOBODY")
    head = ("From: robin1@post.example", "Subject: Re")
    post = come(
        house,
        mail(*head, "To: notices@net.example", f"References: <a@b> {sealed(house).message_id}"),
        mail(*head, f"To: {verp(house.keys).upper()}"),
        mail(
            *head, "To: notices@net.example", body=f"> code {other} 12345-67890-1234\n> code: {code}.\nIs this real?\n"
        ),
        mail(*head, "To: notices@net.example", body=f"the code {other} and nothing else\n"),
    )
    assert (post.replies, post.others) == (3, 1)
    with house.book.read() as tx:
        found = [each.found_by for each in arrivals.of_notices(tx, [ONE])[ONE]]
    assert sorted(found) == ["code", "message-id", "verp"]


MACHINES = {
    "RFC 3834": "Auto-Submitted: auto-replied (vacation)",
    "generated": "Auto-Submitted: auto-generated",
    "of old": "Precedence: bulk",
    "X-Autoreply": "X-Autoreply: yes",
    "no sender": "Return-Path: <>",
}


@pytest.mark.parametrize("name", MACHINES)
def test_an_out_of_office_note_is_no_reply(house: House, name: str) -> None:
    before = len(post_office.case_story(house.book, ONE))
    raw = reply_to(sealed(house), "I am away until Monday.\n", MACHINES[name])
    raw = raw if name != "no sender" else raw.replace(b"Return-Path: <robin1@post.example>\r\n", b"")
    post = come(house, raw)
    assert (post.automatic, post.replies) == (1, 0)
    assert len(post_office.case_story(house.book, ONE)) == before


def test_a_mail_that_says_it_is_not_automatic_is_a_reply(house: House) -> None:
    assert come(house, reply_to(sealed(house), "Hello\n", "Auto-Submitted: no")).replies == 1


@pytest.mark.parametrize("by_address", [False, True])
def test_a_complaint_is_noted(house: House, by_address: bool) -> None:
    raw = feedback(sealed(house), mail_from=verp(house.keys) if by_address else "")
    assert come(house, raw).feedback == 1
    assert story(house.book) == ("notified", f"{ONE} was reported as unwanted (abuse)")


def test_a_mail_about_nothing_of_ours_is_left_unread(house: House) -> None:
    post = come(house, mail("From: a@b.example", "To: notices@net.example", "Subject: Lunch?"))
    assert post.others == 1
    assert [path.name.partition(":")[2] for path in (inbox(house) / "cur").iterdir()] == ["2,"]
    with house.book.read() as tx:
        assert arrivals.unseen_replies(tx, 10) == []


# --- once, whatever happens --------------------------------------------------------------------------------------


def test_the_same_mail_is_filed_once(house_anywhere: House) -> None:
    house = house_anywhere
    raw = reply_to(sealed(house))
    come(house, raw, raw)
    assert come(house, raw).replies == 0
    with house.book.read() as tx:
        assert len(arrivals.replies_of_case(tx, f"C-{1:012}")) == 1


def test_killed_between_filing_and_moving_it_is_filed_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    raw = reply_to(sealed(house))
    with monkeypatch.context() as patch:
        patch.setattr("tocsin.notices.mailbox.maildir.MaildirBox.filed", killed)
        with pytest.raises(KeyboardInterrupt):
            come(house, raw)
    assert len(list((inbox(house) / "new").iterdir())) == 1
    post = fetch_post(house)
    assert (post.replies, post.others) == (0, 0)
    assert [path.name.partition(":")[2] for path in (inbox(house) / "cur").iterdir()] == ["2,S"]


def test_the_bytes_are_kept_for_so_long_and_the_words_stay(house_anywhere: House) -> None:
    house = house_anywhere
    come(house, reply_to(sealed(house)))
    with house.book.read() as tx:
        (reply,) = arrivals.unseen_replies(tx, 10)
        assert arrivals.raw_of(tx, reply.arrival) == reply_to(sealed(house))
    house.now += timedelta(days=91)
    fetch_post(house)
    with house.book.read() as tx:
        assert arrivals.raw_of(tx, reply.arrival) is None
        assert arrivals.unseen_replies(tx, 10) == [reply]


def test_a_link_in_the_maildir_is_not_followed(house: House, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (inbox(house) / "new" / "link").symlink_to(tmp_path / "secret")
    assert fetch_post(house) == Post()


def test_a_maildir_that_is_not_there_is_told(house: House) -> None:
    for name in ("new", "cur", "tmp"):
        (inbox(house) / name).rmdir()
    assert "cannot be read" in fetch_post(house).trouble
