from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.proof.proof_world import FACTS, ISSUED_AT, TROUBLE, any_facts
from tocsin.proof.canonical import FACTS_BYTES_MAX, canonical, canonical_json, read_facts
from tocsin.proof.facts import Facts


@given(any_facts)
def test_facts_that_are_written_read_back_the_same(facts: Facts) -> None:
    assert read_facts(canonical(facts)) == facts


@given(any_facts, st.timedeltas(timedelta(hours=-14), timedelta(hours=14)))
def test_the_zone_in_which_a_moment_is_held_changes_no_byte(facts: Facts, offset: timedelta) -> None:
    zone = timezone(timedelta(minutes=offset // timedelta(minutes=1)))
    assert canonical(replace(facts, issued_at=facts.issued_at.astimezone(zone))) == canonical(facts)


def test_the_serialisation_example_of_rfc_8785_is_met_where_numbers_are_whole() -> None:
    # RFC 8785 §3.2.3, its string and its literals; the numbers there are not whole.
    given_text = (
        r'{"string": "\u20ac$\u000F\u000aA' + "'" + r'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}'
    )
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical_json(json.loads(given_text)) == expected.encode()


@pytest.mark.parametrize(
    "moment",
    [ISSUED_AT.replace(tzinfo=None), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime(999, 1, 1, tzinfo=UTC)],
    ids=["no zone", "not whole", "too early"],
)
def test_a_moment_that_has_no_one_text_is_refused(moment: datetime) -> None:
    with pytest.raises(ValueError, match=r"second|year"):
        canonical(replace(FACTS, expires_at=moment))


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        canonical(replace(FACTS, name="\ud800"))


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b":", b": ", 1),
        lambda raw: raw + b" ",
        lambda raw: raw.replace(b"{", b'{"more":1,', 1),
        lambda raw: raw.replace(b"Anna", b"\\u0041nna"),
        lambda raw: raw.replace(b'"count":1', b'"count":1.0'),
        lambda raw: raw.replace(b"00Z", b"00+00:00", 1),
        lambda raw: raw.replace(b'"name"', b'"name":"x","name"', 1),
        lambda raw: b"[]",
        lambda raw: b"\xff",
    ],
)
def test_a_second_way_to_write_the_same_facts_is_refused(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="facts"):
        read_facts(change(canonical(FACTS)))


def test_facts_one_byte_past_the_bound_are_refused_both_ways() -> None:
    room = FACTS_BYTES_MAX - len(canonical(FACTS))
    longest = replace(FACTS, name=FACTS.name + "x" * room)
    assert read_facts(canonical(longest)) == longest
    with pytest.raises(ValueError, match="longer"):
        canonical(replace(longest, name=longest.name + "x"))
    with pytest.raises(ValueError, match="longer"):
        read_facts(canonical(longest) + b" ")


def test_what_is_absent_stands_nowhere() -> None:
    assert b"null" not in canonical(FACTS)
    assert b"malware" not in canonical(FACTS)
    assert b"malware" in canonical(replace(FACTS, troubles=(replace(TROUBLE, malware="mirai"),)))
