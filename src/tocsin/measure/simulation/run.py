"""The town's days, one after another, all lines at once: nothing here loops over lines.

The same seed gives every plan the same dice on the same day for the same line, so that plans differ by what they do.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from tocsin.cases.brakes import run_trips
from tocsin.cases.followup import When
from tocsin.measure.simulation.plans import GARDEN, Plan
from tocsin.measure.simulation.records import Cases, Stays
from tocsin.measure.simulation.threats import Threat
from tocsin.measure.simulation.town import NEVER, Dice, Flags, Ints, Lines, Town
from tocsin.measure.spells import SEEN_WITHIN

_WHENS: tuple[When, ...] = ("seen", "resighted", "unread", "unreached", "still")  # the rows of _holds
_AS_MAIL = ("mail", GARDEN)  # whoever may not be enclosed gets a mail instead
START = datetime(2001, 1, 1, tzinfo=UTC)  # any moment: only the days between two count
_DAY = timedelta(days=1)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the town under one plan."""

    plan: Plan
    town: Town
    cases: Cases
    stays: Stays
    told: dict[str, int]  # notices by channel; `garden`: stays
    held_runs: int  # in which a brake stopped every notice until somebody had looked
    inside_max: int
    inside_days: int  # of all lines together
    clean_inside: int  # were clean already when they were put into the garden


