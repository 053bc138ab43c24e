"""The truth is the world's: replayed the slow way it comes out the same, and it catches a resolver that guesses."""

from __future__ import annotations

import itertools
from ipaddress import ip_address, ip_network

from tests.demo.demo_example import all_records, example, happened_at, rows_of, seconds
from tocsin.pipeline.demo import Answer, Occupancy, Truth, key_of, read_truth, score

CAUTIOUS = {"pending", "shared", "ambiguous", "no-binding", "log-gap", "not-ours"}


def _in_time(each: Occupancy, at: int) -> bool:
    return each.starts_at <= at and (each.ends_at is None or at < each.ends_at)


def _holder_the_slow_way(truth: Truth) -> str | None:
    """Looks through everything that anybody ever had, then through all contracts."""
    at, address = seconds(truth.true_at), ip_address(truth.address)
    there = [each for each in example().occupancies if _in_time(each, at) and address in ip_network(each.network)]
    there = [each for each in there if each.ports is None or _port_is_in(each, truth)]
    assert len({each.line for each in there}) <= 1
    for row in rows_of(example().folder / "subscribers.csv") if there else []:
        if row["line"] == there[0].line and seconds(row["starts_at"]) <= at < seconds(
            row["ends_at"] or "2100-01-01T00Z"
        ):
            return row["subscriber"]
    return None


def _port_is_in(each: Occupancy, truth: Truth) -> bool:
    assert each.ports is not None
    fits = each.protocol in (None, truth.protocol)
    return fits and truth.port is not None and each.ports[0] <= truth.port <= each.ports[1]


def test_the_holder_is_whoever_the_replayed_world_finds() -> None:
    rows = example().truth[::7]  # the slow way is slow
    assert [truth.holder for truth in rows] == [_holder_the_slow_way(truth) for truth in rows]


def test_no_address_is_ever_held_twice() -> None:
    by_place: dict[tuple[str, tuple[int, int] | None, str | None], list[Occupancy]] = {}
    for each in example().occupancies:
        by_place.setdefault((each.network, each.ports, each.protocol), []).append(each)
    for occupancies in by_place.values():
        occupancies.sort(key=lambda each: each.starts_at)
        for first, second in itertools.pairwise(occupancies):
            assert first.ends_at is not None
            assert first.ends_at <= second.starts_at


def test_where_a_name_is_the_only_right_answer_somebody_was_there() -> None:
    for truth in example().truth:
        if truth.expected == ("subscriber",):
            assert truth.holder is not None, truth
        if set(truth.expected) <= {"no-binding", "not-ours"}:
            assert truth.holder is None, truth


def test_nobody_is_notified_on_doubt_or_after_leaving_or_for_bare_packets() -> None:
    for truth in example().truth:
        if truth.may_notify:
            assert truth.role in ("infected", "attacker", "exposed")
            assert "subscriber" in truth.expected
    left = [truth for truth in example().truth if truth.case == "moved-or-left"]
    assert not any(truth.may_notify for truth in left)
    handed = [truth.may_notify for truth in example().truth if truth.case == "taken-over"]
    assert True in handed
    assert False in handed


def test_what_was_seen_is_near_what_happened() -> None:
    for truth in example().truth:
        if not truth.case.startswith("low-precision"):
            assert abs(seconds(truth.seen_at) - seconds(truth.true_at)) <= 3


def test_the_truth_reads_back() -> None:
    assert tuple(read_truth(example().folder / "truth.jsonl")) == example().truth


def _guesses() -> dict[str, list[tuple[int, int, str]]]:
    """By IPv4 address: (start, end, account), each open session lasting for ever, as many a script has it."""
    ends: dict[tuple[str, str], int] = {}
    starts: dict[tuple[str, str], tuple[int, str, str]] = {}
    for record in all_records(example().folder):
        if "User-Name" in record:
            key = (record["NAS-Identifier"], record["Acct-Session-Id"])
            at = happened_at(record) - int(record.get("Acct-Session-Time", 0))
            starts.setdefault(key, (at, record["User-Name"], record["Framed-IP-Address"]))
            if record["Acct-Status-Type"] == "Stop":
                ends[key] = happened_at(record)
    found: dict[str, list[tuple[int, int, str]]] = {}
    for key, (at, account, address) in starts.items():
        found.setdefault(address, []).append((at, ends.get(key, 1 << 40), account))
    return {address: sorted(spans, reverse=True) for address, spans in found.items()}


def test_a_resolver_that_takes_the_latest_session_is_caught() -> None:
    guesses = _guesses()
    subscriber = {row["account"]: row["subscriber"] for row in rows_of(example().folder / "subscribers.csv")}
    answers = {}
    for truth in example().truth:
        at = seconds(truth.seen_at)
        account = next((who for start, end, who in guesses.get(truth.address, []) if start <= at < end), None)
        known = subscriber.get(account or "")
        answers[key_of(truth)] = Answer(outcome="subscriber" if known else "no-binding", subscriber=known)
    table = score(example().truth, answers)
    caught = {surprise.truth.case for surprise in table.surprises if surprise.wrong}
    assert caught >= {
        "reused-inside-margin",
        "low-precision-crossing",
        "lost-stop-then-gap",
        "session-timeout-nobody",
        "nas-reboot-nobody",
        "log-hole",
        "not-read-that-far",
        "other-line",
        "shared-login",
        "taken-over",
    }


def test_a_resolver_that_never_names_anybody_is_never_wrong_and_misses_all() -> None:
    table = score(example().truth, {key_of(t): Answer(outcome="ambiguous") for t in example().truth})
    assert (table.right, table.wrong, table.absent) == (0, 0, 0)
    assert table.missed == sum(truth.expected == ("subscriber",) for truth in example().truth)
