"""`tocsin watch`: logs to sightings on the screen, or to reports."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine
from tocsin.lake import Lake
from tocsin.notices.reports.compose import compose_report
from tocsin.notices.reports.group import Form, Offence, Reporter
from tocsin.notices.reports.mail import unsigned
from tocsin.pipeline.clock import present
from tocsin.pipeline.config import DEFAULT_CONFIG, data_folder, load_config
from tocsin.pipeline.house import House
from tocsin.pipeline.report_filing import file_reports
from tocsin.pipeline.report_outbox import send_reports
from tocsin.pipeline.watch_follow import follow_logs
from tocsin.pipeline.watch_report import groups_of, offence_of, tables_of
from tocsin.pipeline.watch_screen import print_hosts, print_report, print_sent, print_unknown
from tocsin.pipeline.watchsection import WatchSection
from tocsin.pipeline.zones import zone_of
from tocsin.terms.errors import BadRequest
from tocsin.witness.judge import told_rows
from tocsin.witness.offences import CONFIDENCE_MIN, offence_rows
from tocsin.witness.own import Spared, named_networks
from tocsin.witness.told import json_line
from tocsin.witness.watch import MEMORY, SOURCE, Read, Told, watch_file

_SECRET = b"tocsin watch without a data folder: the number follows from the report alone"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says."""

    logs: tuple[Path, ...]
    services: tuple[str, ...] = ()
    zone: str | None = None
    source: str | None = None
    proxies: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    networks: tuple[Path, ...] = ()
    reporter: str | None = None
    form: Form | None = None
    confidence_min: int | None = None
    with_leads: bool = False
    withhold_target: bool = False
    raw: bool = False
    from_start: bool = False
    config_file: Path | None = None
    data: Path | None = None
    now: datetime | None = None


def configured(asked: Asked) -> Asked:
    """What the command line leaves open, as `[watch]` of a named configuration says it."""
    section = load_config(asked.config_file).watch if asked.config_file else WatchSection()
    return msgspec.structs.replace(
        asked,
        zone=asked.zone or section.zone or None,
        proxies=(*asked.proxies, *_beside(asked.config_file, section.proxies)),
        allowed=(*asked.allowed, *_beside(asked.config_file, section.allowed)),
        form=asked.form or section.form,
        confidence_min=section.confidence if asked.confidence_min is None else asked.confidence_min,
        withhold_target=asked.withhold_target or section.withhold_target,
    )


def _beside(config_file: Path | None, networks: tuple[str, ...]) -> tuple[str, ...]:
    """A relative `@FILE` lies beside the configuration."""
    folder = config_file.parent if config_file else Path()
    return tuple(f"@{folder / Path(each[1:]).expanduser()}" if each[:1] == "@" else each for each in networks)


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
                offences += _offences(engine, asked)
            else:
                rejects += print_hosts(engine, str(log), read)
        if report:
            _print_reports(engine, asked, offences, now)
    return 1 if rejects else 0


def _told(asked: Asked) -> Told:
    spared = Spared(proxies=named_networks(asked.proxies, "--proxy"), allowed=named_networks(asked.allowed, "--allow"))
    return Told(source=asked.source or SOURCE, zone=zone_of(asked.zone), services=asked.services, spared=spared)


def _offences(engine: Engine, asked: Asked) -> Iterator[Offence]:
    for row in offence_rows(
        engine,
        confidence_min=CONFIDENCE_MIN if asked.confidence_min is None else asked.confidence_min,
        with_leads=asked.with_leads,
    ):
        yield offence_of(row, withhold_target=asked.withhold_target)


def watch_and_follow(asked: Asked) -> int:
    """Print every sighting of the logs as they grow."""
    if any(str(log) == "-" for log in asked.logs):
        raise BadRequest("standard input has no position to be kept", where="--follow", remedy="name a file")
    config = load_config(asked.config_file) if asked.config_file else None
    folder = data_folder(asked.data, config, asked.config_file or DEFAULT_CONFIG) / "watch"
    clock = present if asked.now is None else lambda: asked.now or present()
    follow_logs(asked.logs, _told(asked), folder, clock=clock, from_start=asked.from_start)
    return 0


def watch_and_send(asked: Asked) -> int:
    """Keep one signed report a contact in the data folder's book, and send what waits there."""
    told = _told(asked)
    offences: list[Offence] = []
    with House.open(config_file=asked.config_file, data=asked.data, now=asked.now) as house:
        for log in asked.logs:
            watch_file(house.engine, sys.stdin.buffer if str(log) == "-" else log, told, now=house.now)
            offences += _offences(house.engine, asked)
        groups, unknown = groups_of(house.lake, offences, asked.form or "xarf")
        filed = file_reports(house, groups)
        print_unknown(unknown)
        return print_sent(filed, send_reports(house))


def _print_reports(engine: Engine, asked: Asked, offences: list[Offence], now: datetime) -> None:
    """The mails as they would leave, one after another; nothing is sent."""
    with _speaker(engine, asked, now) as (lake, reporter, secret):
        groups, unknown = groups_of(lake, offences, asked.form or "xarf")
    for group in groups:
        report = compose_report(group, reporter, secret=secret, at=now)
        if asked.raw:
            sys.stdout.buffer.write(unsigned(report, reporter).replace(b"\r\n", b"\n") + b"\n")
        else:
            print_report(report, reporter)
    print_unknown(unknown)


@contextmanager
def _speaker(engine: Engine, asked: Asked, now: datetime) -> Iterator[tuple[Lake | None, Reporter, bytes]]:
    """Prefix tables, who reports, and what makes the numbers: as named, else those of the configuration's house."""
    if asked.config_file is None or asked.networks:
        with tables_of(engine, asked.networks, now) as lake:
            yield lake, reporter_of(asked.reporter), _SECRET
        return
    with House.open(config_file=asked.config_file, data=asked.data, now=asked.now) as house:
        own = Reporter(name=house.issuer.name, mail=house.issuer.mail_from)
        yield house.lake, reporter_of(asked.reporter) if asked.reporter else own, house.keys.secret


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


def reporter_of(text: str | None) -> Reporter:
    name, _, mail = (text or "").strip().rpartition(" ")
    mail = mail.strip("<>")
    if "@" not in mail:
        raise BadRequest(
            "nobody says who reports", where="--from", remedy="write it as --from 'Example Shop <abuse@shop.example>'"
        )
    return Reporter(name=name.strip(' "') or mail.rpartition("@")[2], mail=mail)


@contextmanager
def _engine() -> Iterator[Engine]:
    work = Path(tempfile.mkdtemp(prefix="tocsin-watch-"))
    try:
        with Engine(work, memory=MEMORY) as engine:
            yield engine
    finally:
        shutil.rmtree(work, ignore_errors=True)
