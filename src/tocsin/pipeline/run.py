"""The order of the steps: everything configured, one step on. Each step can be repeated without harm."""

from __future__ import annotations

from datetime import date

import msgspec

from tocsin.attribution.bindings.coverage import make_coverage
from tocsin.attribution.bindings.fold import Rules, UsualLines, fold_days
from tocsin.attribution.resolve import attribute_days
from tocsin.book import runs
from tocsin.book.contracts import line_columns
from tocsin.cases.control import control_at
from tocsin.cases.delivered import note_delivered
from tocsin.cases.groups import group_days
from tocsin.cases.line_days import note_line_days
from tocsin.cases.mix import count_sources
from tocsin.cases.outbox import follow_all
from tocsin.cases.plan import Plan, plan_notices, take
from tocsin.lake import UNDATED
from tocsin.pipeline.house import House
from tocsin.pipeline.intake import Came, read_contracts, read_logs, read_prefixes, read_sources
from tocsin.pipeline.judging import Refusal
from tocsin.pipeline.outbox import NOTHING_SENT, Sent, send_notices
from tocsin.pipeline.post import NOTHING_CAME, Post, fetch_post
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.tally import tally


class Attributed(msgspec.Struct, frozen=True, kw_only=True):
    """The days that were made again."""

    folded: tuple[date, ...]
    attributed: tuple[date, ...]


class Notified(msgspec.Struct, frozen=True, kw_only=True):
    """What became of this run's notices."""

    decided: int
    withheld: dict[str, int]  # subscribers, by reason
    passed: int  # steps of a policy that can reach nobody, when the run began
    enclosures: int  # steps that ask for the garden; its rules decide
    holds: tuple[str, ...]  # brakes that stand: what they say
    sent: tuple[str, ...]
    refused: tuple[Refusal, ...]
    uncertain: tuple[str, ...]
    bounced: tuple[Refusal, ...] = ()
    waiting: int = 0  # queued, and not due or not reached yet
    trouble: str = ""  # why the way out is closed


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one run did."""

    came: tuple[Came, ...]
    attributed: Attributed
    cases: dict[str, int]  # cases changed in this run, by the state they moved to
    notified: Notified
    post: Post = NOTHING_CAME


def run(house: House, progress: Progress) -> Report:
    """Take everything one step on, and note that the run reached its end."""
    came = read_all(house, progress)
    attributed = attribute(house, progress)
    progress.step("fetching what came back")
    post = fetch_post(house)
    cases = follow(house, progress)
    notified = decide(house, progress)
    report = Report(came=tuple(came), attributed=attributed, cases=cases, notified=notified, post=post)
    with house.book.write() as tx:
        runs.finish(tx, house.now, runs.summary_of(tx, house.now))
    return report


def read_all(house: House, progress: Progress) -> list[Came]:
    """Contracts first, so that a log's accounts are theirs; then prefixes, logs, evidence."""
    progress.step("reading")
    return [
        *read_contracts(house),
        *read_prefixes(house, progress),
        *read_logs(house, progress),
        *read_sources(house, progress),
    ]


def attribute(house: House, progress: Progress) -> Attributed:
    """Fold the bindings, find what the logs cover, and answer every sighting whose answer may have changed."""
    progress.step("folding bindings")
    lake, config = house.lake, house.config
    days = sorted({*lake.days("lease_events"), *lake.days("sightings"), house.now.date()} - {UNDATED})
    rules = Rules(session_days=config.provider.session_days, lines_share_accounts=config.provider.lines_share_accounts)
    with lake.writing("bindings", "coverage") as writing:
        folded = fold_days(writing, days, config.logs, at=house.now, rules=rules, usual=usual_lines(house))
        make_coverage(writing, config.logs, at=house.now)
    progress.step("attributing")
    with lake.writing("attributions") as writing:
        redone = attribute_days(lake, writing, config.attribution(), at=house.now)
    tally(lake)
    return Attributed(folded=tuple(each.day for each in folded if each.anew), attributed=tuple(redone))


def usual_lines(house: House) -> UsualLines:
    """What the contracts say of each account's line."""
    with house.book.read() as tx:
        accounts, lines, starts_at, ends_at = line_columns(tx)
    return UsualLines(accounts=accounts, lines=lines, starts_at=starts_at, ends_at=ends_at)


def follow(house: House, progress: Progress) -> dict[str, int]:
    """Cases, from the days that were attributed anew."""
    progress.step("following cases")
    group_days(house.lake)
    note_delivered(house.lake)
    note_line_days(house.lake, house.config.attribution(), at=house.now)
    states: dict[str, int] = {}
    for change in follow_all(house.book, at=house.now, policy=house.config.notices):
        states[change.after.state] = states.get(change.after.state, 0) + 1
    return states


def notify(house: House, progress: Progress) -> Notified:
    """Decide and send, once answers and cases say what has been read by now: a late line may have moved a case."""
    attribute(house, progress)
    follow(house, progress)
    return decide(house, progress)


def decide(house: House, progress: Progress) -> Notified:
    """Decide, write the decisions down, send what may leave."""
    progress.step("deciding")
    count_sources(house.lake)
    plan = _plan(house)
    decided = take(house.book, plan)
    progress.step("sending")
    sent = send_notices(house) if house.config.notices.send else NOTHING_SENT
    return _notified(plan, len(decided), sent)


def preview(house: House) -> Notified:
    """What `notify` would decide now from the cases as the last step left them. Changes nothing."""
    plan = _plan(house)
    return _notified(plan, len(plan.decisions), NOTHING_SENT)


def _plan(house: House) -> Plan:
    config = house.config
    return plan_notices(
        house.book,
        at=house.now,
        policy=config.notices,
        sender=house.sender,
        trust=config.trust(),
        titles=config.titles(),
        control=control_at(config.measure.control, house.keys.secret, house.now),
        ways=config.ways(),
    )


def _notified(plan: Plan, decided: int, sent: Sent) -> Notified:
    return Notified(
        decided=decided,
        withheld={str(reason): count for reason, count in sorted(plan.reasons().items())},
        passed=len(plan.passed),
        enclosures=len(plan.enclosures),
        holds=tuple(hold.reason for hold in (*plan.waiting, *plan.holds)),
        sent=sent.sent,
        refused=sent.refused,
        uncertain=sent.uncertain,
        bounced=sent.bounced,
        waiting=sent.waiting,
        trouble=sent.trouble,
    )
