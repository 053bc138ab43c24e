"""The clerk's page: what a caller may be told by a code, what only after a proof; fakes that callers tell of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from string import Formatter

import msgspec
import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.portal.portal_world import Client, Sent, home_notice
from tests.web.portal.test_check_pages import hand_in
from tocsin.book import audit, cases, notices, reported_fakes
from tocsin.mailcheck.link_lists import load_lists
from tocsin.pipeline.telephone import REPORTED_KEPT, REPORTED_LIST, Desk, file_fake
from tocsin.proof.canonical import read_facts
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES, flat

AsRole = Callable[[str], TestClient[Litestar]]
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
PARCEL = (
    b"From: a@b.example\r\nTo: c@d.example\r\nContent-Type: text/html\r\n\r\n"
    b'<p>Your parcel waits. <a href="http://evil.example/now">Pay</a></p>'
)
_WORDS = Path("src/tocsin/web/phone/words")


def press(client: Client, path: str, **fields: str) -> Response:
    """Press a button of the first page."""
    token = _TOKEN.search(client.get("/phone").text)
    assert token
    return client.post(path, data={"_csrf_token": token[1], **fields})


def secrets_of(site: Site, sent: Sent) -> list[str]:
    """What must never be read out to a caller who has proved nothing."""
    with site.book.read() as tx:
        from tocsin.book import notices

        found = notices.find(tx, sent.notice)
    assert found
    facts = read_facts(found.facts.encode())
    trouble = facts.troubles[0]
    assert trouble.peer_address
    assert trouble.source_ref
    of_person = (facts.name, facts.recipient, sent.account)
    return [*of_person, trouble.address, trouble.source, trouble.source_ref, trouble.peer_address]


def actions(site: Site) -> list[tuple[str, str, str, str]]:
    with site.book.read() as tx:
        return [(line.actor, line.action, line.object, line.reason) for line in audit.entries(tx)]


def test_a_code_of_ours_tells_day_and_kind_and_what_to_do_and_nothing_else(as_role: AsRole, site: Site) -> None:
    sent, clerk = home_notice(site), as_role("phone")
    answer = press(clerk, "/phone/code", code=sent.code.lower().replace("-", " "), spoken="en")
    assert answer.status_code == 200
    assert "Yes, ours: sent on 23 November 2026" in answer.text
    assert "Yes, Small Net has sent a notice with this code, on 23 November 2026." in answer.text
    assert "A device on your line is infected" in answer.text
    assert "ends in 06. Please" in answer.text
    for secret in secrets_of(site, sent):
        assert secret not in answer.text
    assert actions(site)[-1] == ("phone-1", "code by telephone", sent.notice, "a caller read out the code")


def test_the_script_is_in_the_callers_language_and_the_page_in_the_clerks(as_role: AsRole, site: Site) -> None:
    sent, clerk = home_notice(site), as_role("phone")
    for language in LANGUAGES:
        answer = press(clerk, "/phone/code", code=sent.code, spoken=language)
        assert '<html lang="en">' in answer.text
        assert f'<ol class="panel lead" lang="{language}">' in answer.text
        assert words(language)["aloud.asks"] in answer.text


def test_a_code_that_opens_nothing_is_not_ours(as_role: AsRole, site: Site) -> None:
    clerk = as_role("phone")
    with site.book.read() as tx:
        before = len(list(audit.entries(tx)))
    from tocsin.proof.code import make_code

    answer = press(clerk, "/phone/code", code=make_code(bytes(32), "N-0000000000000000"), spoken="en")
    assert "<h1>Not ours</h1>" in answer.text
    assert "Please keep the mail" in answer.text
    assert len(actions(site)) == before


def test_a_mistyped_code_is_asked_for_again(as_role: AsRole, site: Site) -> None:
    answer = press(as_role("phone"), "/phone/code", code="ABCDE-FGH1J-K2MN")
    assert answer.status_code == 422
    assert "Let the caller read it once more" in answer.text


def test_after_a_proof_the_hour_and_the_reference_are_shown(as_role: AsRole, site: Site) -> None:
    sent, clerk = home_notice(site), as_role("phone")
    answer = press(clerk, "/phone/notice", notice=sent.notice, proof="call-back", reason="rang back", spoken="en")
    for secret in (sent.address, "Example CERT", "S-1000-40010", "Robin Example", "10:00:00"):
        assert secret in answer.text
    assert actions(site)[-1] == (
        "phone-1",
        "notice by telephone",
        sent.notice,
        "the caller has proved to be the subscriber: call-back. rang back",
    )


@pytest.mark.parametrize("proof", ["", "a friend", "<script>"])
def test_without_a_proof_nothing_is_shown(as_role: AsRole, site: Site, proof: str) -> None:
    sent, clerk = home_notice(site), as_role("phone")
    before = actions(site)
    for path, fields in (("/phone/notice", {"notice": sent.notice}), ("/phone/account", {"account": sent.account})):
        answer = press(clerk, path, proof=proof, **fields)
        assert answer.status_code == 422
        for secret in secrets_of(site, sent):
            assert f">{secret}" not in answer.text
    assert actions(site) == before


def test_an_account_with_a_proof_tells_what_was_sent(as_role: AsRole, site: Site) -> None:
    sent, clerk = home_notice(site), as_role("phone")
    answer = press(clerk, "/phone/account", account=sent.account, proof="bill", spoken="en")
    assert "Yes, ours: 1 sent to this customer" in answer.text
    assert actions(site)[-1][1:3] == ("account by telephone", sent.account)
    none = press(clerk, "/phone/account", account="C-999", proof="bill", spoken="en")
    assert "We have sent you no notice." in none.text


def test_a_fake_that_a_caller_told_of_is_filed_and_known_to_the_check(
    as_role: AsRole, portal_client: Client, site: Site
) -> None:
    clerk = as_role("phone")
    links = "hxxps://pay-now.evil.example/a?b evil[.]example:8080 https://www.google.com/x https://isp.example/y <b>"
    answer = press(
        clerk, "/phone/fake", subject="<script>x</script>", sender="a@evil.example", links=links, phones="0900 1"
    )
    assert answer.status_code == 200
    assert "<script>x" not in answer.text
    assert "www.google.com, isp.example" in answer.text
    lists = load_lists(site.data / "lists")
    assert lists.names == [REPORTED_LIST]
    assert (site.data / "lists" / REPORTED_LIST).read_text("utf-8").splitlines()[1:] == [
        "evil.example",
        "pay-now.evil.example",
    ]
    assert actions(site)[-1][:2] == ("phone-1", "fake reported")
    assert REPORTED_LIST in hand_in(portal_client, mail=PARCEL).text
    assert "0900 1" not in clerk.get("/phone").text
    assert "&lt;script&gt;" in clerk.get("/phone").text


def test_a_fake_is_forgotten_after_half_a_year(sqlite_site: Site) -> None:
    desk = Desk(
        book=sqlite_site.book, issuer=sqlite_site.issuer, keys=sqlite_site.keys, actor="a", at=sqlite_site.clock()
    )
    lists = sqlite_site.data / "lists"
    file_fake(desk, lists, subject="old", sender="", links="old.example", phones="")
    later = msgspec.structs.replace(desk, at=desk.at + REPORTED_KEPT + timedelta(days=1))
    file_fake(later, lists, subject="new", sender="", links="new.example", phones="")
    assert (lists / REPORTED_LIST).read_text("utf-8").splitlines()[1:] == ["new.example"]
    with sqlite_site.book.read() as tx:
        assert [each.subject for each in reported_fakes.newest(tx, 9)] == ["new"]


def test_an_empty_fake_is_not_filed(as_role: AsRole, site: Site) -> None:
    assert press(as_role("phone"), "/phone/fake").status_code == 422


@pytest.mark.parametrize("path", ["/phone", "/phone/code", "/phone/notice", "/phone/account", "/phone/fake"])
def test_it_is_for_clerks_only(as_role: AsRole, site: Site, path: str) -> None:
    assert as_role("viewer").get(path).status_code == 403
    stranger = as_role("viewer")
    stranger.cookies.clear()
    assert stranger.get(path, follow_redirects=False).status_code == 303


def words(language: str) -> dict[str, str]:
    return flat(tomllib.loads((_WORDS / f"{language}.toml").read_text("utf-8")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_and_none_shouts(language: str) -> None:
    ours, source = words(language), words("en")
    assert ours.keys() == source.keys()
    for key, text in source.items():
        assert _names(ours[key]) == _names(text), key
        assert "!" not in ours[key], key


def test_what_is_read_aloud_is_short() -> None:
    for key, text in words("en").items():
        if key.startswith("aloud."):
            for sentence in re.split(r"[.:?]\s", text):
                assert len(sentence.split()) <= 20, (key, sentence)


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_whoever_reads_out_the_code_or_proves_to_be_meant_has_the_notice(as_role: AsRole, site: Site) -> None:
    sent, clerk = home_notice(site), as_role("phone")
    for _ in range(2):
        press(clerk, "/phone/code", code=sent.code, spoken="en")
    with site.book.read() as tx:
        told, moves = notices.find(tx, sent.notice), cases.moves_of(tx, notices.cases_of(tx, sent.notice))
    assert told is not None
    assert told.read_by == "phone"
    assert [(move.state, move.actor) for move in moves].count(("confirmed", "phone-1")) == 1
    assert moves[-1].reason == f"{sent.notice}: its code was read out on the telephone"
