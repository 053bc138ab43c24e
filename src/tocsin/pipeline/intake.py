"""What comes in: contracts, prefixes, binding logs and evidence, each read once."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from tocsin.attribution.bindings import read as log_read
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.rows import BadRow
from tocsin.attribution.subscribers import read_subscribers
from tocsin.evidence.reading import read_file
from tocsin.evidence.settle import Counts, Window, window_at
from tocsin.evidence.store import keep
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.pipeline.config import Config, SourceSection, reader_settings
from tocsin.pipeline.house import House
from tocsin.pipeline.networks import configured_tables, update
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.proved import Told, told_apart
from tocsin.pipeline.queues import open_inbox, parse_url
from tocsin.terms.errors import BadRequest

REJECTS_TOLD_MAX = 10
WARNINGS_MAX = 20  # of one mailbox


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What one file has brought in. `records` are new sightings or lease events; `pieces` were there already."""

    name: str
    of: str  # the source or the log
    reader: str
    records: int = 0
    pieces: int = 0
    rejects: int = 0
    already: bool = False
    warnings: tuple[str, ...] = ()
    error: str = ""  # why the whole file could not be read; the other files went on


SOURCE_AHEAD = timedelta(minutes=1)  # a source tells of what has been; more than that ahead, its clock is wrong
LOG_AHEAD = timedelta(minutes=15)  # a log's record is not read twice, so a fast clock must not lose it


def _window(house: House, ahead: timedelta) -> Window:
    return window_at(house.now, retention=timedelta(days=house.config.lake.retention_days), margin=ahead)


def find_log(config: Config, name: str) -> LogConfig:
    for log in config.logs:
        if log.name == name:
            return log
    known = ", ".join(log.name for log in config.logs) or "none"
    raise BadRequest(f"no log is named {name!r}", remedy=f"configured: {known}")


def find_source(config: Config, name: str | None, reader: str | None) -> SourceSection:
    """The configured source; without a name the only one there is."""
    known = ", ".join(source.name for source in config.sources) or "none"
    if name is None and len(config.sources) != 1:
        raise BadRequest("whose evidence is it?", remedy=f"say --source NAME; configured: {known}")
    for source in config.sources:
        if name is None or source.name == name:
            return source if reader is None else msgspec.structs.replace(source, reader=reader)
    raise BadRequest(f"no source is named {name!r}", remedy=f"configured: {known}")


def read_contracts(house: House) -> list[Came]:
    """The subscribers' file. There is one: it says who all of them are."""
    paths = house.files(house.config.subscribers.paths)
    if len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        raise BadRequest(f"{len(paths)} files of subscribers: {names}", remedy="the newest alone says who all are")
    return [_contracts_of(house, path) for path in paths]


def _contracts_of(house: House, path: Path) -> Came:
    issuer = house.issuer
    found = read_subscribers(house.book, path, languages=LANGUAGES, language=issuer.language, zone=issuer.zone)
    return Came(
        name=path.name,
        of="subscribers",
        reader="csv",
        records=found.contracts,
        rejects=len(found.rejects),
        already=found.already,
        warnings=_told(found.rejects),
    )


def read_prefixes(house: House, progress: Progress) -> list[Came]:
    """The prefix tables that are configured."""
    tables = configured_tables(house)
    if not tables:
        return []
    found = update(house, tables, progress)
    return [
        Came(
            name=", ".join(found.files),
            of="networks",
            reader="prefixes",
            records=found.prefixes,
            rejects=found.rejected,
            already=found.already,
            warnings=_told(found.rejects),
        )
    ]


def _told(rejects: Sequence[BadRow]) -> tuple[str, ...]:
    """The first few rows that were left out, in words; their file is at hand."""
    return tuple(f"{bad.file}, line {bad.line}: {bad.reason}: {bad.value!r:.80}" for bad in rejects[:REJECTS_TOLD_MAX])


def read_logs(house: House, progress: Progress) -> Iterator[Came]:
    """Every file of every configured binding log."""
    for log in house.config.logs:
        for path in house.files(log.paths):
            yield read_log_file(house, log, path, progress)


def read_log_file(house: House, log: LogConfig, path: Path, progress: Progress) -> Came:
    name, evidence, _ = _given(path)
    try:
        kept = keep(house.data, evidence)
        with progress.bytes(name, kept.bytes) as tell, house.lake.writing(*log_read.TABLES) as writing:
            found = log_read.read_log(
                writing, kept, log, name=name, at=house.now, window=_window(house, LOG_AHEAD), progress=tell
            )
    except BadRequest as error:
        return Came(name=name, of=log.name, reader=log.reader, error=str(error))
    return Came(
        name=name,
        of=log.name,
        reader=log.reader,
        records=found.events,
        pieces=found.known,
        rejects=found.rejects,
        already=found.already,
    )


def read_sources(house: House, progress: Progress) -> Iterator[Came]:
    """Every file of every configured source, and what waits in its queue."""
    for source in house.config.sources:
        for path in house.files(source.paths):
            yield read_source_file(house, source, path, progress)
        if source.url:
            yield from read_source_queue(house, source)


