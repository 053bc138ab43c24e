"""Who proves that a notice is his reads it here: from its own line, or with a number mailed to its contract."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from email.policy import default

import pytest

from tests.delivery.scripted import scripted
from tests.web.demo_site import Clock
from tests.web.portal.portal_world import (
    DYNAMIC,
    ELSEWHERE,
    HOME,
    NEIGHBOUR,
    Client,
    Sent,
    asked_of,
    check,
    home_notice,
    look,
    post,
    sent,
    work,
)
from tocsin.book import audit, jobs
from tocsin.mailcheck.check import check_mail
from tocsin.mailcheck.resolver import zone_resolver
from tocsin.proof.known import Known, pin
from tocsin.web.shared.site import Site

_NUMBER = re.compile(r"\b(\d{4}) (\d{4})\b")


def at_home(client: Client, code: str, address: str) -> None:
    answer = post(client, "/notice/line", address=address, code=code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/notice")


def mails(site: Site) -> list[bytes]:
    """Those of the portal, which are not in the demo's outbox from the start."""
    found = [path.read_bytes() for path in sorted((site.data / "outbox" / "new").iterdir())]
    return [raw for raw in found if b"auto-replied" in raw]


def number_in(raw: bytes) -> str:
    found = _NUMBER.search(message_from_bytes(raw, policy=default).get_content())
    assert found
    return "".join(found.groups())


# --- by the line ---------------------------------------------------------------------------------------------------


def test_from_its_own_line_with_its_code_the_whole_notice_is_read(portal_client: Client, site: Site) -> None:
    notice = home_notice(site)
    at_home(portal_client, notice.code, HOME)
    assert "We are looking" in look(portal_client, "/notice", address=HOME).text
    work(site)
    page = look(portal_client, "/notice", address=HOME)
    assert page.status_code == 200
    for told in ("You can throw the mail away", notice.notice, HOME, "mirai", "192.0.2.8", "Robin Example"):
        assert told in page.text
    assert '<a href="/remedies/mirai">' in page.text
    assert "Is this notice genuine?" not in page.text  # the reader is where that would be asked
    with site.book.read() as tx:
        assert [each.object for each in audit.entries(tx) if each.action == "notice read"] == [notice.notice]


def test_from_another_line_nothing_is_read_and_the_fake_is_named(sqlite_client: Client, sqlite_site: Site) -> None:
    """A customer who cheats puts his own true code into a false notice."""
    notice = home_notice(sqlite_site)
    at_home(sqlite_client, notice.code, NEIGHBOUR)
    work(sqlite_site)
    page = look(sqlite_client, "/notice", address=NEIGHBOUR).text
    assert "You do not come from the line that this notice is about" in page
    assert "it is a fake" in page
    assert notice.notice not in page
    assert HOME not in page


@pytest.mark.parametrize(("address", "said"), [(ELSEWHERE, "not come from our network"), ("203.0.113.77", "not say")])
def test_from_nobodys_line_nothing_is_read(sqlite_client: Client, sqlite_site: Site, address: str, said: str) -> None:
    at_home(sqlite_client, home_notice(sqlite_site).code, address)
    work(sqlite_site)
    page = look(sqlite_client, "/notice", address=address).text
    assert said in page
    assert HOME not in page


def test_a_line_whose_log_has_not_been_read_so_far_waits(
    sqlite_client: Client, sqlite_site: Site, clock: Clock
) -> None:
    notice = next(each for each in sent(sqlite_site) if each.address == DYNAMIC)
    at_home(sqlite_client, notice.code, DYNAMIC)
    assert work(sqlite_site) == 1
    assert "We are looking" in look(sqlite_client, "/notice", address=DYNAMIC).text
    clock.forward(minutes=1)
    assert work(sqlite_site) == 1  # it is asked again, each time after a longer while
    assert "We are looking" in look(sqlite_client, "/notice", address=DYNAMIC).text


def test_a_proof_belongs_to_the_browser_that_made_it(sqlite_client: Client, sqlite_site: Site) -> None:
    at_home(sqlite_client, home_notice(sqlite_site).code, HOME)
    work(sqlite_site)
    assert look(sqlite_client, "/notice", address=HOME).status_code == 200
    sqlite_client.cookies.clear()
    for path in ("/notice", "/notice/evidence/json", "/notice/evidence/csv"):
        answer = look(sqlite_client, path, address=HOME)
        assert answer.status_code in {302, 404}
        assert HOME not in answer.text


def test_a_line_without_the_code_opens_no_notice(sqlite_client: Client, sqlite_site: Site) -> None:
    answer = post(sqlite_client, "/connection", address=HOME, start="/connection")
    assert answer.status_code == 303
    work(sqlite_site)
    assert look(sqlite_client, "/notice", address=HOME).status_code == 302


# --- by mail -------------------------------------------------------------------------------------------------------


def ask_mail(client: Client, notice: Sent, account: str) -> None:
    answer = post(client, "/notice/mail", code=notice.code, account=account)
    assert (answer.status_code, answer.headers["location"]) == (303, "/notice")


def test_with_the_customer_number_a_number_is_mailed_and_opens_the_notice(portal_client: Client, site: Site) -> None:
    notice = home_notice(site)
    ask_mail(portal_client, notice, f" {notice.account.lower().replace('-', ' ')} ")
    assert "Type the number that we mailed" in look(portal_client, "/notice").text
    work(site)
    (raw,) = mails(site)
    answer = post(portal_client, "/notice/number", start="/notice", number=number_in(raw))
    assert (answer.status_code, answer.headers["location"]) == (303, "/notice")
    assert notice.notice in look(portal_client, "/notice").text


