"""`tocsin report`: tell each network what was seen of it; see what became of what was told."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.options import data_options, json_option, now_option, reason_option

if TYPE_CHECKING:
    from tocsin.pipeline.house import House


@click.command("report", short_help="Tell each network's abuse contact, and each constituent, what was seen of them.")
@click.option("--send", is_flag=True, help="Keep, sign and send; without it the reports are only printed.")
@click.option("--files", type=click.Path(path_type=Path, file_okay=False), help="Write each report into this folder.")
@click.option("--list", "is_list", is_flag=True, help="The reports that were kept, and what came back about them.")
@click.option("--show", metavar="R-…", help="One report, with the replies and bounces that were filed with it.")
@click.option("--resolve", nargs=2, metavar="R-… sent|again|never", help="Say what became of a report in doubt.")
@click.option("--revive", metavar="CONTACT", help="Say, with --reason, that a dead contact takes mail again.")
@click.option("--scorecard", is_flag=True, help="How each network fares that is reported to, the worst first.")
@click.option("--days", default=30, show_default=True, help="With --scorecard: of so many days (at most 30).")
@reason_option
@data_options
@now_option
@json_option
def command(
    send: bool,
    files: Path | None,
    is_list: bool,
    show: str | None,
    resolve: tuple[str, str] | None,
    revive: str | None,
    scorecard: bool,
    days: int,
    reason: str,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Sightings by the network responsible at that moment: one report a contact and rest, in the form that it wants.

    Who saw it is never named. Exit codes: 0 done, 1 some could not be sent, 2 could not.
    """
    from tocsin.cli.reports_screen import print_listed, print_scorecard, print_shown
    from tocsin.pipeline import report_post
    from tocsin.pipeline.house import House

    if sum(map(bool, (send, files, is_list, show, resolve, revive, scorecard))) > 1:
        what = "--send, --files, --list, --show, --resolve, --revive and --scorecard"
        raise click.UsageError(f"{what} exclude each other")
    with House.open(config_file=config_file, data=data, now=now) as house:
        if is_list:
            print_listed(report_post.listed(house), report_post.dead_contacts(house), as_json=as_json)
        elif show:
            print_shown(*report_post.shown(house, show), as_json=as_json)
        elif resolve:
            report_post.resolve(house, *resolve, reason=reason)
        elif revive:
            report_post.revive(house, revive, reason=reason)
        elif scorecard:
            print_scorecard(house, days, as_json=as_json)
        elif send:
            return _send(house)
        else:
            _print(house, files, as_json)
    return 0


def _send(house: House) -> int:
    from tocsin.pipeline.report_filing import file_reports
    from tocsin.pipeline.report_outbox import send_reports
    from tocsin.pipeline.reporting import due, rests

    section = house.config.reports
    with due(house) as told:
        filed = file_reports(house, told.groups(), rest_hours=section.rest_hours, rests=rests(section))
    carried = send_reports(house)
    sys.stderr.write(
        f"tocsin: {len(filed.kept)} reports made, {len(carried.sent)} sent, {len(filed.resting)} contacts rest,"
        f" {told.nobody} addresses whose network names nobody, {told.silent} contacts want none\n"
    )
    for contact in filed.dead:
        sys.stderr.write(f"tocsin: every report to {contact} comes back; name another, or `tocsin report --revive`\n")
    for contact, why in filed.held:
        sys.stderr.write(f"tocsin: the report to {contact} is held: {why}\n")
    is_short = carried.refused or carried.uncertain or carried.trouble or filed.dead or filed.held
    return 1 if is_short else 0


def _print(house: House, files: Path | None, as_json: bool) -> None:
    """What there is to tell, as it would leave; nothing is kept."""
    from tocsin.notices.reports.compose import compose_report
    from tocsin.notices.reports.group import Reporter
    from tocsin.notices.reports.mail import unsigned
    from tocsin.pipeline.reporting import due

    reporter = Reporter(name=house.issuer.name, mail=house.issuer.mail_from)
    reports = 0
    with due(house) as told:
        for group in told.groups():
            reports += 1
            report = compose_report(group, reporter, secret=house.keys.secret, at=house.now)
            if files is not None:
                files.mkdir(parents=True, exist_ok=True)
                (files / f"{report.number}.eml").write_bytes(unsigned(report, reporter))
            elif as_json:
                _line(report.number, report.to, report.subject, len(group.offences))
            else:
                click.echo(f"To: {report.to}\nSubject: {report.subject}\n\n{report.text}")
    sys.stderr.write(
        f"tocsin: {reports} reports; {told.nobody} addresses whose network names nobody,"
        f" {told.silent} contacts want none, {told.doubted} rows too doubtful,"
        f" {told.marked} marked above what their contact may read (TLP), {told.slight} too slight for theirs"
        + (f", {told.cut} rows of addresses with too many\n" if told.cut else "\n")
    )


def _line(number: str, to: str, subject: str, offences: int) -> None:
    import msgspec

    fields = {"report": number, "contact": to, "subject": subject, "offences": offences}
    sys.stdout.buffer.write(msgspec.json.encode(fields) + b"\n")
