"""What a code alone tells: the day and two characters of the line, never that a mail is genuine."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from tests.web.demo_site import Clock
from tests.web.portal.portal_world import Client, asked_of, check, sent
from tocsin.book import cases as book_cases
from tocsin.book import notices, tables
from tocsin.book.cases import Move
from tocsin.proof.code import make_code
from tocsin.web.portal.doors import Doors
from tocsin.web.shared.limits import Limit, Limiter
from tocsin.web.shared.site import Site


def patient(client: Client) -> None:
    """A test types faster than a person."""
    doors = Doors()
    doors.codes = doors.places = Limiter(Limit(burst=10_000, per_s=1000))
    client.app.state["portal_doors"] = doors


def test_a_code_tells_the_day_and_the_end_of_the_line(portal_client: Client, site: Site) -> None:
    for notice in sent(site):
        answer = check(portal_client, notice.code)
        assert answer.status_code == 200
        assert "23 November 2026" in answer.text
        assert f"··{notice.line[-2:]}" in answer.text
        assert "asks for nothing" in answer.text
        assert "It is a fake if" in answer.text


def test_a_code_alone_tells_no_name_no_address_no_trouble(portal_client: Client, site: Site) -> None:
    for notice in sent(site):
        text = check(portal_client, notice.code).text
        for secret in (notice.line[-4:], notice.address, notice.account, notice.notice, "Robin", "post.example"):
            assert secret not in text
        for secret in ("mirai", "infected", "203.0.113.", "198.51.100.", "192.0.2.8"):
            assert secret not in text


def test_the_page_never_says_that_a_mail_is_genuine(portal_client: Client, site: Site) -> None:
    text = check(portal_client, sent(site)[0].code).text
    assert "genuine" in text
    assert "we cannot say that it is genuine" in text
    assert text.count("genuine") == 1


def test_unknown_expired_and_unsent_codes_answer_alike(portal_client: Client, site: Site, clock: Clock) -> None:
    expired, unsent = sent(site)[0], sent(site)[1]
    unknown = make_code(site.keys.secret, "N-0000000000000000")
    check(portal_client, unknown)
    with asked_of(site.book) as asked_unknown:
        of_unknown = check(portal_client, unknown)
    with site.book.write() as tx:
        tx.execute(tables.notices.update().where(tables.notices.c.notice == unsent.notice).values(dot_at=None))
    of_unsent = check(portal_client, unsent.code)
    clock.forward(days=31)
    with asked_of(site.book) as asked_expired:
        of_expired = check(portal_client, expired.code)
    assert of_unknown.status_code == of_expired.status_code == of_unsent.status_code == 200
    assert of_unknown.content == of_expired.content == of_unsent.content
    assert dict(of_unknown.headers) == dict(of_expired.headers)
    assert asked_unknown == asked_expired
    assert len(asked_unknown) <= 3


def test_unknown_and_expired_codes_take_the_same_time(portal_client: Client, site: Site, clock: Clock) -> None:
    patient(portal_client)
    expired, unknown = sent(site)[0].code, make_code(site.keys.secret, "N-0000000000000000")
    clock.forward(days=31)
    took: dict[str, list[float]] = {expired: [], unknown: []}
    for number in range(80):
        for code in (expired, unknown) if number % 2 else (unknown, expired):
            begun = time.perf_counter()
            check(portal_client, code)
            took[code].append(time.perf_counter() - begun)
    fast = [sorted(each)[10:40] for each in took.values()]
    means = [sum(each) / len(each) for each in fast]
    assert abs(means[0] - means[1]) < 0.25 * max(means)


def test_a_notice_that_was_taken_back_says_so(portal_client: Client, site: Site) -> None:
    notice = sent(site)[0]
    with site.book.write() as tx:
        cases = notices.cases_of(tx, notice.notice)
        moves = [Move(case=c, at=site.clock(), state="withdrawn", actor="test", reason="late line") for c in cases]
        book_cases.move(tx, moves)
    text = check(portal_client, notice.code).text
    assert "have taken it back" in text
    assert "need not do anything" in text


@pytest.mark.parametrize(
    "how",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: f"  {code}\n",
        lambda code: f"The code is {code}, they said.",
        lambda code: "".join(chr(ord(each) + 0xFEE0) if each != "-" else "ー" for each in code),
    ],
)
def test_a_code_is_read_kindly(sqlite_client: Client, sqlite_site: Site, how: object) -> None:
    for notice in sent(sqlite_site):
        typed = how(notice.code)  # type: ignore[operator]
        assert "We sent a notice" in check(sqlite_client, typed).text, typed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Please type the code"),
        ("ABCDE", "You typed 5"),
        ("ABCDE-FGHJK-MNP!", "never stands in a code: !"),
        ("<script>alert(1)</script>", "never stands in a code: &lt;"),
        ("ABCDE-FGH1J-K2MN", "One letter or digit is not as it should be"),
        ("0" * 5000, "You typed 5000"),
    ],
)
def test_what_cannot_be_a_code_says_why(sqlite_client: Client, typed: str, said: str) -> None:
    answer = check(sqlite_client, typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert "<script>alert" not in answer.text


def test_who_guesses_is_slowed_and_the_next_one_is_not(sqlite_client: Client, sqlite_site: Site) -> None:
    doors = Doors()
    doors.codes = Limiter(Limit(burst=3, per_s=0.01))
    sqlite_client.app.state["portal_doors"] = doors
    guesses = [make_code(sqlite_site.keys.secret, f"N-{number:016}") for number in range(4)]
    answers = [check(sqlite_client, code, address="192.0.2.66") for code in guesses]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert "Retry-After" in answers[-1].headers
    assert check(sqlite_client, guesses[0], address="192.0.2.67").status_code == 200


def test_a_place_where_many_guess_is_slow_and_never_shut(sqlite_client: Client, sqlite_site: Site) -> None:
    doors = Doors()
    doors.places = Limiter(Limit(burst=1, per_s=2.5))
    sqlite_client.app.state["portal_doors"] = doors
    code = sent(sqlite_site)[0].code
    begun = time.monotonic()
    answers = [check(sqlite_client, code, address=f"192.0.2.{number}") for number in range(1, 4)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert time.monotonic() - begun > 0.3


def test_a_code_opens_for_as_long_as_its_letter_says(portal_client: Client, site: Site, clock: Clock) -> None:
    code = sent(site)[0].code
    clock.at = clock.at.replace(hour=13, minute=59) + timedelta(days=30)
    assert "We sent a notice" in check(portal_client, code).text
    clock.forward(minutes=2)
    assert "We know no notice" in check(portal_client, code).text


def test_a_form_without_its_token_is_refused(sqlite_client: Client) -> None:
    assert sqlite_client.post("/code", data={"code": "x"}).status_code == 403
