"""Whom no policy ever encloses: property by property, whatever else is true."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.case_world import AT, DAY, contract, opened, seen
from tocsin.cases.garden_rules import Bar, Suspect, judge
from tocsin.cases.moves import State
from tocsin.terms.roles import Trust

CASE = opened([seen()])[0]
contracts = st.builds(
    contract,
    line_kind=st.sampled_from(["private", "business", None]),
    care_alarm=st.sampled_from([True, False, None]),
    medical=st.sampled_from([True, False, None]),
)
suspects = st.builds(
    Suspect,
    case=st.sampled_from(list(State)).map(lambda state: msgspec.structs.replace(CASE, state=state)),
    days=st.just([seen()]) | st.just([seen(AT - 8 * DAY)]),
    trust=st.lists(st.sampled_from(list(Trust)), max_size=3).map(tuple),
    contract=st.none() | contracts,
    is_on=st.booleans(),
    sending=st.booleans(),
    told=st.integers(0, 3),
    in_garden=st.booleans(),
    been_by_person=st.booleans(),
    inside=st.integers(0, 5),
    inside_max=st.integers(0, 5),
    age_max=st.just(7 * DAY),
    at=st.just(AT),
)
HARMLESS = Suspect(
    case=msgspec.structs.replace(CASE, state=State.RESIGHTED),
    days=[seen()],
    trust=(Trust.OWN, Trust.KNOWN),
    contract=contract(line_kind="private", care_alarm=False, medical=False),
    is_on=True,
    sending=True,
    told=1,
    in_garden=False,
    been_by_person=True,
    inside=0,
    inside_max=1,
    age_max=7 * DAY,
    at=AT,
)


def test_a_line_of_which_all_is_known_and_harmless_may_be_enclosed() -> None:
    assert judge(HARMLESS).bar is None


@given(suspects)
def test_nobody_is_ever_enclosed_on_a_strangers_word(suspect: Suspect) -> None:
    if not suspect.trust or Trust.STRANGER in suspect.trust:
        assert judge(suspect).bar is Bar.FORBIDDEN


@given(suspects)
def test_nobody_is_enclosed_for_what_was_seen_too_long_ago(suspect: Suspect) -> None:
    if AT - suspect.days[-1].last_at > suspect.age_max:
        assert judge(suspect).bar is Bar.FORBIDDEN


@given(suspects)
def test_a_line_that_is_excluded_or_unknown_is_never_enclosed_automatically(suspect: Suspect) -> None:
    line = suspect.contract
    known = line is not None and (line.line_kind, line.care_alarm, line.medical) == ("private", False, False)
    if not known:
        assert judge(suspect).bar is not None


@given(suspects)
def test_never_more_than_the_share(suspect: Suspect) -> None:
    if suspect.inside >= suspect.inside_max:
        assert judge(suspect).bar in (Bar.FORBIDDEN, Bar.FULL)


@given(suspects)
def test_the_first_time_a_person_decides(suspect: Suspect) -> None:
    if not suspect.been_by_person:
        assert judge(suspect).bar is not None


@given(suspects)
def test_nobody_is_enclosed_who_was_not_told_or_who_objects(suspect: Suspect) -> None:
    if suspect.told == 0 or suspect.case.state in (State.OBJECTED, State.HELD, State.FALSE, State.CLOSED):
        assert judge(suspect).bar is Bar.FORBIDDEN


@given(suspects)
def test_what_may_be_enclosed_without_asking_passes_every_rule(suspect: Suspect) -> None:
    if judge(suspect).bar is None:
        assert suspect.is_on
        assert suspect.sending
        assert suspect.trust
        assert set(suspect.trust) <= {Trust.OWN, Trust.KNOWN}
        assert suspect.inside < suspect.inside_max
        assert suspect.been_by_person
