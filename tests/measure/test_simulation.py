"""A town under a policy reproduces what others measured, and the house's own measuring finds what is true of it.

Which of these numbers were put in and which come out: docs/measure.md.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from tests.cli.test_followup_config import HEAD
from tocsin.cases.followup import FollowUp, Step
from tocsin.cases.policy import Policy
from tocsin.cli.main import tocsin
from tocsin.measure import published
from tocsin.measure.lives import Lives
from tocsin.measure.published import Published
from tocsin.measure.report import report
from tocsin.measure.simulation.compare import compare, horizon_of, result_table
from tocsin.measure.simulation.plans import NAME_MAX, Garden, plans_of
from tocsin.measure.simulation.run import Done, simulate
from tocsin.measure.simulation.threats import THREATS
from tocsin.measure.simulation.town import DAYS_MAX, DAYS_MIN, SUBSCRIBERS_MAX, Town
from tocsin.measure.survival import estimate
from tocsin.terms.errors import BadRequest

MIRAI, PC = THREATS["mirai"], THREATS["pc-malware"]
PLANS = plans_of(Policy())
SEEDS = (1, 2, 3)  # a seed is a town; the figures hold in each of them
SMALL = Town(subscribers=20_000, sick_share=0.02)


def clean_at_14(done: Done) -> float:
    at = estimate("x", done.cases.measured(horizon_of(done))).at(14)
    assert at is not None
    return 1 - at.share


def within(value: float, figure: Published) -> bool:
    return figure.low <= value <= figure.high


# --- what others measured ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_ndss_2019_as_many_get_well_by_themselves(seed: int) -> None:
    assert within(clean_at_14(simulate(MIRAI, PLANS["nobody is told"], Town(seed=seed))), published.MIRAI_ALONE)


@pytest.mark.parametrize("seed", SEEDS)
def test_ndss_2019_a_mail_is_the_control_group(seed: int) -> None:
    town = Town(seed=seed)
    mail, nobody = (clean_at_14(simulate(MIRAI, PLANS[name], town)) for name in ("mail", "nobody is told"))
    assert abs(mail - nobody) < 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_ndss_2019_the_garden_cleans_nine_in_ten_with_soups_2018s_ways_out(seed: int) -> None:
    """Nothing of this figure was put in: it follows from those who get well alone and from the other study's stays."""
    done = simulate(MIRAI, PLANS["garden at once"], Town(seed=seed))
    assert within(clean_at_14(done), published.MIRAI_GARDEN)


@pytest.mark.parametrize("seed", SEEDS)
def test_soups_2018_ways_out_and_what_they_are_worth(seed: int) -> None:
    done = simulate(PC, PLANS["garden at once"], Town(seed=seed, sick_share=0.02))
    until = horizon_of(done)
    for found, figure in (
        (done.stays.way_share(0), published.SELF_RELEASE),
        (done.stays.way_share(1), published.BY_SUPPORT),
        (done.stays.way_share(2), published.BY_ITSELF),
        (done.stays.clean_share(0, stay=1, until=until), published.FIRST_RELEASE),
        (done.stays.clean_share(0, stay=2, until=until), published.SECOND_RELEASE),
    ):
        assert within(found[0] / found[1], figure), (figure.what, found)


@pytest.mark.parametrize("seed", SEEDS)
def test_soups_2018_as_many_stays_a_customer(seed: int) -> None:
    """Nothing of this figure was put in either."""
    done = simulate(PC, PLANS["garden at once"], Town(seed=seed, sick_share=0.02))
    assert within(done.stays.each(), published.STAYS_EACH)


# --- what is measured is true --------------------------------------------------------------------------------------


@pytest.mark.parametrize("threat", THREATS.values(), ids=lambda threat: threat.name)
@pytest.mark.parametrize("name", ["nobody is told", "mail"])
def test_the_last_sighting_tells_when_a_line_was_clean(name: str, threat: object) -> None:
    """Within three points: a line is clean up to a few days after it was last seen."""
    done = simulate(threat, PLANS[name], Town(sick_share=0.02))  # type: ignore[arg-type]
    until = horizon_of(done)
    seen, true = (estimate("x", times).at(14) for times in (done.cases.measured(until), done.cases.true(until)))
    assert seen is not None
    assert true is not None
    assert seen.share <= true.share + 0.005
    assert true.share - seen.share < 0.05


