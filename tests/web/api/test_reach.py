"""What an autonomous system spans: of two prefixes the longer one has the word. The oracle asks address by address."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.reach import ALL, Reach, _swept, reach_of
from tocsin.terms.addresses import parse_address

_NEVER = datetime(2026, 11, 24, tzinfo=UTC)  # no table is asked
_BITS = 6  # a small world: 64 addresses

prefixes = st.dictionaries(
    st.integers(0, _BITS).flatmap(
        lambda length: st.tuples(
            st.integers(0, (1 << length) - 1).map(lambda n: n << (_BITS - length)), st.just(length)
        )
    ),
    st.booleans(),
    max_size=12,
)


@given(prefixes)
def test_spans_are_what_the_longest_prefix_says_of_each_address(told: dict[tuple[int, int], bool]) -> None:
    rows = [(first, first + (1 << (_BITS - length)) - 1, theirs) for (first, length), theirs in sorted(told.items())]
    spans = _swept(rows)
    for address in range(1 << _BITS):
        around = [(last - first, theirs) for first, last, theirs in rows if first <= address <= last]
        expected = min(around)[1] if around else False
        assert any(first <= address <= last for first, last in spans) == expected


@given(st.lists(st.tuples(st.integers(0, 250), st.integers(24, 32)), min_size=1, max_size=8))
def test_a_reach_holds_its_prefixes_and_nothing_else(told: list[tuple[int, int]]) -> None:
    words = [f"192.0.2.{last >> (32 - length) << (32 - length)}/{length}" for last, length in told]
    reach = reach_of(words, None, _NEVER)
    for last in range(256):
        expected = any(last >> (32 - length) == of >> (32 - length) for of, length in told)
        assert reach.holds(parse_address(f"192.0.2.{last}")) == expected
    assert not reach.holds(parse_address("192.0.3.0"))
    assert not reach.holds(parse_address("2001:db8::1"))


def test_no_words_are_everything_and_no_spans_are_nothing() -> None:
    assert reach_of([], None, _NEVER) is ALL
    assert ALL.holds(UUID(int=0))
    assert not Reach().holds(UUID(int=0))
