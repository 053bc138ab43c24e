"""The same question asked the slow way: every way in which a notice could be right is tried, one after the other."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.case_world import AT, DAY, HOUR, TRUST, contract, opened, seen, verdict
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.cases.decide import Decision
from tocsin.cases.policy import Policy
from tocsin.cases.rules import Standing
from tocsin.terms.roles import Trust

POLICY = Policy(send=True, notice_age_max_days=3, rest_days=4)

# Few values, so that they meet: edges of every rule lie among them.
moments = st.builds(
    lambda days, offset: AT - days * DAY + offset,
    st.sampled_from([-1, 0, 0, 1, 1, 2, 3, 4, 6]),
    st.sampled_from([timedelta(0), timedelta(seconds=1), -timedelta(seconds=1), HOUR]),
)
sources = st.sampled_from(["own", "cert", "alice", "alice", "bob", "bob", "nobody"])
observers = st.lists(st.sampled_from(["alice", "bob", "carol", "dave"]), min_size=1, max_size=2, unique=True)


@st.composite
def days(draw: st.DrawFn) -> list[CaseDay]:
    found: dict[tuple[object, ...], CaseDay] = {}
    for _ in range(draw(st.integers(0, 6))):
        at, source = draw(moments), draw(sources)
        day = seen(
            at,
            source=source,
            role=draw(st.sampled_from(["infected", "infected", "exposed", "victim", "lead"])),
            malware=draw(st.sampled_from(["mirai", "mirai", "qakbot"])),
            account=draw(st.sampled_from([10, 10, 11])),
            log=draw(st.sampled_from(["radius", "static"])),
            observers=tuple(draw(observers)) if source in ("alice", "bob") else (source,),
        )
        found[(day.malware, day.role, day.day, day.source, day.account, day.log)] = day
    return list(found.values())


@st.composite
def contracts(draw: st.DrawFn) -> list[Contract]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        starts_at = AT - 99 * DAY if number == 0 else draw(moments)
        ends_at = draw(st.one_of(st.none(), st.none(), moments))
        found.append(
            contract(
                number=100 + number,
                subscriber=draw(st.sampled_from([1, 1, 1, 2])),
                account=draw(st.sampled_from([10, 10, 11])),
                email=draw(st.sampled_from(["asha@mail.example", "asha@mail.example", ""])),
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
    return found


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    these = draw(days())
    return Standing(
        subscriber=1,
        ref="K-1",
        cases=opened(these, at=AT, policy=Policy(quiet_days=365)),
        days=these,
        contracts=draw(contracts()),
        last_at=draw(st.one_of(st.none(), st.none(), moments)),
    )


NAMES = ["own", "cert", "alice", "bob", "nobody", "radius", "static"]
seasons = st.sets(st.sampled_from(NAMES), max_size=1).map(lambda new: set(NAMES) - new)


@settings(max_examples=1500, deadline=None)
@given(standings(), seasons, st.sets(sources, max_size=1), st.sampled_from([True, True, True, False]))
def test_the_decision_is_the_one_that_trying_everything_finds(
    these: Standing, seasoned: set[str], held: set[str], send: bool
) -> None:
    policy = Policy(send=send, notice_age_max_days=3, rest_days=4)
    found = verdict(these, policy=policy, seasoned=frozenset(seasoned), held=frozenset(held))
    expected = the_slow_way(these, seasoned, held) if send else {}
    if not expected:
        assert not isinstance(found, Decision)
        return
    assert isinstance(found, Decision)
    best = max(expected, key=lambda number: (max(d.last_at for day in expected[number].values() for d in day), -number))
    assert set(found.cases) == set(expected[best])
    assert set(found.sources) == {day.source for basis in expected[best].values() for day in basis}
    assert {t.seen_at for t in found.facts.troubles} == {max(d.last_at for d in b) for b in expected[best].values()}


def the_slow_way(these: Standing, seasoned: set[str], held: set[str]) -> dict[int, dict[str, list[CaseDay]]]:
    """By contract, by case: every day that may be rested on, where it suffices."""
    found: dict[int, dict[str, list[CaseDay]]] = {}
    if these.last_at is not None and any(these.last_at + n * timedelta(days=1) > AT for n in range(5)):
        return found
    for holder, case in product(these.contracts, these.cases):
        good = [d for d in these.days if about(d, case) and right(d, holder, these, seasoned, held)]
        strong = [d for d in good if TRUST.get(d.source) in (Trust.OWN, Trust.KNOWN)]
        pairs = [(a, b) for a, b in product(good, good) if apart(a, b)]
        if strong or pairs:
            found.setdefault(holder.number, {})[case.case] = strong or good
    return found


def about(day: CaseDay, case: Case) -> bool:
    return (day.kind, day.malware, day.role) == (case.kind, case.malware, case.role)


def right(day: CaseDay, holder: Contract, these: Standing, seasoned: set[str], held: set[str]) -> bool:
    then = [c.number for c in these.contracts if c.account == day.account and runs(c, day.last_at)]
    newer = [c for c in these.contracts if c.account == day.account and holder.starts_at < c.starts_at <= AT]
    return all(
        [
            day.role in ("infected", "attacker", "exposed"),
            AT - 3 * DAY <= day.last_at <= AT,
            these.last_at is None or day.last_at > these.last_at,
            {day.source, day.log} <= seasoned,
            day.source not in held,
            then == [holder.number],
            holder.subscriber == 1,
            holder.ends_at is None or holder.ends_at > AT,
            not newer,
            holder.email != "",
        ]
    )


def runs(holder: Contract, at: datetime) -> bool:
    return holder.starts_at <= at and (holder.ends_at is None or at < holder.ends_at)


def apart(one: CaseDay, other: CaseDay) -> bool:
    if one.source == other.source:
        return False
    for mine, theirs in product(one.observers, other.observers):
        if len({one.source, mine}) + len({other.source, theirs}) == len({one.source, mine, other.source, theirs}):
            return True
    return False
