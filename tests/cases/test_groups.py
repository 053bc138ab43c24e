"""From the lake to the book: one row per subscriber and trouble, and none that the lake no longer says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases.case_world import AT, DAY, HOUR
from tests.cases.lake_world import BINDING, Row, attribution, binding, fill, named, sighting
from tests.cases.provider import Provider
from tocsin.book import case_days
from tocsin.book.case_days import OBSERVERS_MAX, CaseDay
from tocsin.cases.groups import group_day, group_days
from tocsin.cases.mix import count_sources
from tocsin.lake import Lake
from tocsin.terms.addresses import parse_address
from tocsin.terms.roles import CASE_ROLES

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("provider")


def _days(lake: Lake, *numbers: int) -> list[CaseDay]:
    with lake.book.read() as tx:
        return case_days.days_of(tx, numbers or range(1, 11))


def _see(lake: Lake, batch: str, *pairs: tuple[Row, Row]) -> None:
    fill(
        lake,
        batch,
        sightings=[seen for seen, _ in pairs],
        attributions=[said for _, said in pairs],
        bindings=[binding()],
    )


def _pair(
    name: str, at: datetime = AT, outcome: str = "subscriber", subscriber: int = 1, **fields: Any
) -> tuple[Row, Row]:
    said = attribution(name, at, outcome=outcome, subscriber=subscriber, account=10 * subscriber)
    return sighting(name, at, **fields), said


def test_the_day_s_row_has_the_facts_of_the_last_sighting(lake: Lake) -> None:
    last: Row = {
        "address": parse_address("2001:db8::9"),
        "port": None,
        "protocol": "udp",
        "peer_address": parse_address("198.51.100.4"),
        "peer_port": 443,
        "source_ref": "CERT-77",
    }
    _see(lake, "b1", _pair("a", AT - HOUR), _pair("b", AT, **last), _pair("c", AT - 2 * HOUR))
    assert group_days(lake) == [AT.date()]
    (day,) = _days(lake)
    assert (day.subscriber, day.kind, day.malware, day.role) == (1, "infected-system", "mirai", "infected")
    assert (day.source, day.account, day.log, day.sightings) == ("cert", 10, "radius", 3)
    assert (day.first_at, day.last_at, day.last_sighting) == (AT - 2 * HOUR, AT, str(named("b")))
    assert (day.address, day.port, day.protocol) == ("2001:db8::9", None, "udp")
    assert (day.peer_address, day.peer_port, day.source_ref) == ("198.51.100.4", 443, "CERT-77")
    assert (day.observers, day.day) == (("cert",), AT.date())


@pytest.mark.parametrize("role", ["victim", "infrastructure", "lead"])
def test_roles_that_open_no_case_leave_no_trace(lake: Lake, role: str) -> None:
    _see(lake, "b1", _pair("a", role=role))
    group_days(lake)
    assert _days(lake) == []


@pytest.mark.parametrize("outcome", ["pending", "shared", "ambiguous", "no-binding", "log-gap", "not-ours"])
def test_only_a_named_subscriber_counts(lake: Lake, outcome: str) -> None:
    _see(lake, "b1", _pair("a", outcome=outcome), _pair("b"))
    group_days(lake)
    assert [day.sightings for day in _days(lake)] == [1]


def test_observers_are_listed_once_and_no_more_than_eight(lake: Lake) -> None:
    names = ["zed", "amy", "amy", None, " "]
    _see(lake, "b1", *(_pair(str(n), AT - n * MINUTE, observer=name) for n, name in enumerate(names)))
    group_days(lake)
    assert [day.observers for day in _days(lake)] == [("amy", "cert", "zed")]
    many = [f"o{number:02}" for number in range(30)]
    fill(
        lake,
        "b2",
        sightings=[sighting(name, AT + DAY, observer=name) for name in many],
        attributions=[attribution(name, AT + DAY) for name in many],
    )
    group_days(lake)
    assert _days(lake)[-1].observers == tuple(many[:OBSERVERS_MAX])


def test_the_log_is_that_of_the_binding_dated_or_not(lake: Lake) -> None:
    static = named("static")
    fill(
        lake,
        "b1",
        sightings=[sighting("a"), sighting("b", AT - HOUR), sighting("c"), sighting("d")],
        attributions=[
            attribution("a"),
            attribution("b", AT - HOUR, binding=None, bindings=[BINDING]),
            attribution("c", subscriber=2, account=20, binding=static),
            attribution("d", subscriber=3, account=30, binding=named("gone")),
        ],
        bindings=[binding()],
        undated=[binding(binding=static, log="static")],
    )
    group_days(lake)
    assert [(day.subscriber, day.log, day.sightings) for day in _days(lake)] == [
        (1, "radius", 2),
        (2, "static", 1),
        (3, "", 1),
    ]


def test_a_day_that_was_grouped_is_not_grouped_again(lake: Lake) -> None:
    _see(lake, "b1", _pair("a"), _pair("b", AT - DAY))
    assert group_days(lake) == [AT.date() - DAY, AT.date()]
    assert group_days(lake) == []
    _see(lake, "b2", _pair("c"))
    assert group_days(lake) == [AT.date()]
    assert [day.sightings for day in _days(lake)] == [1, 2]


def test_a_new_generation_replaces_its_day_and_what_is_no_longer_there_vanishes(lake: Lake) -> None:
    _see(lake, "b1", _pair("a"), _pair("b", subscriber=2), _pair("c", AT - DAY, subscriber=3))
    group_days(lake)
    with lake.writing("attributions") as writing:
        again = writing.batch("g2", kind="attribute", at=AT)
        again.replace("attributions", [AT.date()])
        moved = attribution("b", subscriber=4, account=40)
        names = ", ".join(f"'{moved[name]}' AS {name}" for name in ("sighting", "outcome", "reason", "generation"))
        numbers = ", ".join(f"{moved[name]} AS {name}" for name in ("subscriber", "account", "margin_s"))
        rest = "NULL AS binding, NULL AS bindings, NULL AS sharers, TIMESTAMP '2026-11-24 12:00:00' AS seen_at"
        again.add("attributions", AT.date(), f"SELECT {names}, {numbers}, {rest}")
        again.commit()
    assert group_days(lake) == [AT.date()]
    assert sorted(day.subscriber for day in _days(lake)) == [3, 4]


def test_a_day_whose_attributions_are_gone_is_emptied(lake: Lake) -> None:
    _see(lake, "b1", _pair("a"))
    group_days(lake)
    with lake.writing("attributions") as writing:
        gone = writing.batch("g2", kind="attribute", at=AT)
        gone.replace("attributions")
        gone.commit()
    assert group_days(lake) == [AT.date()]
    assert _days(lake) == []
    assert group_days(lake) == []


# --- the oracle --------------------------------------------------------------------------------------------------

_batches = count()

rows = st.lists(
    st.builds(
        lambda **fields: fields,
        minutes=st.integers(0, 3),
        subscriber=st.integers(1, 3),
        account=st.sampled_from([10, 20]),
        role=st.sampled_from(["infected", "attacker", "victim", "lead"]),
        kind=st.sampled_from(["infected-system", "brute-force"]),
        malware=st.sampled_from([None, "", "mirai"]),
        source=st.sampled_from(["cert", "alice"]),
        outcome=st.sampled_from(["subscriber", "subscriber", "ambiguous"]),
        port=st.sampled_from([None, 1, 2]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_grouping_is_what_a_loop_over_every_sighting_finds(lake: Lake, these: list[Row]) -> None:
    at = AT + next(_batches) * DAY  # a day of its own for each example
    seen = [
        sighting(
            f"{at} {n}",
            at + row["minutes"] * MINUTE,
            **{k: row[k] for k in ("role", "kind", "malware", "source", "port")},
        )
        for n, row in enumerate(these)
    ]
    said = [
        attribution(f"{at} {n}", at, **{k: row[k] for k in ("subscriber", "account", "outcome")})
        for n, row in enumerate(these)
    ]
    fill(lake, f"b{at:%Y%m%d}", sightings=seen, attributions=said, bindings=[binding(at)])
    found = list(group_day(lake, at.date(), "g"))
    expected: dict[tuple[object, ...], list[Row]] = {}
    for row, one in zip(these, seen, strict=True):
        if row["outcome"] == "subscriber" and row["role"] in list(CASE_ROLES):
            key = (
                *(row[k] for k in ("subscriber", "kind")),
                row["malware"] or "",
                row["role"],
                row["source"],
                row["account"],
            )
            expected.setdefault(key, []).append(one)
    assert {(d.subscriber, d.kind, d.malware, d.role, d.source, d.account): _told(d) for d in found} == {
        key: _slow(group) for key, group in expected.items()
    }
    assert len(found) == len(expected)


def _told(day: CaseDay) -> tuple[object, ...]:
    return day.sightings, day.first_at, day.last_at, day.last_sighting, day.port


def _slow(group: list[Row]) -> tuple[object, ...]:
    last = sorted(group, key=lambda row: (row["seen_at"], str(row["id"])))[-1]
    return len(group), min(r["seen_at"] for r in group), last["seen_at"], str(last["id"]), last["port"]


# --- the mix -----------------------------------------------------------------------------------------------------


def test_each_run_s_sightings_are_counted_by_source_and_outcome(lake: Lake) -> None:
    _see(lake, "b1", _pair("a"), _pair("b", outcome="not-ours"), _pair("c", source="alice"), _pair("v", role="victim"))
    fill(lake, "b2", at=AT + HOUR, sightings=[sighting("d"), sighting("e", AT - DAY)], attributions=[attribution("d")])
    counted = {(each.source, each.run_at): each.outcomes for each in count_sources(lake)}
    assert counted == {
        ("cert", AT): {"subscriber": 2, "not-ours": 1},
        ("alice", AT): {"subscriber": 1},
        ("cert", AT + HOUR): {"subscriber": 1, "pending": 1},
    }


def test_only_a_run_with_something_pending_is_counted_again(lake: Lake) -> None:
    _see(lake, "b1", _pair("a"))
    fill(lake, "b2", at=AT + HOUR, sightings=[sighting("d")])
    count_sources(lake)
    assert [each.run_at for each in count_sources(lake)] == [AT + HOUR]
    fill(lake, "b3", at=AT + 2 * HOUR, attributions=[attribution("d")])
    assert [each.outcomes for each in count_sources(lake)] == [{"subscriber": 1}]
    assert count_sources(lake) == []


def test_from_the_lake_to_a_notice(lake: Lake, provider: Provider) -> None:
    _see(lake, "b1", _pair("a", AT - HOUR), _pair("b", AT - 2 * HOUR, malware="qakbot"))
    group_days(lake)
    count_sources(lake)
    (decision,) = provider.run()
    assert [trouble.malware for trouble in decision.facts.troubles] == ["mirai", "qakbot"]
