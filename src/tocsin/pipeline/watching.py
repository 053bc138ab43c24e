"""`tocsin watch`: logs to sightings on the screen, or to reports."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine
from tocsin.notices.reports.compose import compose_report
from tocsin.notices.reports.group import Offence
from tocsin.notices.reports.mail import unsigned
from tocsin.pipeline.clock import present
from tocsin.pipeline.config import DEFAULT_CONFIG, data_folder, load_config
from tocsin.pipeline.house import House
from tocsin.pipeline.report_filing import file_reports
from tocsin.pipeline.report_outbox import send_reports
from tocsin.pipeline.watch_asked import Asked, offences_of, reporter_of, speaker
from tocsin.pipeline.watch_follow import Hearer, follow_logs
from tocsin.pipeline.watch_pending import Pending
from tocsin.pipeline.watch_report import groups_of
from tocsin.pipeline.watch_screen import print_hosts, print_report, print_sent, print_unknown
from tocsin.pipeline.watch_standing import Sending, Showing
from tocsin.pipeline.zones import zone_of
from tocsin.terms.errors import BadRequest
from tocsin.witness.judge import told_rows
from tocsin.witness.own import Spared, named_networks
from tocsin.witness.told import json_line
from tocsin.witness.watch import MEMORY, SOURCE, Read, Told, watch_file


def watch_logs(asked: Asked, *, as_json: bool, report: bool) -> int:
    """Print what the logs show; 1 when some lines could not be used, else 0."""
    told, now = _told(asked), asked.now or present()
    if report and asked.config_file is None:
        reporter_of(asked.reporter)  # said before a long log is read
    rejects = 0
    offences: list[Offence] = []
    with _engine() as engine:
        for log in asked.logs:
            read = watch_file(engine, sys.stdin.buffer if str(log) == "-" else log, told, now=now)
            if as_json:
                rejects += _print_json(engine, told, read)
            elif report:
                offences += offences_of(engine, asked)
            else:
                rejects += print_hosts(engine, str(log), read)
        if report:
            _print_reports(engine, asked, offences, now)
    return 1 if rejects else 0


def _told(asked: Asked) -> Told:
    spared = Spared(proxies=named_networks(asked.proxies, "--proxy"), allowed=named_networks(asked.allowed, "--allow"))
    return Told(source=asked.source or SOURCE, zone=zone_of(asked.zone), services=asked.services, spared=spared)


def watch_and_follow(
    asked: Asked,
    *,
    report: bool = False,
    send: bool = False,
    is_over: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Print every sighting of the logs as they grow; or report what they show, to the screen or to its networks."""
    if any(str(log) == "-" for log in asked.logs):
        raise BadRequest("standard input has no position to be kept", where="--follow", remedy="name a file")
    config = load_config(asked.config_file) if asked.config_file else None
    folder = data_folder(asked.data, config, asked.config_file or DEFAULT_CONFIG) / "watch"
    clock = present if asked.now is None else lambda: asked.now or present()
    told = _told(asked)
    if not (report or send):
        follow_logs(asked.logs, told, folder, clock=clock, from_start=asked.from_start, is_over=is_over, sleep=sleep)
        return 0
    pending = Pending(folder)
    tell = Sending(asked).tell if send else Showing(asked, pending).tell
    follow_logs(
        asked.logs,
        told,
        folder,
        clock=clock,
        from_start=asked.from_start,
        is_over=is_over,
        sleep=sleep,
        hearer=Hearer(
            lambda _: None,
            lambda engine: pending.take(offences_of(engine, asked), clock()),
            lambda: pending.report(clock(), tell),
        ),
    )
    return 0


def watch_and_send(asked: Asked) -> int:
    """Keep one signed report a contact in the data folder's book, and send what waits there."""
    told = _told(asked)
    offences: list[Offence] = []
    with House.open(config_file=asked.config_file, data=asked.data, now=asked.now) as house:
        for log in asked.logs:
            watch_file(house.engine, sys.stdin.buffer if str(log) == "-" else log, told, now=house.now)
            offences += offences_of(house.engine, asked)
        groups, unknown = groups_of(house.lake, offences, asked.form or "xarf")
        filed = file_reports(house, groups)
        print_unknown(unknown)
        return print_sent(filed, send_reports(house))


def _print_reports(engine: Engine, asked: Asked, offences: list[Offence], now: datetime) -> None:
    """The mails as they would leave, one after another; nothing is sent."""
    with speaker(engine, asked, now) as (lake, reporter, secret):
        groups, unknown = groups_of(lake, offences, asked.form or "xarf")
    for group in groups:
        report = compose_report(group, reporter, secret=secret, at=now)
        if asked.raw:
            sys.stdout.buffer.write(unsigned(report, reporter).replace(b"\r\n", b"\n") + b"\n")
        else:
            print_report(report, reporter)
    print_unknown(unknown)


def _print_json(engine: Engine, told: Told, read: Read) -> int:
    rejects = 0
    out = sys.stdout.buffer
    for reject in read.rejects:
        fields = {"reject": reject.reason, "evidence_line": reject.line, "excerpt": reject.excerpt}
        out.write(msgspec.json.encode(fields) + b"\n")
        rejects += 1
    for row in told_rows(engine):
        rejects += "reject" in row
        out.write(json_line(row, told.source, read.sha256) + b"\n")
    return rejects


@contextmanager
def _engine() -> Iterator[Engine]:
    work = Path(tempfile.mkdtemp(prefix="tocsin-watch-"))
    try:
        with Engine(work, memory=MEMORY) as engine:
            yield engine
    finally:
        shutil.rmtree(work, ignore_errors=True)
