"""Populations: nobody holds what another holds, and each sighting's answer is what a slow look-up gives."""

from __future__ import annotations

import itertools
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.pipeline.demo.worlds import MARGIN_S, Glimpse, Held, streets, write_population

BEGINS_AT = 1_795_132_800


def _network(row: Held) -> str:
    return f"{row.network}/{row.prefix_bits if ':' in row.network else 32}"


def _answer(held: list[Held], glimpse: Glimpse) -> tuple[str, int]:
    """By the rules, one binding at a time."""
    first, last = glimpse.seen_at - MARGIN_S, glimpse.seen_at + MARGIN_S
    around = [row for row in held if ip_address(glimpse.address) in ip_network(_network(row))]
    touching = [row for row in around if row.starts_at < last and first < max(row.ends_at, row.doubt_until)]
    if any(row.port_first for row in touching):
        if not glimpse.port:
            return "shared", 0
        touching = [row for row in touching if row.port_first <= glimpse.port <= row.port_last]
    trusted = [row for row in touching if first < row.ends_at]
    if len(trusted) == 1 and trusted[0].starts_at <= first and last <= trusted[0].ends_at:
        return "subscriber", trusted[0].account
    return ("ambiguous", 0) if trusted else ("log-gap" if touching else "no-binding", 0)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_each_expected_answer_is_what_the_rules_give(seed: int) -> None:
    for held, glimpses in streets(seed=seed, accounts=96, sightings=200, begins_at=BEGINS_AT, days=1):
        for glimpse in glimpses:
            outcome, account = _answer(held, glimpse)
            assert outcome == glimpse.expected
            assert account in (0, glimpse.holder)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_network_and_no_account_is_in_two_places(seed: int) -> None:
    for held, _ in streets(seed=seed, accounts=96, sightings=0, begins_at=BEGINS_AT, days=2):
        for name in ("network", "account"):
            by_name: dict[object, list[Held]] = {}
            for row in held:
                place = (row.network, row.port_first) if name == "network" else row.account
                by_name.setdefault(place, []).append(row)
            for rows in by_name.values():
                rows.sort(key=lambda row: row.starts_at)
                for first, second in itertools.pairwise(rows):
                    assert max(first.true_ends_at, first.ends_at) <= second.starts_at


def test_all_that_was_asked_for_is_written_and_the_same_again(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        counts = write_population(
            tmp_path / folder, seed=5, accounts=1_200, sightings=10_000, begins_at=BEGINS_AT, days=1
        )
        assert counts.glimpses == 10_000
    for name, rows in (("held.tsv", counts.held), ("sightings.tsv", 10_000)):
        text = (tmp_path / "one" / name).read_bytes()
        assert text == (tmp_path / "two" / name).read_bytes()
        assert text.count(b"\n") == rows + 1


def test_every_kind_of_answer_occurs() -> None:
    found = {
        glimpse.expected
        for _, glimpses in streets(seed=1, accounts=1_200, sightings=5_000, begins_at=BEGINS_AT)
        for glimpse in glimpses
    }
    assert found == {"subscriber", "ambiguous", "log-gap", "shared"}


def test_more_accounts_than_there_is_space_for_are_refused() -> None:
    with pytest.raises(ValueError, match="100000"):
        next(streets(seed=1, accounts=100_001, sightings=1, begins_at=BEGINS_AT))