class Simulation:
    """One plan in one town."""

    def __init__(self, threat: Threat, plan: Plan, town: Town) -> None:
        self.threat, self.plan, self.town = threat, plan, town
        self._dice = np.random.default_rng(town.seed)
        self.lines = Lines(town, self._dice)
        self.cases, self.stays = Cases(), Stays()
        self.told: Counter[str] = Counter()
        self.held_runs = self.inside_max = self.inside_days = self.clean_inside = 0
        self._released = False
        steps = plan.follow_up.steps
        self._encloses = np.array([step.channel == GARDEN for step in steps])
        self._by_mail = np.array([step.channel in _AS_MAIL for step in steps])
        self._after = np.array([step.after_days for step in steps], np.int32)
        self._when = np.array([_WHENS.index(step.when) for step in steps])

    def run(self) -> Done:
        """Every day of it."""
        for day in range(self.town.days):
            self._day(day)
        lines = self.lines
        self.cases.add(lines, lines.opened_on != NEVER, quiet_days=self.plan.policy.quiet_days)
        return Done(
            plan=self.plan,
            town=self.town,
            cases=self.cases,
            stays=self.stays,
            told=dict(self.told),
            held_runs=self.held_runs,
            inside_max=self.inside_max,
            inside_days=self.inside_days,
            clean_inside=self.clean_inside,
        )

    def _day(self, day: int) -> None:
        fall, alone, seen, way, stay = self._dice.random((5, self.town.subscribers), dtype=np.float32)
        self._fall_ill(fall)
        self._leave_garden(day)
        self._get_well(alone, day)
        is_blind = day in self.town.blind_days
        self._be_seen(seen, day, is_blind=is_blind)
        self._enter_garden(day, way, stay)
        if day > 0 and self.plan.policy.send:  # the first run on a source is dry
            self._take_steps(day, way)
        inside = int(self.lines.inside.sum())
        self.inside_max, self.inside_days = max(self.inside_max, inside), self.inside_days + inside

    # --- what happens to lines by itself ---------------------------------------------------------------------------

    def _fall_ill(self, dice: Dice) -> None:
        lines = self.lines
        rate = np.where(lines.was_sick, self.threat.again_a_day, self.town.new_a_day)
        fallen = ~lines.sick & (dice < rate)
        lines.sick |= fallen
        lines.was_sick |= fallen
        lines.acts_on[fallen] = NEVER

    def _get_well(self, dice: Dice, day: int) -> None:
        """By themselves, or because they did what a notice said. In the garden the stay decides."""
        lines = self.lines
        alone = lines.sick & ~lines.inside & (dice < self.threat.alone_a_day)
        lines.heal(alone | (lines.sick & ~lines.inside & (lines.acts_on == day)), day)

    def _leave_garden(self, day: int) -> None:
        lines = self.lines
        leaving = lines.inside & (lines.leaves_on == day)
        lines.inside[leaving] = False
        lines.stepped_on[leaving] = day
        lines.heal(leaving & lines.will_be_clean & lines.sick, day)

    # --- what is seen of it ----------------------------------------------------------------------------------------

    def _be_seen(self, dice: Dice, day: int, *, is_blind: bool) -> None:
        """A day counts as quiet only where something could have been seen and named: not when blind, nor inside."""
        lines, policy = self.lines, self.plan.policy
        seen = lines.sick & ~lines.inside & (dice < self.town.seen_a_day)
        if is_blind:
            seen[:] = False
        else:
            lines.quiet_days += ~lines.inside
            lines.clean_on[(lines.quiet_days == 1) & ~lines.inside] = day - 1
        lines.quiet_days[seen] = 0
        lines.seen_on[seen] = day
        closed = (lines.opened_on != NEVER) & (lines.quiet_days > policy.quiet_days + policy.close_days)
        self.cases.add(lines, closed, quiet_days=policy.quiet_days)
        lines.forget_case(closed)
        lines.opened_on[seen & (lines.opened_on == NEVER)] = day

    # --- what is done about it -------------------------------------------------------------------------------------

    def _take_steps(self, day: int, way: Dice) -> None:
        lines, policy, last = self.lines, self.plan.policy, len(self.plan.follow_up.steps) - 1
        step = np.minimum(lines.step, last)
        before = np.where(lines.stepped_on == NEVER, lines.opened_on, lines.stepped_on)
        due = (lines.opened_on != NEVER) & (day - lines.seen_on <= policy.notice_age_max_days)
        due &= ~lines.inside & (lines.enters_on == NEVER) & (day - before >= self._after[step])
        due &= self._holds()[self._when[step], np.arange(self.town.subscribers)]
        into_garden = due & self._encloses[step] & ~lines.excluded
        rested = (lines.told_on == NEVER) | (day - lines.told_on >= policy.rest_days)
        self._tell(due & ~into_garden & rested, step, day, way)
        self._ask_garden(into_garden, day)

    def _holds(self) -> Flags:
        """A row for each of _WHENS, a column a line: whether that condition holds today; see cases/followup.py."""
        lines = self.lines
        nobody = (lines.reached_on == NEVER) & (lines.garden_on == NEVER)
        return np.stack(
            (
                np.ones(self.town.subscribers, np.bool_),
                (lines.seen_on > lines.stepped_on) | nobody,
                ~(lines.confirms & (lines.reached_on != NEVER)),
                lines.last_failed,
                lines.quiet_days <= self.plan.policy.quiet_days,
            )
        )

    def _tell(self, those: Flags, step: Ints, day: int, way: Dice) -> None:
        """Notices, unless a brake holds the run: then somebody looks, and the next run goes."""
        lines, count = self.lines, int(those.sum())
        trips = run_trips(count, self.town.subscribers, at=START + day * _DAY, policy=self.plan.policy)
        if trips and not self._released:
            self._released, self.held_runs = True, self.held_runs + 1
            return
        self._released = self._released and not trips
        for place, each in enumerate(self.plan.follow_up.steps):
            channel = "mail" if each.channel == GARDEN else each.channel
            self.told[channel] += int((those & (step == place)).sum())
        mailed = those & lines.bounces & self._by_mail[step]
        arrived = those & ~mailed
        lines.bounced_on[mailed & (lines.bounced_on == NEVER)] = day
        lines.reached_on[arrived & (lines.reached_on == NEVER)] = day
        lines.told_on[those] = lines.stepped_on[those] = day
        lines.step[those] += 1
        lines.last_failed[those] = mailed[those]
        acting = arrived & lines.sick & (lines.heed < self.threat.told) & (lines.acts_on == NEVER)
        lines.acts_on[acting] = day + _geometric(way[acting], self.threat.told_mean_days)

    def _ask_garden(self, those: Flags, day: int) -> None:
        """At most so many at once, those who were seen first; a line's first stay waits for a person."""
        lines, bounds = self.lines, self.plan.garden
        taken = int((lines.inside | (lines.enters_on != NEVER)).sum())
        room = max(int(bounds.share_max * self.town.subscribers) - taken, 0)
        asked = np.flatnonzero(those)
        chosen = asked[np.argsort(lines.opened_on[asked], kind="stable")][:room]
        wait = np.where(lines.stays[chosen] == 0, max(bounds.approval_days, 1), 1)
        lines.enters_on[chosen] = day + wait
        lines.step[chosen] += 1
        lines.stepped_on[chosen] = day
        lines.last_failed[chosen] = False

    def _enter_garden(self, day: int, way: Dice, stay: Dice) -> None:
        lines, threat, bounds = self.lines, self.threat, self.plan.garden
        entering = lines.enters_on == day
        lines.enters_on[entering] = NEVER
        lines.inside |= entering
        lines.stays[entering] += 1
        lines.quiet_days[entering & (lines.quiet_days < SEEN_WITHIN / _DAY)] = 0  # the door may hide what it still is
        self.told[GARDEN] += int(entering.sum())
        self.clean_inside += int((entering & ~lines.sick).sum())
        lines.garden_on[entering & (lines.garden_on == NEVER)] = day
        may_leave = lines.stays <= bounds.self_releases
        edges = np.cumsum([each.share for each in threat.ways])
        first = edges[0]
        scaled = np.where(may_leave, way, first + way * (edges[-1] - first))  # without a way of one's own, the others
        taken = np.minimum(np.searchsorted(edges, scaled), len(threat.ways) - 1).astype(np.int32)
        for number, each in enumerate(threat.ways):
            mine = entering & (taken == number)
            clean = np.where(lines.stays == 1, each.clean_first, each.clean_later)
            lines.way[mine] = number
            lines.will_be_clean[mine] = stay[mine] < clean[mine]
            lines.leaves_on[mine] = day + _staying(way[mine], each.mean_days, bounds.days_max)
        self.stays.add(lines, entering, day)


def simulate(threat: Threat, plan: Plan, town: Town) -> Done:
    """Run it. What is out of bounds has been refused when `plan` and `town` were made."""
    return Simulation(threat, plan, town).run()


def _staying(dice: Dice, mean_days: float, days_max: int) -> Ints:
    if not mean_days:
        return np.full(len(dice), days_max, np.int32)
    return np.minimum(_geometric(dice, mean_days), days_max).astype(np.int32)


def _geometric(dice: Dice, mean_days: float) -> Ints:
    """Whole days, at least one, of that mean; from dice that another question used in its own order of magnitude."""
    if mean_days <= 1:
        return np.ones(len(dice), np.int32)
    fresh = (dice.astype(np.float64) * 9973.0) % 1.0  # the digits behind those that decided the way
    days: Ints = (1 + np.floor(np.log1p(-fresh) / np.log1p(-1 / mean_days))).astype(np.int32)
    return days
