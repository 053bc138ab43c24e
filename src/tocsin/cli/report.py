"""What a run did, as a table a person reads."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tocsin.pipeline.intake import Came
from tocsin.pipeline.post import Post
from tocsin.pipeline.run import Notified, Report


def exit_code(report: Report) -> int:
    """1 when something was rejected or refused, else 0."""
    faults = sum(came.rejects for came in report.came)
    return (
        1
        if faults or report.post.trouble or fell_short(report.notified) or any(came.error for came in report.came)
        else 0
    )


def fell_short(notified: Notified) -> bool:
    """Whether something that should have left did not."""
    return bool(notified.refused or notified.bounced or notified.trouble)


def print_report(report: Report) -> None:
    print_came(report.came)
    attributed = report.attributed
    click.echo(f"  days folded {len(attributed.folded)} · days attributed {len(attributed.attributed)}")
    if report.cases:
        click.echo("  cases: " + " · ".join(f"{count} {state}" for state, count in sorted(report.cases.items())))
    print_post(report.post)
    print_notified(report.notified)


def print_post(post: Post) -> None:
    """What came back; nothing where nothing did."""
    if post.bounces or post.replies or post.automatic or post.feedback:
        by_people = f"{post.replies} replies · {post.feedback} complaints"
        click.echo(f"  came back: {post.bounces} bounces · {by_people} · {post.automatic} by machines")
    for notice in post.bounced:
        click.secho(f"  bounced {notice}: nobody has read it", fg="red")
    for contact in post.dead_contacts:
        click.secho(
            f"  reports to {contact} all come back: name another contact, or `tocsin report --revive`", fg="red"
        )
    if post.trouble:
        click.secho(f"  {post.trouble}", fg="red")


def print_notified(notified: Notified) -> None:
    """Decisions, and what stood in their way."""
    for reason, count in notified.withheld.items():
        click.echo(f"  no notice for {count} subscribers: {reason}")
    if notified.passed:
        click.echo(f"  steps passed over, since they can reach nobody {notified.passed}: each is told in its case")
    if notified.enclosures:
        click.echo(
            f"  steps that ask for the garden {notified.enclosures}: `tocsin garden list` says which wait for a person"
        )
    for hold in notified.holds:
        click.secho(f"  HELD: {hold} — `tocsin notify --release` when you have looked", fg="yellow")
    for refusal in notified.refused:
        click.secho(f"  refused {refusal.notice}: {refusal.reason}", fg="red")
    for refusal in notified.bounced:
        click.secho(f"  bounced {refusal.notice}: {refusal.reason}", fg="red")
    for notice in notified.uncertain:
        click.secho(
            f"  uncertain: {notice} may have left; `tocsin notify --resolve {notice} sent|again|never`", fg="yellow"
        )
    if notified.trouble:
        click.secho(f"  not delivered: {notified.trouble}", fg="red")
    if notified.waiting:
        click.echo(f"  waiting to be delivered {notified.waiting}")
    click.secho(f"  notices decided {notified.decided} · sent {len(notified.sent)}", bold=True)


def print_came(all_came: Sequence[Came]) -> None:
    """One line for each file that was new; what had been read before is not worth one."""
    new = [came for came in all_came if not came.already]
    if not new:
        click.echo("  nothing new has come in")
        return
    for came in new:
        if came.error:
            click.secho(f"  {came.name}: {came.error}", fg="red")
            continue
        rejects = f" · {came.rejects:,} rejects" if came.rejects else ""
        pieces = f" · {came.pieces:,} seen before" if came.pieces else ""
        click.echo(f"  {came.of:12} {came.name:44} {came.records:>9,} new{pieces}{rejects}")
        for warning in came.warnings:
            click.secho(f"    {warning}", fg="yellow")
