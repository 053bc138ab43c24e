"""What `tocsin watch` says to a person: a line a host, and what could not be used."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tocsin.engine import Engine, read_sql
from tocsin.notices.reports.compose import Report
from tocsin.notices.reports.group import Reporter
from tocsin.notices.reports.words import kind_words
from tocsin.pipeline.report_filing import Filed
from tocsin.pipeline.report_outbox import Carried
from tocsin.pipeline.watch_report import Unknown
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment
from tocsin.witness.judge import Row
from tocsin.witness.watch import Read

HOSTS_MAX = 200
PARTS_MAX = 3
UNKNOWN_MAX = 20


def print_hosts(engine: Engine, log: str, read: Read) -> int:
    """Returns how many lines could not be used."""
    out = sys.stdout
    shown = hosts = rejects = 0
    for batch in engine.batches(read_sql("tocsin.witness", "hosts")):
        for row in batch:
            hosts += 1
            rejects += int(str(row["rejects"]))
            if shown < HOSTS_MAX:
                shown += 1
                out.write(_line({**row}) + "\n")
    if hosts > shown:
        out.write(f"… and {hosts - shown} more: see --json\n")
    out.write(f"{log}: {read.lines} lines, {hosts} hosts\n")
    for reject in read.rejects:
        out.write(f"{log}, line {reject.line}: {reject.reason}\n")
    if rejects:
        out.write(f"{log}: {rejects} lines could not be used: see --json for which and why\n")
    return rejects + len(read.rejects)


def _line(row: Row) -> str:
    address = row["address"]
    who = format_address(address) if isinstance(address, UUID) else str(row["host"])
    what = ", ".join(kind_words(str(kind)) for kind in _list(row["kinds"]))
    text = f"{who:39} {row['lines']:>7}  {_span(row)}  {what} ({', '.join(map(str, _list(row['services'])))})"
    if row["spared"]:
        return f"{text}; never accused: {row['spared']}"
    if row["reject"]:
        return f"{text}; {row['reject']}"
    return text if row["handshake"] else f"{text}; no connection completed: the address may be forged"


def _span(row: Row) -> str:
    first, last = row["first_at"], row["last_at"]
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return "-"
    return format_moment(first.replace(microsecond=0)) + (
        f" to {format_moment(last.replace(microsecond=0))}" if last > first else ""
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def print_unknown(unknown: Sequence[Unknown]) -> None:
    """To standard error: whom nobody can be told about."""
    for each in unknown[:UNKNOWN_MAX]:
        where = f" of {each.prefix}" if each.prefix else ""
        sys.stderr.write(
            f"{format_address(each.offence.address)}{where}: no abuse contact is known; name a prefix table\n"
        )
    if len(unknown) > UNKNOWN_MAX:
        sys.stderr.write(f"… and {len(unknown) - UNKNOWN_MAX} more\n")


def print_report(report: Report, reporter: Reporter) -> None:
    """The mail as its reader sees it; of what is attached the first lines."""
    out = sys.stdout
    out.write(f"From: {reporter.name} <{reporter.mail}>\nTo: {report.to}\nSubject: {report.subject}\n\n{report.text}\n")
    for part in report.parts[:PARTS_MAX]:
        out.write(f"[{part.name}]\n{part.text.replace(chr(13), '')}\n")
    if len(report.parts) > PARTS_MAX:
        out.write(f"[… and {len(report.parts) - PARTS_MAX} more attachments: see --raw]\n")


def print_sent(filed: Filed, carried: Carried) -> int:
    """A line for each thing that happened; 1 where something did not leave."""
    out = sys.stdout
    for report in carried.sent:
        out.write(f"{report} sent\n")
    for contact in filed.resting:
        out.write(f"{contact} rests: it had a report not long ago, and gets the next after `watch.rest_hours`\n")
    for contact in filed.dead:
        out.write(f"{contact} returns every report: name another contact, or `tocsin report --revive`\n")
    for contact, why in filed.held:
        out.write(f"the report to {contact} is held: {why}\n")
    for report, reason in carried.refused:
        out.write(f"{report} refused: {reason}\n")
    for report in carried.uncertain:
        out.write(f"{report} may have left or not: see the mail server's log\n")
    if carried.waiting:
        out.write(f"{carried.waiting} wait: {carried.trouble}\n")
    if filed.told:
        out.write(f"{filed.told} findings have been reported before\n")
    if not (filed.kept or carried.sent or filed.resting or filed.dead or filed.held):
        out.write("nothing new to report\n")
    return 1 if carried.refused or carried.uncertain or carried.waiting or filed.held else 0
