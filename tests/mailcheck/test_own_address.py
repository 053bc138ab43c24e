"""The reader's own address at a moment against the one that a mail states: agreement, difference, and no accusation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.mailcheck.mail_world import KNOWN, TROUBLE, altered_facts, codes_of, notice, proof_of, text_for
from tocsin.cli.check import command
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.catalogue import LANGUAGES
from tocsin.mailcheck.check import check
from tocsin.mailcheck.own_address import own_address
from tocsin.mailcheck.setup import OwnAddress, Setup
from tocsin.mailcheck.stated import CLOCKS_MAX, stated_moments

SEEN_AT = datetime(2026, 11, 24, 3, 16, 38, tzinfo=UTC)
MINE, OTHER = "203.0.113.5", "198.51.100.7"


def answer(said: str, own: str = MINE, at: datetime = SEEN_AT, language: str = "en") -> Answer:
    raw = f"From: help@net.example\nSubject: infected device\n\nYour computer is infected with a virus. {said}\n"
    return check(raw.encode(), Setup(own=OwnAddress(own, at), language=language))


def own_codes(given: Answer) -> set[str]:
    return {code for code in codes_of(given) if code.startswith("own-address-")}


@pytest.mark.parametrize(
    "clock",
    [
        "2026-11-24 03:16:38 UTC",
        "2026-11-24T03:16:38Z",
        "24.11.2026 um 04:16 Uhr",
        "24 November 2026, 04:16:38 CET",
        "Nov 24, 2026 3:16 AM",
        "2026年11月24日 12:16",
        "11/24/2026 03:16:38 (UTC)",
        "24/11/2026 03:16:38 +0000",
        "24 November 2026 08:46 +05:30",
    ],
)
def test_the_readers_address_at_that_time_speaks_for_it(clock: str) -> None:
    given = answer(f"We saw {MINE} on {clock}.")
    assert own_codes(given) == {"own-address-then"}
    assert MINE in given.answers.know


@pytest.mark.parametrize("said", [f"We saw {MINE}.", f"We saw {MINE} on 2026-11-23 03:16:38 UTC."])
def test_the_readers_address_without_that_time_says_nothing_either_way(said: str) -> None:
    assert own_codes(answer(said)) == {"own-address-only"}


def test_another_address_at_the_very_moment_speaks_against_it_and_does_not_condemn() -> None:
    given = answer(f"We saw {OTHER} on 2026-11-24 03:16:38 UTC.")
    assert own_codes(given) == {"own-address-other"}
    assert given.verdict == "unclear"
    assert "mistaken" in given.answers.know


@pytest.mark.parametrize(
    ("said", "own"),
    [
        (f"We saw {OTHER}.", MINE),  # no time
        (f"We saw {OTHER} on 2026-11-24 03:16:38.", MINE),  # no zone: another moment somewhere
        (f"We saw {OTHER} on 2026-11-24 03:19 UTC.", MINE),  # three minutes apart: an address may change in them
        (f"We saw {OTHER} on 2026-11-24 03:16 UTC, in touch with 192.0.2.9.", MINE),  # which of both is the line's?
        (f"We saw {OTHER} from 2026-11-24 03:16 UTC to 2026-11-24 09:00 UTC.", MINE),
        (f"We saw {OTHER} on 2026-11-24 03:16 UTC.", "2001:db8::5"),  # a line can have one of each kind
        ("We saw 2001:db8:0:9::1 on 2026-11-24 03:16 UTC.", "2001:db8:0:5::1"),  # one home may have a /48
    ],
)
def test_what_cannot_be_compared_says_nothing_either_way(said: str, own: str) -> None:
    assert own_codes(answer(said, own)) == {"own-address-differs"}


def test_of_ipv6_the_network_of_the_line_counts() -> None:
    given = answer("We saw 2001:db8:0:5::aaaa on 2026-11-24 03:16 UTC.", "2001:db8:0:5::1")
    assert own_codes(given) == {"own-address-then"}


@pytest.mark.parametrize("said", ["", "We saw 203.0.113.x.", "We saw 192.168.1.20."])
def test_a_notice_without_a_public_address_is_told_so(said: str) -> None:
    given = answer(said)
    assert own_codes(given) == {"own-address-untold"}
    assert "It does not state" in given.answers.know


def test_nothing_is_compared_unasked_or_in_a_mail_that_is_no_notice() -> None:
    raw = f"From: a@net.example\nSubject: hi\n\nMy server is {OTHER} since 2026-11-24 03:16:38 UTC\n".encode()
    assert not own_codes(check(raw, Setup(own=OwnAddress(MINE, SEEN_AT))))
    assert not own_codes(check(notice(), Setup(known=KNOWN)))


def test_a_proved_notice_is_compared_by_its_proof() -> None:
    setup = Setup(known=KNOWN, own=OwnAddress(MINE, SEEN_AT))
    given = check(notice(), setup)
    assert given.verdict == "genuine"
    assert own_codes(given) == {"own-address-then"}
    later = check(notice(), Setup(known=KNOWN, own=OwnAddress(MINE, SEEN_AT + timedelta(days=1))))
    assert own_codes(later) == {"own-address-only"}


def test_a_proved_notice_with_another_address_stays_genuine_and_says_that_somebody_is_mistaken() -> None:
    given = check(notice(), Setup(known=KNOWN, own=OwnAddress(OTHER, SEEN_AT)))
    assert given.verdict == "genuine"
    assert own_codes(given) == {"own-address-proved-other"}
    assert "mistaken" in given.answers.know


def test_of_several_troubles_the_one_of_the_readers_address_counts() -> None:
    from msgspec.structs import replace

    facts = altered_facts(troubles=(replace(TROUBLE, address=OTHER, seen_at=SEEN_AT - timedelta(days=1)), TROUBLE))
    given = check(notice(proof_of(facts)), Setup(known=KNOWN, own=OwnAddress(MINE, SEEN_AT)))
    assert "own-address-then" in own_codes(given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_it(language: str) -> None:
    given = answer(f"We saw {MINE} on 2026-11-24 03:16:38 UTC.", language=language)
    assert MINE in text_for(given, "own-address-then")


@pytest.mark.parametrize("text", ["192.168.1.5", "100.64.3.4", "127.0.0.1", "fd00::1", "fe80::1", "224.0.0.1"])
def test_an_address_that_others_do_not_see_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="within a network"):
        own_address(text)


@pytest.mark.parametrize("arguments", [["--at", "2026-11-24T03:16:38Z"], ["--address", "10.0.0.1"], ["--address", "x"]])
def test_the_command_says_what_is_wrong_with_the_address(arguments: list[str]) -> None:
    ran = CliRunner().invoke(command, [*arguments, "-"], input=notice())
    assert ran.exit_code == 2


def test_the_command_takes_an_address_and_a_moment() -> None:
    arguments = ["--address", MINE, "--at", "2026-11-24T04:16:38+01:00", "--json", "-"]
    text = f"Your computer is infected. We saw {MINE} on 2026-11-24 03:16:38 UTC."
    ran = CliRunner().invoke(command, arguments, input=text.encode(), standalone_mode=False)
    assert "own-address-then" in ran.output


@given(st.text(alphabet="0123456789:-/. 年月日時分ap.mUTCjan+é\n", max_size=300))
def test_no_text_breaks_the_search_for_moments(text: str) -> None:
    assert sum(1 for stated in stated_moments(text) if stated.at.tzinfo is UTC) <= CLOCKS_MAX


@given(st.integers(631_152_000, 4_070_908_800).map(lambda second: datetime.fromtimestamp(second, UTC)))
def test_what_is_written_is_read_back(at: datetime) -> None:
    for form in ("%Y-%m-%d %H:%M:%S UTC", "%d %B %Y, %H:%M:%S GMT", "%B %d, %Y %I:%M:%S %p UTC", "%d.%m.%Y %H:%M:%SZ"):
        [stated] = stated_moments(f"seen at {at.strftime(form)}.")
        assert (stated.at, stated.has_zone) == (at, True)