def test_the_mail_holds_no_link_and_warns(sqlite_client: Client, sqlite_site: Site) -> None:
    notice = home_notice(sqlite_site)
    ask_mail(sqlite_client, notice, notice.account)
    work(sqlite_site)
    (raw,) = mails(sqlite_site)
    mail = message_from_bytes(raw, policy=default)
    text = mail.get_content()
    assert mail["To"] == f"robin{int(notice.account[2:])}@post.example"
    assert "http" not in text
    assert "www" not in text
    assert mail["Auto-Submitted"] == "auto-replied"
    assert {"en": "Never tell", "ja": "教えない"}[mail["Content-Language"]] in text
    checked = check_mail(
        raw,
        known=Known(keys=(pin(sqlite_site.keys.proof.public, sqlite_site.issuer.name),)),
        resolve=zone_resolver(sqlite_site.data / "keys" / "zone.txt"),
        at=sqlite_site.clock(),
    )
    assert checked.verdict not in {"fake", "likely-fake"}


def test_a_wrong_customer_number_gets_the_same_page_and_no_mail(portal_client: Client, site: Site) -> None:
    notice = home_notice(site)
    check(portal_client, notice.code)  # that somebody has it is noted the first time
    with asked_of(site.book) as asked_right:
        ask_mail(portal_client, notice, notice.account)
        right = look(portal_client, "/notice")
    portal_client.cookies.clear()
    with asked_of(site.book) as asked_wrong:
        ask_mail(portal_client, notice, "C-999")
        wrong = look(portal_client, "/notice")
    assert re.sub(r'value="[^"]+"', "", right.text) == re.sub(r'value="[^"]+"', "", wrong.text)
    assert len(right.content) == len(wrong.content)
    assert asked_right == asked_wrong
    work(site)
    assert len(mails(site)) == 1


def test_a_number_is_for_one_browser_and_a_few_tries(portal_client: Client, site: Site) -> None:
    notice = home_notice(site)
    ask_mail(portal_client, notice, notice.account)
    work(site)
    number = number_in(mails(site)[0])
    mine = dict(portal_client.cookies)
    portal_client.cookies.clear()
    ask_mail(portal_client, notice, "C-999")
    assert post(portal_client, "/notice/number", start="/notice", number=number).status_code == 422
    portal_client.cookies.clear()
    portal_client.cookies.update(mine)
    for _ in range(5):
        assert post(portal_client, "/notice/number", start="/notice", number="0000 0000").status_code == 422
    assert post(portal_client, "/notice/number", start="/notice", number=number).status_code == 422


def test_a_number_grows_old(sqlite_client: Client, sqlite_site: Site, clock: Clock) -> None:
    notice = home_notice(sqlite_site)
    ask_mail(sqlite_client, notice, notice.account)
    work(sqlite_site)
    number = number_in(mails(sqlite_site)[0])
    assert "Type the number" in look(sqlite_client, "/notice").text
    answer = post(sqlite_client, "/notice/number", start="/notice", number="1")
    clock.forward(minutes=31)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', answer.text)
    assert token
    late = sqlite_client.post("/notice/number", data={"_csrf_token": token[1], "number": number})
    assert late.status_code == 422


def test_nobodys_mailbox_is_filled(sqlite_client: Client, sqlite_site: Site) -> None:
    notice = home_notice(sqlite_site)
    for number in range(5):
        assert post(sqlite_client, "/notice/mail", address=f"192.0.2.{number}", code=notice.code, account="1")
    answer = post(sqlite_client, "/notice/mail", address="192.0.2.9", code=notice.code, account=notice.account)
    assert answer.status_code == 429
    assert "Enough mails for today" in answer.text


def test_what_was_typed_stands_in_no_job(sqlite_client: Client, sqlite_site: Site) -> None:
    notice = home_notice(sqlite_site)
    ask_mail(sqlite_client, notice, "C-999")
    with sqlite_site.book.read() as tx:
        payloads = [each.payload for each in jobs.newest(tx, kinds=("own-mail",))]
    assert payloads
    assert not any("999" in json.loads(each)["account"][:10] or notice.code in each for each in payloads)


@pytest.mark.parametrize("path", ["/notice/line", "/notice/mail"])
def test_without_a_code_nothing_can_be_proved(sqlite_client: Client, path: str) -> None:
    assert post(sqlite_client, path, code="", account="C-001").status_code == 422
    unknown = post(sqlite_client, path, code="00000-00000-0000", account="C-001")
    assert "We know no notice" in unknown.text


def test_a_number_that_the_server_did_not_take_is_made_anew_and_sent_again(
    sqlite_client: Client, sqlite_site: Site, clock: Clock
) -> None:
    """By the provider's own mail server, where that is how notices go."""
    notice = home_notice(sqlite_site)
    with scripted({"MAIL": [b"451 4.7.0 later", None]}) as server:
        with sqlite_site.config_file.open("a", encoding="utf-8") as file:
            file.write(f'[delivery]\nvia = "smtp"\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"\n')
        ask_mail(sqlite_client, notice, notice.account)
        work(sqlite_site)
        assert server.accepted == []
        clock.forward(minutes=1)
        work(sqlite_site)
        (raw,) = server.accepted
    answer = post(sqlite_client, "/notice/number", start="/notice", number=number_in(raw))
    assert answer.status_code == 303
    assert notice.notice in look(sqlite_client, "/notice").text