def test_a_dead_sinkhole_cures_nobody() -> None:
    """Three weeks without a source: by days of the calendar all would be quiet. Nobody is said to be clean in them."""
    blind = tuple(range(10, 31))
    town = Town(sick_share=0.02, new_a_day=0.0, blind_days=blind, days=70)
    done = simulate(PC, PLANS["nobody is told"], town)
    curve, whole = (
        estimate("x", simulate(PC, PLANS["nobody is told"], each).cases.measured(horizon_of(done)))
        for each in (town, msgspec.structs.replace(town, blind_days=()))
    )
    before, within_it, after = ((curve.at(day), whole.at(day)) for day in (4, 24, 34))
    assert before[0] is not None
    assert before[1] is not None
    assert before[0].share == pytest.approx(before[1].share, abs=0.01)
    assert within_it[0] is not None
    assert within_it[1] is not None
    assert within_it[0].share > within_it[1].share + 0.1
    assert after[0] is not None
    assert after[1] is not None
    assert after[0].share == pytest.approx(after[1].share, abs=0.05)


def test_the_houses_own_report_reads_the_towns_cases() -> None:
    done = simulate(MIRAI, PLANS["mail"], SMALL)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    day = datetime(2026, 1, 2, tzinfo=UTC) - start
    horizon = start + horizon_of(done) * day
    lives = Lives(tuple(done.cases.lives(start, "mirai")), {})
    found = report(lives, at=start + SMALL.days * day, since=start, horizon=horizon)
    chart = next(chart for chart in found.charts if chart.name == "mirai")
    told = next(curve for curve in chart.curves if curve.name == "with a notice")
    assert told.subjects > 250
    at = told.at(14)
    assert at is not None
    assert published.MIRAI_ALONE.low <= 1 - at.low  # its band and theirs have something in common
    assert 1 - at.high <= published.MIRAI_ALONE.high
    assert found.baseline["bounced"] > 5  # whose address takes no mail: a baseline that nobody had to be left out for


# --- rules hold in the town ------------------------------------------------------------------------------------------


def test_the_same_seed_is_the_same_town_and_another_is_another() -> None:
    def rows(seed: int) -> list[list[int]]:
        done = simulate(MIRAI, PLANS["garden at once"], msgspec.structs.replace(SMALL, seed=seed))
        return [done.cases.column(name).tolist() for name in ("line", "opened_on", "seen_on", "garden_on")]

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_never_more_in_the_garden_than_its_share_and_nobody_excluded() -> None:
    plan = msgspec.structs.replace(PLANS["garden at once"], garden=Garden(share_max=0.002))
    done = simulate(PC, plan, SMALL)
    assert 30 < done.inside_max <= 40
    everybody = msgspec.structs.replace(SMALL, excluded_share=1.0)
    assert simulate(PC, plan, everybody).told["garden"] == 0


def test_the_garden_opens_by_itself() -> None:
    plan = msgspec.structs.replace(PLANS["garden at once"], garden=Garden(days_max=5))
    done = simulate(PC, plan, SMALL)
    stayed = done.stays.column("left_on") - done.stays.column("entered_on")
    assert int(stayed.max()) == 5


def test_only_a_clerk_lets_out_the_third_time() -> None:
    done = simulate(PC, PLANS["garden at once"], Town(sick_share=0.05))
    way, stay = done.stays.column("way"), done.stays.column("stay")
    assert int((stay >= 3).sum()) > 20
    assert int(((stay >= 3) & (way == 0)).sum()) == 0


def test_a_rest_is_kept_and_the_real_brakes_hold() -> None:
    rested = simulate(MIRAI, PLANS["mail"], SMALL)
    eager = FollowUp(steps=(Step(channel="mail", when="seen"), Step(channel="mail")))
    free = [plans_of(Policy(share_max=1.0, rest_days=days), [eager])["yours: *"] for days in (7, 1)]
    weekly, daily = (simulate(MIRAI, plan, SMALL).told["mail"] for plan in free)
    assert daily > 3 * weekly
    assert rested.held_runs >= 1  # some 380 notices at once are more than a hundredth of 20,000
    assert simulate(MIRAI, plans_of(Policy(share_max=0.05))["mail"], SMALL).held_runs == 0


