"""The fold's rules, each as a claim. Seconds count from noon; the interim interval is a minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.attribution.bindings.bindings_world import (
    ADDRESSES,
    INTERIM_S,
    LOGS,
    NOON,
    PREFIXES,
    Binding,
    Event,
    fold_events,
)
from tocsin.attribution.bindings.fold import Rules, UsualLines
from tocsin.engine import Engine
from tocsin.terms.identity import digest, epoch_us

P, Q = ADDRESSES[0], ADDRESSES[1]
Span = tuple[int | None, int, int, int | None, str]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Engine(Path(tmp_path_factory.mktemp("rules")), threads=1) as opened:
        yield opened


def start(at: int, account: int | None = 1, **more: Any) -> Event:
    told: dict[str, Any] = {"at": at, "status": "start", "account": account, "network": P} | more
    return Event(**told)


def interim(at: int, session_s: int | None, account: int | None = 1, **more: Any) -> Event:
    return start(at, account, **({"status": "interim", "session_s": session_s} | more))


def stop(at: int, session_s: int | None, account: int | None = 1, **more: Any) -> Event:
    return start(at, account, **({"status": "stop", "session_s": session_s} | more))


def nas(at: int, status: str = "nas-on") -> Event:
    return Event(at=at, status=status, session=None)


def spans(found: Sequence[Binding]) -> list[Span]:
    return sorted((each.account, each.starts, each.ends, each.doubt_until, each.end_reason) for each in found)


def test_a_stop_ends_it(engine: Engine) -> None:
    assert spans(fold_events(engine, [start(0), interim(60, 60), stop(90, 90)])) == [(1, 0, 90, 90, "stop")]


def test_without_a_stop_it_is_trusted_for_one_interval_more_and_then_doubted(engine: Engine) -> None:
    assert spans(fold_events(engine, [start(0), interim(60, 60)])) == [(1, 0, 60 + INTERIM_S, None, "interim")]


def test_the_records_own_interval_goes_before_the_logs(engine: Engine) -> None:
    assert spans(fold_events(engine, [start(0, interim_s=10)])) == [(1, 0, 10, None, "interim")]


def test_where_no_interval_is_known_only_the_records_are_trusted(engine: Engine) -> None:
    logs = [msgspec.structs.replace(log, interim_s=0) for log in LOGS]
    assert spans(fold_events(engine, [start(0), interim(60, 60)], logs)) == [(1, 0, 60, None, "interim")]


def test_a_lost_start_is_known_from_the_session_time(engine: Engine) -> None:
    assert spans(fold_events(engine, [interim(60, 45)])) == [(1, 15, 120, None, "interim")]
    assert spans(fold_events(engine, [stop(60, 45)])) == [(1, 15, 60, 60, "stop")]
    assert spans(fold_events(engine, [interim(60, None), stop(100, None)])) == [(1, 60, 100, 100, "stop")]


def test_the_next_session_on_the_network_ends_trust_and_doubt(engine: Engine) -> None:
    taken = [start(0), start(30, 2, session="B"), stop(40, 10, 2, session="B")]
    assert spans(fold_events(engine, taken)) == [(1, 0, 30, 30, "next-session"), (2, 30, 40, 40, "stop")]


def test_a_taker_whose_start_was_lost_took_it_when_its_session_began(engine: Engine) -> None:
    taken = [start(0), interim(50, 30, 2, session="B")]
    assert spans(fold_events(engine, taken))[0] == (1, 0, 20, 20, "next-session")


def test_a_taker_that_does_not_say_since_when_may_have_come_at_once(engine: Engine) -> None:
    taken = [start(0), interim(50, None, 2, session="B")]
    assert spans(fold_events(engine, taken))[0] == (1, 0, 0, 50, "next-session")


def test_two_that_both_report_on_one_network_overlap(engine: Engine) -> None:
    both = [start(0), interim(60, 60), start(30, 2, session="B"), stop(90, 60, 2, session="B")]
    found = spans(fold_events(engine, both))
    assert found == [(1, 0, 120, None, "interim"), (2, 30, 90, 90, "stop")]


@pytest.mark.parametrize("status", ["nas-on", "nas-off"])
def test_a_restart_ends_the_servers_sessions_and_no_others(engine: Engine, status: str) -> None:
    on_both = [start(0), start(0, 2, nas="nas-2", network=Q), nas(20, status)]
    assert spans(fold_events(engine, on_both)) == [(1, 0, 20, 20, "nas"), (2, 0, 60, None, "interim")]
    assert spans(fold_events(engine, [start(20), nas(20, status)])) == [(1, 20, 80, None, "interim")]


def test_the_timeout_ends_it(engine: Engine) -> None:
    assert spans(fold_events(engine, [start(0, session_max_s=25)])) == [(1, 0, 25, 25, "session-timeout")]
    lost = [interim(20, 20, session_max_s=25)]
    assert spans(fold_events(engine, lost)) == [(1, 0, 25, 25, "session-timeout")]


def test_the_first_of_several_ends_counts(engine: Engine) -> None:
    several = [start(0, session_max_s=25), nas(22), start(24, 2, session="B")]
    assert spans(fold_events(engine, several))[0] == (1, 0, 22, 22, "nas")


def test_a_session_id_means_nothing_on_another_server(engine: Engine) -> None:
    two = [start(0), start(10, 2, nas="nas-2", network=Q), stop(20, 10, 2, nas="nas-2", network=Q)]
    assert spans(fold_events(engine, two)) == [(1, 0, 60, None, "interim"), (2, 10, 20, 20, "stop")]


def test_a_session_id_used_again_is_another_session(engine: Engine) -> None:
    again = [start(0), stop(30, 30), start(50), stop(70, 20)]
    assert spans(fold_events(engine, again)) == [(1, 0, 30, 30, "stop"), (1, 50, 70, 70, "stop")]
    gap = [start(0), interim(10, 10), interim(100, 20)]
    assert [span[1:3] for span in spans(fold_events(engine, gap))] == [(0, 70), (80, 160)]
    renamed = [start(0), start(30, 2)]
    assert [span[:3] for span in spans(fold_events(engine, renamed))] == [(1, 0, 30), (2, 30, 90)]


def test_a_session_id_used_again_in_the_second_of_the_stop_holds_only_its_own_network(engine: Engine) -> None:
    again = [start(0), stop(30, 30), start(30, network=Q), stop(50, 20, network=Q)]
    assert spans(fold_events(engine, again)) == [(1, 0, 30, 30, "stop"), (1, 30, 50, 50, "stop")]


def test_after_a_restart_the_same_id_is_another_session(engine: Engine) -> None:
    told = [start(0), nas(20), interim(50, None)]
    assert spans(fold_events(engine, told)) == [(1, 0, 0, 20, "next-session"), (1, 50, 110, None, "interim")]


def test_a_stop_before_its_start_is_not_trusted_beyond_itself(engine: Engine) -> None:
    found = spans(fold_events(engine, [stop(40, 30), start(45)]))
    assert found == [(1, 10, 40, 40, "stop"), (1, 45, 45, None, "interim")]
    assert spans(fold_events(engine, [stop(40, None), start(45)]))[0][1:3] == (40, 40)


def test_no_span_is_negative(engine: Engine) -> None:
    odd = [stop(10, 5_000), start(12), interim(11, 0), stop(10, None), interim(12, 40_000)]
    for each in fold_events(engine, odd):
        assert each.starts <= each.ends
        assert each.doubt_until is None or each.ends <= each.doubt_until


def test_two_networks_of_a_session_are_held_alike(engine: Engine) -> None:
    told = [start(0), start(0, network=PREFIXES[0]), stop(50, 50, network=None)]
    found = fold_events(engine, told)
    assert [(each.starts, each.ends, each.doubt) for each in found] == [(0, 50, None), (0, 50, None)]
    assert len({each.network for each in found}) == 2


def test_a_network_that_the_start_does_not_name_is_held_from_the_record_that_does(engine: Engine) -> None:
    told = [start(0, network=None), interim(60, 60), stop(70, 70)]
    assert spans(fold_events(engine, told)) == [(1, 60, 70, 70, "stop")]


def test_a_network_that_the_stop_does_not_name_is_held_for_one_interval_at_most(engine: Engine) -> None:
    told = [start(0), start(0, network=PREFIXES[0]), stop(500, 500, network=PREFIXES[0])]
    assert (1, 0, 60, 500, "interim") in spans(fold_events(engine, told))


def test_a_server_that_falls_silent_is_not_trusted_past_its_last_word(engine: Engine) -> None:
    logs = [msgspec.structs.replace(log, gap_s_max=20) for log in LOGS]
    others = [start(at, 9, nas="nas-2", session=f"S{at}", network=None) for at in range(0, 200, 10)]
    told = [start(0), interim(15, None, 8, session="Z", network=None), *others]
    assert spans(fold_events(engine, told, logs)) == [(1, 0, 15, None, "interim")]
    assert spans(fold_events(engine, told)) == [(1, 0, 60, None, "interim")]


def test_one_id_with_two_names_is_doubted(engine: Engine) -> None:
    told = [start(0), interim(60, 60, 2), stop(70, 70)]
    assert {each.doubt for each in fold_events(engine, told)} == {"shared-login"}


def test_one_id_that_passes_to_another_name_is_doubted_only_without_a_stop_between(engine: Engine) -> None:
    for seconds_between in (0, 5):
        told = [start(0), stop(30, 30), start(30 + seconds_between, 2)]
        assert {each.doubt for each in fold_events(engine, told)} == {None}
    assert {each.doubt for each in fold_events(engine, [start(0), start(30, 2)])} == {"shared-login"}


def test_a_record_without_a_name_belongs_to_the_sessions_name(engine: Engine) -> None:
    assert spans(fold_events(engine, [start(0), stop(30, 30, None)])) == [(1, 0, 30, 30, "stop")]


def login(at: int, until: int, session: str, line: int | None, network: tuple[Any, int] = P) -> list[Event]:
    return [
        start(at, session=session, line=line, network=network),
        stop(until, until - at, session=session, line=line, network=network),
    ]


def doubts(found: Sequence[Binding]) -> list[str | None]:
    return [each.doubt for each in sorted(found, key=lambda each: each.starts)]


def test_a_login_in_two_places_at_once_is_doubted_in_both(engine: Engine) -> None:
    told = login(0, 100, "A", 7) + login(50, 150, "B", 8, Q)
    assert doubts(fold_events(engine, told)) == ["shared-login", "shared-login"]
    assert doubts(fold_events(engine, told, rules=Rules(lines_share_accounts=True))) == [None, None]


def test_a_reconnect_is_no_sharing(engine: Engine) -> None:
    assert doubts(fold_events(engine, login(0, 50, "A", 7) + login(50, 90, "B", 7, Q))) == [None, None]
    lost = [start(0, line=7), *login(20, 90, "B", 7, Q)]
    assert doubts(fold_events(engine, lost)) == [None, None]


def test_a_lost_stop_on_another_line_or_on_none_is_sharing(engine: Engine) -> None:
    for first, second in ((7, 8), (None, 7), (None, None)):
        told = [start(0, line=first), *login(20, 90, "B", second, Q)]
        assert doubts(fold_events(engine, told)) == ["shared-login", "shared-login"]


def test_clocks_that_are_a_little_off_make_no_sharing(engine: Engine) -> None:
    logs = [msgspec.structs.replace(log, accuracy_s=2) for log in LOGS]
    told = login(0, 50, "A", 7) + login(48, 90, "B", 7, Q)
    assert doubts(fold_events(engine, told, logs)) == [None, None]
    assert doubts(fold_events(engine, told)) == ["shared-login", "shared-login"]


def test_the_line_that_is_used_most_is_the_usual_one(engine: Engine) -> None:
    told = login(0, 10, "A", 7) + login(20, 30, "B", 7) + login(40, 50, "C", 8) + login(60, 70, "D", None)
    assert doubts(fold_events(engine, told)) == [None, None, "unusual-line", None]
    tie = login(0, 10, "A", 7) + login(20, 30, "B", 8)
    assert doubts(fold_events(engine, tie)) == ["unusual-line", "unusual-line"]


def test_what_the_contract_says_goes_before_what_is_used_most(engine: Engine) -> None:
    port, other = line_of(engine, "port", "nas-1", "eth 0/1"), line_of(engine, "port", "nas-1", "eth 0/2")
    told = login(0, 10, "A", other) + login(20, 30, "B", other) + login(40, 50, "C", port)
    usual = UsualLines(
        accounts=[1], lines=["eth 0/1"], starts_at=[NOON - timedelta(days=9)], ends_at=[NOON + timedelta(seconds=45)]
    )
    assert doubts(fold_events(engine, told, usual=usual)) == ["unusual-line", "unusual-line", None]
    expired = msgspec.structs.replace(usual, ends_at=[NOON - timedelta(days=1)])
    assert doubts(fold_events(engine, told, usual=expired)) == [None, None, "unusual-line"]


@pytest.mark.parametrize("kind", ["circuit", "station", "port"])
def test_a_contract_may_name_a_circuit_a_port_or_a_station(engine: Engine, kind: str) -> None:
    told = login(0, 10, "A", line_of(engine, kind, "nas-1", "02:00:5E:00:00:01")) + login(20, 30, "B", 5)
    usual = UsualLines(accounts=[1], lines=["02:00:5E:00:00:01"], starts_at=[NOON - timedelta(days=9)], ends_at=[None])
    assert doubts(fold_events(engine, told, usual=usual)) == [None, "unusual-line"]


def test_a_binding_is_named_by_what_it_is(engine: Engine) -> None:
    [only] = fold_events(engine, [start(0), stop(50, 50)])
    parts = ("east", "nas-1", "A1", str(P[0]), "128", "1", str(epoch_us(NOON)))
    assert only.binding == str(UUID(digest(*parts)[:32]))


def line_of(engine: Engine, kind: str, server: str, text: str) -> int:
    fold_events(engine, [])  # loads the macros
    [(line,)] = engine.rows("SELECT line_of($kind, $server, $text)", kind=kind, server=server, text=text)
    assert isinstance(line, int)
    return line
