"""Lists of cases: the same as reading all of them and sorting, and never by reading all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.book.conftest import make_schema
from tocsin.book import Book, case_list
from tocsin.book.case_list import COUNT_MAX, Place, Sort, Wanted, count_states, list_page, names_in_use, pages
from tocsin.book.cases import Case
from tocsin.book.tables import cases, subscribers
from tocsin.book.tables_desk import case_sources

AT = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)
DAY = timedelta(days=1)
STATES = ("open", "notified", "quiet", "closed")
KINDS = ("infected-system", "brute-force", "ddos-amplifier")
MALWARE = ("mirai", "qakbot", "gamut", "")
SOURCES = ("cert", "sinkhole", "own")
MANY = 30_000


def _world(count: int) -> tuple[list[Case], dict[str, list[str]]]:
    """Cases with many equal values, so that ties are common; and the sources of each."""
    dice = random.Random(count)
    made, sources = [], {}
    for number in range(count):
        opened = AT - dice.randrange(0, 60 if count < 100 else 400) * DAY
        case = Case(
            case=f"C-{dice.randrange(10**9):09}{number}",
            subscriber=1 + number % 7,
            kind=dice.choice(KINDS),
            malware=dice.choice(MALWARE)
            if count < 100
            else dice.choice(MALWARE) + dice.choice(("", "", str(number % 50))),
            role="infected",
            state=dice.choices(STATES, (2, 2, 1, 15))[0],
            opened_at=opened + timedelta(microseconds=number),
            changed_at=AT,
            sightings=dice.randrange(1, 9),
            first_at=opened,
            last_at=min(AT, opened + dice.randrange(0, 9) * DAY),
        )
        made.append(case)
        sources[case.case] = sorted(dice.sample(SOURCES, dice.randrange(1, 3)))
    return made, sources


def _fill(book: Book, count: int) -> tuple[list[Case], dict[str, list[str]]]:
    made, sources = _world(count)
    copied = ("state", "kind", "malware", "opened_at", "last_at", "sightings")
    with book.write() as tx:
        tx.execute(subscribers.insert(), [{"number": n, "ref": f"K-{n}"} for n in range(1, 8)])
        tx.execute(cases.insert(), [msgspec.structs.asdict(case) for case in made])
        rows = [
            {"case": case.case, "source": source, **{name: getattr(case, name) for name in copied}}
            for case in made
            for source in sources[case.case]
        ]
        tx.execute(case_sources.insert(), rows)
    if not book.is_sqlite:
        with book.write() as tx:
            tx.execute(sa.text("ANALYZE cases, case_sources"))
    return made, sources


World = tuple[Book, list[Case], dict[str, list[str]]]


def _opened(request: pytest.FixtureRequest, folder: Path, count: int) -> Iterator[World]:
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{folder / 'book.sqlite'}" if is_sqlite else make_schema(request.getfixturevalue("postgres"))
    book = Book(url)
    book.migrate()
    yield book, *_fill(book, count)
    book.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from _opened(request, tmp_path_factory.mktemp("small"), 60)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from _opened(request, tmp_path_factory.mktemp("large"), MANY)


def _is_wanted(case: Case, wanted: Wanted, sources: dict[str, list[str]]) -> bool:
    return (
        case.state in wanted.states
        and wanted.kind in (None, case.kind)
        and wanted.malware in (None, case.malware)
        and (wanted.source is None or wanted.source in sources[case.case])
        and (wanted.seen_since is None or case.last_at >= wanted.seen_since)
        and (wanted.opened_until is None or case.opened_at <= wanted.opened_until)
    )


def _value(case: Case, sort: Sort) -> object:
    return {Sort.SEEN: case.last_at, Sort.OPENED: case.opened_at, Sort.SIGHTINGS: case.sightings}[sort]


def _slowly(world: World, wanted: Wanted) -> list[str]:
    _, made, sources = world
    found = [case for case in made if _is_wanted(case, wanted, sources)]
    found.sort(key=lambda case: (_value(case, wanted.sort), case.case), reverse=wanted.descending)
    return [case.case for case in found]


def _maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), values)


wanted_lists = st.builds(
    Wanted,
    states=st.lists(st.sampled_from(STATES), min_size=1, unique=True).map(tuple),
    kind=_maybe(st.sampled_from((*KINDS, "nothing"))),
    malware=_maybe(st.sampled_from(MALWARE)),
    source=_maybe(st.sampled_from(SOURCES)),
    seen_since=_maybe(st.integers(0, 60).map(lambda days: AT - days * DAY)),
    opened_until=_maybe(st.integers(0, 60).map(lambda days: AT - days * DAY)),
    sort=st.sampled_from(Sort),
    descending=st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=wanted_lists, rows=st.integers(1, 9), few=st.sampled_from([0, 5_000]))
def test_pages_forth_and_back_are_what_sorting_everything_gives(
    small: World, wanted: Wanted, rows: int, few: int
) -> None:
    expected = _slowly(small, wanted)
    with pytest.MonkeyPatch.context() as patch, small[0].read() as tx:
        patch.setattr(case_list, "FEW", few)
        forth = list(pages(tx, wanted, rows))
        back, place = [], forth[-1].previous_before
        while place is not None:
            back.append(list_page(tx, wanted, before=place, rows=rows))
            place = back[-1].previous_before
        counts = count_states(tx, wanted, STATES)
    assert [case for page in forth for case in page.cases] == expected
    assert [page.cases for page in reversed(back)] == [page.cases for page in forth[:-1]]
    assert {state: len(_slowly(small, msgspec.structs.replace(wanted, states=(state,)))) for state in STATES} == counts


def test_a_page_that_nothing_is_on_has_no_neighbours(small: World) -> None:
    with small[0].read() as tx:
        page = list_page(tx, Wanted(states=STATES, kind="nothing"))
    assert (page.cases, page.next_after, page.previous_before) == ((), None, None)


def test_a_count_ends_where_nobody_pages_any_more(large: World) -> None:
    with large[0].read() as tx:
        counts = count_states(tx, Wanted(states=STATES), STATES)
    assert counts["closed"] == COUNT_MAX + 1


def test_names_in_use_are_found_without_reading_every_case(large: World) -> None:
    with large[0].read() as tx:
        assert names_in_use(tx, "kind", STATES) == sorted(KINDS)
        assert "mirai" in names_in_use(tx, "malware", STATES)
        assert len(names_in_use(tx, "malware", STATES, at_most=5)) == 5


# --- plans -------------------------------------------------------------------------------------------------------

_SAID = {
    "nothing": Wanted(states=STATES),
    "a state": Wanted(states=("open",)),
    "a kind": Wanted(states=STATES, kind=KINDS[0]),
    "a malware": Wanted(states=STATES, malware="mirai7"),
    "a kind and a malware": Wanted(states=STATES, kind=KINDS[1], malware="mirai"),
    "a source": Wanted(states=STATES, source="cert"),
    "a source, a kind and a malware": Wanted(states=STATES, source="cert", kind=KINDS[1], malware="qakbot"),
    "seen lately": Wanted(states=STATES, seen_since=AT - 3 * DAY),
    "open for long": Wanted(states=("open", "notified"), opened_until=AT - 300 * DAY),
    "all of it": Wanted(
        states=STATES, source="own", kind=KINDS[2], malware="gamut", seen_since=AT - DAY, opened_until=AT - 5 * DAY
    ),
}


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("said", list(_SAID))
def test_no_list_reads_every_case(large: World, said: str, sort: Sort) -> None:
    wanted = msgspec.structs.replace(_SAID[said], sort=sort)
    value = 4 if sort is Sort.SIGHTINGS else AT - 100 * DAY
    asked: list[str] = []
    with large[0].read() as tx, _explained(tx, asked):
        list_page(tx, wanted)
        list_page(tx, wanted, after=Place(value, "C-5"))
        list_page(tx, wanted, before=Place(value, "C-5"))
        count_states(tx, wanted, STATES)
    assert asked
    assert not [plan for plan in asked if "SCAN cases" in plan or "SCAN case_sources" in plan or "Seq Scan" in plan]


class _explained:  # noqa: N801 - reads as what it does
    """Every question asked inside is explained, and the plans kept."""

    def __init__(self, tx: sa.Connection, plans: list[str]) -> None:
        self.tx, self.plans, self.is_busy = tx, plans, False

    def __enter__(self) -> None:
        sa.event.listen(self.tx, "before_cursor_execute", self._explain)

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.tx, "before_cursor_execute", self._explain)

    def _explain(self, tx: sa.Connection, _cursor: object, text: str, values: object, *_: object) -> None:
        if not self.is_busy:
            self.is_busy = True
            how = "EXPLAIN QUERY PLAN" if tx.dialect.name == "sqlite" else "EXPLAIN"
            rows = tx.exec_driver_sql(f"{how} {text}", values).all()  # type: ignore[arg-type]
            self.plans += [str(row[-1]) for row in rows]
            self.is_busy = False