def read_source_queue(house: House, source: SourceSection) -> Iterator[Came]:
    """What waits in the queue when this begins, a batch at a time; a batch is evidence, a message a line.

    A batch leaves the queue when it has been read to its end; a run that is killed before reads it again.
    """
    place = parse_url(source.url, f"sources.{source.name}.url")
    try:
        with open_inbox(place) as inbox:
            waiting = inbox.waiting()
            while waiting > 0 and (messages := inbox.take()):
                came = _read_messages(house, source, messages, f"{place.queue}.json")
                if came.error:  # it stays in the queue
                    yield came
                    return
                inbox.done()
                waiting -= len(messages)
                yield came
    except BadRequest as error:
        yield Came(name=place.queue, of=source.name, reader=source.reader or "", error=str(error))


def _read_messages(house: House, source: SourceSection, messages: list[bytes], name: str) -> Came:
    evidence = BytesIO(b"".join(message + b"\n" for message in messages))
    evidence.name = name  # how a stream is called, as open() gives it
    settings = reader_settings(source, house.config_file)
    try:
        counts = read_file(
            house.lake,
            evidence,
            source=source.name,
            at=house.now,
            reader=source.full_reader(),
            window=_window(house, SOURCE_AHEAD),
            settings=settings,
        )
    except BadRequest as error:
        return Came(name=name, of=source.name, reader=source.reader or "", error=str(error))
    return _came(name, source, counts)


def _read_told(house: House, told: Told, progress: Progress) -> Came:
    said = f"not shown to be from {told.source.sender.dkim or told.source.sender.pgp}: {told.why}"
    if told.is_rejected:
        return Came(name=told.name, of=told.source.name, reader="", rejects=1, warnings=(f"rejected, {said}",))
    stream = BytesIO(told.raw)
    stream.name = told.name  # how a stream is called, as open() gives it
    came = _read_evidence(house, told.source, told.name, stream, len(told.raw), progress)
    return msgspec.structs.replace(came, warnings=(said, *came.warnings)) if told.why else came


def read_source_file(
    house: House, source: SourceSection, path: Path, progress: Progress, *, is_vouched: bool = False
) -> Came:
    """A file; of a source whose sender is to be made sure of, each mail in it under the name that it has earned.

    `is_vouched`: who brought it has shown himself already, as a program does by its key.
    """
    name, evidence, size = _given(path)
    if is_vouched or not source.sender.is_asked:
        return _read_evidence(house, source, name, evidence, size, progress)
    try:
        came = [_read_told(house, told, progress) for told in told_apart(house, source, evidence, name)]
    except BadRequest as error:
        return Came(name=name, of=source.name, reader=source.reader or "", error=str(error))
    return came[0] if len(came) == 1 else _sum(name, source, came)


def _sum(name: str, source: SourceSection, came: Sequence[Came]) -> Came:
    """Of a mailbox."""
    warnings = dict.fromkeys(f"{each.name}: {said}" for each in came for said in (*each.warnings, each.error) if said)
    return Came(
        name=name,
        of=source.name,
        reader=", ".join(dict.fromkeys(each.reader for each in came if each.reader)),
        records=sum(each.records for each in came),
        pieces=sum(each.pieces for each in came),
        rejects=sum(each.rejects + bool(each.error) for each in came),
        already=all(each.already for each in came),
        warnings=tuple(warnings)[:WARNINGS_MAX],
    )


def _read_evidence(
    house: House, source: SourceSection, name: str, evidence: Path | BinaryIO, size: int, progress: Progress
) -> Came:
    settings = reader_settings(source, house.config_file)
    try:
        with progress.bytes(name, size) as tell:
            counts = read_file(
                house.lake,
                evidence,
                source=source.name,
                at=house.now,
                reader=source.full_reader(),
                window=_window(house, SOURCE_AHEAD),
                progress=tell,
                settings=settings,
            )
    except BadRequest as error:
        return Came(name=name, of=source.name, reader=source.reader or "", error=str(error))
    return _came(name, source, counts)


class _StandardInput:
    """Read from like a file, and called as people call it."""

    name = "standard input"

    def read(self, size: int = -1) -> bytes:
        return sys.stdin.buffer.read(size)


def _given(path: Path) -> tuple[str, Path | BinaryIO, int]:
    """A file's name, itself and its size; `-` is standard input. One that is not there is said when it is opened."""
    if str(path) == "-":
        return _StandardInput.name, cast(BinaryIO, _StandardInput()), 0
    return path.name, path, path.stat().st_size if path.is_file() else 0


def _came(name: str, source: SourceSection, counts: Counts) -> Came:
    return Came(
        name=name,
        of=source.name,
        reader=counts.reader,
        records=counts.sightings,
        pieces=counts.pieces,
        rejects=counts.rejects,
        already=counts.already,
        warnings=counts.warnings,
    )