def test_the_first_day_is_dry_and_nobody_is_told_where_sending_is_off() -> None:
    done = simulate(MIRAI, PLANS["mail"], SMALL)
    reached = done.cases.column("reached_on")
    assert int(reached[reached >= 0].min()) >= 1
    assert sum(simulate(MIRAI, PLANS["nobody is told"], SMALL).told.values()) == 0


def test_what_is_out_of_bounds_is_refused() -> None:
    for fields in (
        {"subscribers": 0},
        {"subscribers": SUBSCRIBERS_MAX + 1},
        {"days": DAYS_MIN - 1},
        {"days": DAYS_MAX + 1},
        {"seen_a_day": 1.01},
    ):
        with pytest.raises(BadRequest):
            Town(**fields)


def test_a_town_without_trouble_has_nothing_to_say() -> None:
    found = compare(MIRAI, PLANS.values(), Town(subscribers=100, sick_share=0.0, new_a_day=0.0))
    assert [row[1:4] for row in result_table(found).rows] == [("0", "\N{EN DASH}", "\N{EN DASH}")] * len(PLANS)
    assert found.chart.compared == ()


def test_plans_meet_the_same_dice() -> None:
    """Until something is done, the same lines fall ill on the same days under every plan."""
    first = [simulate(MIRAI, plan, SMALL).cases for plan in (PLANS["mail"], PLANS["nobody is told"])]
    opened = [np.sort(cases.column("line")[cases.column("opened_on") == 0]).tolist() for cases in first]
    assert opened[0] == opened[1]
    assert len(opened[0]) > 200


def _own(*steps: Step) -> Done:
    follow_up = FollowUp(kinds=("infected-system",), steps=(Step(channel="mail", when="seen"), *steps))
    (plan,) = [plan for plan in plans_of(Policy(share_max=1.0), [follow_up]).values() if plan.name.startswith("yours")]
    return simulate(PC, plan, SMALL)


def test_ones_own_steps_are_taken_by_their_conditions() -> None:
    """Twenty thousand lines, four hundred ill: 3 % of mails come back, a fifth of the rest show that they have it."""
    first = _own(Step(channel="letter", after_days=3, when="unreached"), Step(channel="call", after_days=300))
    mailed = first.told["mail"]
    assert first.told["letter"] / mailed == pytest.approx(0.03, abs=0.02)
    unread = _own(Step(channel="sms", after_days=7, when="unread"), Step(channel="call", after_days=300))
    seen = _own(Step(channel="sms", after_days=7), Step(channel="call", after_days=300))
    assert unread.told["sms"] / unread.told["mail"] < 0.82
    assert seen.told["sms"] / seen.told["mail"] > 0.70
    assert sum(first.told.get(channel, 0) for channel in ("sms", "garden", "call")) == 0


def test_a_plans_name_is_bounded() -> None:
    long = FollowUp(kinds=("x" * 50,), steps=(Step(channel="mail", when="seen"),))
    assert max(len(name) for name in plans_of(Policy(), [long])) == NAME_MAX


def test_the_verb_takes_the_configurations_own_policies_and_garden(tmp_path: Path) -> None:
    steps = '[{ channel = "mail", when = "seen" }, { channel = "garden", after_days = 1 }]'
    nas = '[[garden.nas]]\nname = "all"\nvia = "command"\ncommand = ["/usr/local/bin/garden"]\n'
    text = f'{HEAD}[garden]\nshare_max = 0.0005\n{nas}[[followup]]\nkinds = ["infected-system"]\nsteps = {steps}\n'
    (tmp_path / "tocsin.toml").write_text(text, encoding="utf-8")
    asked = ["simulate", "--config", str(tmp_path / "tocsin.toml"), "--subscribers", "20000", "--days", "30", "--json"]
    result = CliRunner().invoke(tocsin, asked)
    assert result.exit_code == 0, result.output
    found = {line["plan"]: line for line in map(json.loads, result.output.splitlines())}
    assert 0 < found["yours: infected-system"]["inside_max"] <= 10
