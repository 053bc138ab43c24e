"""Days of trouble, cases and their moves, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa

from tocsin.book import Book, case_days
from tocsin.book import cases as book_cases
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, CaseRow, Change, Contract, Move
from tocsin.book.parts import PART_MAX, in_parts
from tocsin.book.tables import accounts, contracts, subscribers

AT = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)
DAY = timedelta(days=1)
SUBSCRIBERS = PART_MAX + 20  # more than one list of parameters


def _day(subscriber: int = 1, at: datetime = AT, **fields: object) -> CaseDay:
    values: dict[str, object] = {
        "subscriber": subscriber,
        "kind": "infected-system",
        "malware": "",
        "role": "infected",
        "day": at.date(),
        "source": "cert",
        "account": 10,
        "log": "radius",
        "sightings": 3,
        "first_at": at,
        "last_at": at,
        "last_sighting": "00000000-0000-0000-0000-000000000001",
        "observers": ("カロル", "dave"),
        "generation": "g1",
        "address": "2001:db8::7",
    }
    return msgspec.convert(values | fields, CaseDay)


def _case(subscriber: int = 1, name: str = "C-1", **fields: object) -> Case:
    values: dict[str, object] = {
        "case": name,
        "subscriber": subscriber,
        "kind": "infected-system",
        "malware": "",
        "role": "infected",
        "state": "open",
        "opened_at": AT,
        "changed_at": AT,
        "sightings": 3,
        "first_at": AT,
        "last_at": AT,
    }
    return msgspec.convert(values | fields, Case)


def _move(case: str, state: str, reason: str = "") -> Move:
    return Move(case=case, at=AT, state=state, actor="tocsin", reason=reason)


def _new(*cases: Case) -> list[Change]:
    return [Change(before=None, after=case, moves=(_move(case.case, "open"),)) for case in cases]


@pytest.fixture
def peopled(any_book: Book) -> Book:
    with any_book.write() as tx:
        tx.execute(subscribers.insert(), [{"number": n, "ref": f"K-{n}"} for n in range(1, SUBSCRIBERS + 1)])
    return any_book


def _days(book: Book, *numbers: int) -> list[CaseDay]:
    with book.read() as tx:
        return case_days.days_of(tx, numbers)


def _replace(book: Book, day: date, *rows: CaseDay) -> None:
    with book.write() as tx:
        case_days.replace_day(tx, day, rows)


# --- days --------------------------------------------------------------------------------------------------------


def test_a_day_reads_back_as_it_was_written(peopled: Book) -> None:
    whole = _day(port=1, protocol="tcp", peer_address="192.0.2.1", peer_port=443, source_ref="CERT-7", malware="m")
    _replace(peopled, AT.date(), _day(), whole)
    assert _days(peopled, 1) == [_day(), whole]


def test_a_day_is_what_was_written_last_and_other_days_are_left_alone(peopled: Book) -> None:
    _replace(peopled, AT.date(), _day(1), _day(2))
    _replace(peopled, (AT - DAY).date(), _day(1, AT - DAY))
    _replace(peopled, AT.date(), _day(2, generation="g2"))
    assert _days(peopled, 1, 2) == [_day(1, AT - DAY), _day(2, generation="g2")]
    _replace(peopled, AT.date())
    assert _days(peopled, 1, 2) == [_day(1, AT - DAY)]


def test_writing_a_day_twice_is_as_writing_it_once(peopled: Book) -> None:
    for _ in range(2):
        _replace(peopled, AT.date(), _day(1), _day(2))
    assert _days(peopled, 1, 2) == [_day(1), _day(2)]


def test_many_subscribers_are_asked_for_in_parts(peopled: Book) -> None:
    numbers = range(1, SUBSCRIBERS + 1)
    _replace(peopled, AT.date(), *(_day(number) for number in numbers))
    assert [day.subscriber for day in _days(peopled, *numbers)] == list(numbers)


FOLLOWED: list[tuple[bool, Case | None]] = [
    (True, None),  # a day that no case reaches
    (False, _case(state="closed")),
    (True, _case(state="withdrawn")),
    (True, _case(state="quiet")),  # not over
    (True, _case(state="closed", last_at=AT - DAY)),  # the day goes on past it
    (True, _case(state="closed", malware="other")),
    (True, _case(state="closed", role="attacker")),
]


def test_who_is_to_be_followed(peopled: Book) -> None:
    numbered = list(enumerate(FOLLOWED, start=1))
    _replace(peopled, AT.date(), *(_day(number) for number, _ in numbered))
    known = [msgspec.structs.replace(case, subscriber=n, case=f"C-{n}") for n, (_, case) in numbered if case]
    with peopled.write() as tx:
        book_cases.save(tx, _new(*known))
    with peopled.read() as tx:
        assert case_days.subscribers_to_follow(tx) == {number for number, (followed, _) in numbered if followed}


def test_a_living_case_without_a_day_is_to_be_followed(peopled: Book) -> None:
    with peopled.write() as tx:
        book_cases.save(tx, _new(_case(state="notified")))
    with peopled.read() as tx:
        assert case_days.subscribers_to_follow(tx) == {1}


# --- cases -------------------------------------------------------------------------------------------------------


def test_cases_and_their_moves_read_back(peopled: Book) -> None:
    cases = [_case(n, f"C-{n}", malware="m" * 200) for n in range(1, SUBSCRIBERS + 1)]
    with peopled.write() as tx:
        assert book_cases.save(tx, _new(*cases)) == _new(*cases)
    with peopled.read() as tx:
        assert book_cases.cases_of(tx, range(1, SUBSCRIBERS + 1)) == cases
        assert book_cases.moves_of(tx, ["C-2"]) == [_move("C-2", "open")]
        assert book_cases.subscribers_in(tx, ["open"]) == set(range(1, SUBSCRIBERS + 1))
        assert set(book_cases.states_of(tx, [case.case for case in cases]).values()) == {"open"}


def test_a_change_is_made_once(peopled: Book) -> None:
    for _ in range(2):
        with peopled.write() as tx:
            book_cases.save(tx, _new(_case()))
    before = _case()
    after = msgspec.structs.replace(before, state="quiet", changed_at=AT + DAY, sightings=9, last_at=AT + DAY)
    change = Change(before=before, after=after, moves=(_move("C-1", "quiet"),))
    made = []
    for _ in range(2):
        with peopled.write() as tx:
            made.append(len(book_cases.save(tx, [change])))
    assert made == [1, 0]
    with peopled.read() as tx:
        assert book_cases.cases_of(tx, [1]) == [after]
        assert [move.state for move in book_cases.moves_of(tx, ["C-1"])] == ["open", "quiet"]


def test_a_case_that_has_changed_since_is_left_to_the_next_run(peopled: Book) -> None:
    with peopled.write() as tx:
        book_cases.save(tx, _new(_case()))
        book_cases.move(tx, [_move("C-1", "notified")])
    stale = Change(before=_case(), after=_case(state="quiet"), moves=(_move("C-1", "quiet"),))
    with peopled.write() as tx:
        assert book_cases.save(tx, [stale]) == []
    with peopled.read() as tx:
        assert book_cases.states_of(tx, ["C-1"]) == {"C-1": "notified"}
        assert [move.state for move in book_cases.moves_of(tx, ["C-1"])] == ["open", "notified"]


def test_a_case_of_another_subscriber_is_never_overwritten(peopled: Book) -> None:
    with peopled.write() as tx:
        book_cases.save(tx, _new(_case(1)))
        assert book_cases.save(tx, _new(_case(2))) == []


def test_a_long_reason_is_cut(peopled: Book) -> None:
    with peopled.write() as tx:
        book_cases.save(tx, _new(_case()))
        book_cases.move(tx, [_move("C-1", "notified", "r" * 400)])
    with peopled.read() as tx:
        assert len(book_cases.moves_of(tx, ["C-1"])[-1].reason) == 300


def test_a_case_of_nobody_is_refused_by_the_database(peopled: Book) -> None:
    with pytest.raises(sa.exc.IntegrityError), peopled.write() as tx:
        book_cases.save(tx, _new(_case(SUBSCRIBERS + 1)))


def test_rows_for_the_command_line_leave_out_what_is_absent(peopled: Book) -> None:
    with peopled.write() as tx:
        book_cases.save(tx, _new(_case(), _case(2, "C-2", malware="mirai", state="closed", opened_at=AT + DAY)))
    with peopled.read() as tx:
        rows = book_cases.case_rows(tx)
        assert [row.case for row in rows] == ["C-1", "C-2"]
        assert book_cases.case_rows(tx, case="C-2") == [
            CaseRow(
                case="C-2",
                subscriber="K-2",
                kind="infected-system",
                malware="mirai",
                state="closed",
                opened_at=AT + DAY,
                sightings=3,
                notices=[],
            )
        ]
        assert book_cases.case_rows(tx, states=["open"]) == rows[:1]
        assert book_cases.case_rows(tx, case="C-none") == []
    assert msgspec.to_builtins(rows[0]).keys() == {
        "case",
        "subscriber",
        "kind",
        "state",
        "opened_at",
        "sightings",
        "notices",
    }


def test_contracts_are_found_by_account_whoever_holds_them(peopled: Book) -> None:
    rows = [
        Contract(
            number=number,
            subscriber=number,
            account=10,
            name="n",
            email="e@mail.example",
            language="en",
            zone="UTC",
            line="l",
            starts_at=AT - number * DAY,
            ends_at=AT if number == 2 else None,
        )
        for number in (1, 2)
    ]
    with peopled.write() as tx:
        tx.execute(accounts.insert().values(number=10, name="login"))
        tx.execute(contracts.insert(), [msgspec.structs.asdict(row) for row in rows])
    with peopled.read() as tx:
        assert book_cases.contracts_of(tx, [10]) == rows[::-1]
        assert book_cases.contracts_of(tx, [11]) == []
        assert book_cases.refs_of(tx, [1, 2]) == {1: "K-1", 2: "K-2"}
        assert book_cases.count_subscribers(tx) == SUBSCRIBERS


def test_parts_hold_each_value_once_in_order() -> None:
    parts = list(in_parts([*range(PART_MAX + 1), 0, 1]))
    assert [len(part) for part in parts] == [PART_MAX, 1]
    assert [value for part in parts for value in part] == list(range(PART_MAX + 1))
    assert list(in_parts(list[int]())) == []
