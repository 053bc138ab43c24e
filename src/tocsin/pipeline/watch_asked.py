"""What `tocsin watch` was asked, and who speaks in its reports: as named, else as the configuration says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine
from tocsin.lake import Lake
from tocsin.notices.reports.group import Form, Offence, Reporter
from tocsin.pipeline.config import load_config
from tocsin.pipeline.house import House
from tocsin.pipeline.watch_report import offence_of, tables_of
from tocsin.pipeline.watchsection import WatchSection
from tocsin.terms.errors import BadRequest
from tocsin.witness.offences import CONFIDENCE_MIN, offence_rows

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
    rest_hours: int = WatchSection().rest_hours
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
        rest_hours=section.rest_hours,
        withhold_target=asked.withhold_target or section.withhold_target,
    )


def _beside(config_file: Path | None, networks: tuple[str, ...]) -> tuple[str, ...]:
    """A relative `@FILE` lies beside the configuration."""
    folder = config_file.parent if config_file else Path()
    return tuple(f"@{folder / Path(each[1:]).expanduser()}" if each[:1] == "@" else each for each in networks)


def offences_of(engine: Engine, asked: Asked) -> Iterator[Offence]:
    """What the engine's last judgement found worth a report."""
    for row in offence_rows(
        engine,
        confidence_min=CONFIDENCE_MIN if asked.confidence_min is None else asked.confidence_min,
        with_leads=asked.with_leads,
    ):
        yield offence_of(row, withhold_target=asked.withhold_target)


@contextmanager
def speaker(engine: Engine, asked: Asked, now: datetime) -> Iterator[tuple[Lake | None, Reporter, bytes]]:
    """Prefix tables, who reports, and what makes the numbers: as named, else those of the configuration's house."""
    if asked.config_file is None or asked.networks:
        with tables_of(engine, asked.networks, now) as lake:
            yield lake, reporter_of(asked.reporter), _SECRET
        return
    with House.open(config_file=asked.config_file, data=asked.data, now=asked.now) as house:
        own = Reporter(name=house.issuer.name, mail=house.issuer.mail_from)
        yield house.lake, reporter_of(asked.reporter) if asked.reporter else own, house.keys.secret


def reporter_of(text: str | None) -> Reporter:
    name, _, mail = (text or "").strip().rpartition(" ")
    mail = mail.strip("<>")
    if "@" not in mail:
        raise BadRequest(
            "nobody says who reports", where="--from", remedy="write it as --from 'Example Shop <abuse@shop.example>'"
        )
    return Reporter(name=name.strip(' "') or mail.rpartition("@")[2], mail=mail)
