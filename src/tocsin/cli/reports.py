"""`tocsin report`: tell each network what was seen of it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from tocsin.cli.options import data_options, json_option, now_option


@click.command("report", short_help="Tell each network's abuse contact, and each constituent, what was seen of them.")
@click.option("--send", is_flag=True, help="Keep, sign and send; without it the reports are only printed.")
@click.option("--files", type=click.Path(path_type=Path, file_okay=False), help="Write each report into this folder.")
@data_options
@now_option
@json_option
def command(
    send: bool, files: Path | None, data: Path | None, config_file: Path | None, now: datetime | None, as_json: bool
) -> int:
    """Sightings by the network responsible at that moment: one report a contact and rest, in the form that it wants.

    Who saw it is never named. Exit codes: 0 done, 1 some could not be sent, 2 could not.
    """
    from tocsin.notices.reports.compose import compose_report, unsigned
    from tocsin.notices.reports.group import Reporter
    from tocsin.pipeline.house import House
    from tocsin.pipeline.report_outbox import file_reports, send_reports
    from tocsin.pipeline.reporting import due, rests

    with House.open(config_file=config_file, data=data, now=now) as house:
        told = due(house)
        if send:
            filed = file_reports(
                house, told.groups, rest_hours=house.config.reports.rest_hours, rests=rests(house.config.reports)
            )
            carried = send_reports(house)
            sys.stderr.write(
                f"tocsin: {len(filed.kept)} reports made, {len(carried.sent)} sent, {len(filed.resting)} contacts rest,"
                f" {told.nobody} addresses whose network names nobody, {told.silent} contacts want none\n"
            )
            return 1 if carried.refused or carried.uncertain or carried.trouble else 0
        issuer = house.issuer
        reporter = Reporter(name=issuer.name, mail=issuer.mail_from)
        for group in told.groups:
            report = compose_report(group, reporter, secret=house.keys.secret, at=house.now)
            if files is not None:
                files.mkdir(parents=True, exist_ok=True)
                (files / f"{report.number}.eml").write_bytes(unsigned(report, reporter))
            elif as_json:
                _line(report.number, report.to, report.subject, len(group.offences))
            else:
                click.echo(f"To: {report.to}\nSubject: {report.subject}\n\n{report.text}")
        sys.stderr.write(
            f"tocsin: {len(told.groups)} reports; {told.nobody} addresses whose network names nobody,"
            f" {told.silent} contacts want none, {told.doubted} rows too doubtful\n"
        )
    return 0


def _line(number: str, to: str, subject: str, offences: int) -> None:
    import msgspec

    fields = {"report": number, "contact": to, "subject": subject, "offences": offences}
    sys.stdout.buffer.write(msgspec.json.encode(fields) + b"\n")
