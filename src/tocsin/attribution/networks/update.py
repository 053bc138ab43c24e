"""Tables of prefixes into the lake: what each says (`prefix_claims`), and what follows from all of them (`prefixes`).

All in one batch: a reader sees the tables before an update, or those after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.attribution.networks.flatten import flattened
from tocsin.attribution.networks.formats import FORMATS, format_of
from tocsin.attribution.networks.staging import FILE_PLACES, Rejects, Source, Staging, Tell, make_ranges
from tocsin.attribution.networks.versions import (
    BEGINNING,
    Version,
    claims_part,
    flat_of,
    flat_part,
    in_force,
    inputs_of,
    versions_of,
)
from tocsin.attribution.rows import BadRow, file_digest
from tocsin.engine import read_sql
from tocsin.lake import UNDATED, Batch
from tocsin.lake.lake import Writing
from tocsin.terms.errors import BadRequest
from tocsin.terms.identity import digest

TABLES = ("prefixes", "prefix_claims")  # what must be held for writing
RULES = 2  # one more whenever a table may be read, or flattened, otherwise
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class PrefixTable(msgspec.Struct, frozen=True, kw_only=True):
    """Files that are one table: a later one of this name takes its place from its own date on.

    Without a format each file is what its first bytes show.
    """

    name: str
    paths: tuple[Path, ...]
    format: str | None = None


class NetworksRead(msgspec.Struct, frozen=True, kw_only=True):
    """What the files have brought: prefixes, from when on they hold, and the rows that were left out."""

    files: tuple[str, ...]
    tables: tuple[str, ...] = ()  # the names of those that changed
    prefixes: int = 0
    valid_from: datetime | None = None
    rejects: tuple[BadRow, ...] = ()  # the first of them
    rejected: int = 0
    already: bool = False  # these very files are the newest tables; nothing was done


def read_networks(
    writing: Writing,
    paths: Sequence[Path],
    *,
    at: datetime,
    valid_from: datetime | None = None,
    tell: Tell | None = None,
) -> NetworksRead:
    """Let the files of each format be the table of that name from `valid_from` on, unless they are so already."""
    return read_tables(writing, grouped(paths), at=at, valid_from=valid_from, tell=tell)


def grouped(paths: Sequence[Path]) -> list[PrefixTable]:
    """One table for each format that the files are recognised as, of that name."""
    by_format: dict[str, list[Path]] = {}
    for path in paths:
        by_format.setdefault(format_of(path), []).append(path)
    return [PrefixTable(name=name, paths=tuple(files), format=name) for name, files in by_format.items()]


class _Fresh(msgspec.Struct, frozen=True):
    table: PrefixTable
    formats: tuple[str, ...]
    inputs: str


def read_tables(
    writing: Writing,
    tables: Sequence[PrefixTable],
    *,
    at: datetime,
    valid_from: datetime | None = None,
    tell: Tell | None = None,
) -> NetworksRead:
    """Let these tables hold from `valid_from` on, each unless its newest version is the same already.

    Within a table, where two rows name one prefix, the first that says a field wins. Without `valid_from` the tables
    of the first update hold from the beginning, later ones from `at`; a table takes the place of one of its name that
    holds from the same moment. Raises BadRequest when a file cannot be read; nothing has changed then.
    """
    lake = writing.lake
    files = tuple(path.name for table in tables for path in table.paths)
    versions = versions_of(lake.files("prefix_claims"))
    fresh = [each for each in map(_looked_at, tables) if not _stands(versions, each, valid_from)]
    if not fresh:
        return NetworksRead(files=files, already=True)
    since = valid_from or (at if lake.made_from("prefixes") else BEGINNING)
    inputs = digest(str(since), *(part for each in fresh for part in (each.table.name, each.inputs)))
    batch = writing.batch(f"networks-{inputs[:24]}", kind="prefixes", at=at)
    rejects, rows = Rejects(), 0
    for each in fresh:
        rows += _read(writing, batch, each, since, rejects, tell)
    replaced = [version for version in versions if _is_replaced(version, fresh, since)]
    batch.replace("prefix_claims", keep=lambda file: all(file.path != version.file.path for version in replaced))
    kept = [version for version in versions if version not in replaced]
    _flatten(writing, batch, [*kept, *versions_of(batch.added("prefix_claims"))])
    batch.made("prefixes", UNDATED, inputs)
    batch.commit()
    return NetworksRead(
        files=files,
        tables=tuple(each.table.name for each in fresh),
        prefixes=rows,
        valid_from=since,
        rejects=tuple(rejects.kept),
        rejected=rejects.count,
    )


def _looked_at(table: PrefixTable) -> _Fresh:
    if not _NAME.fullmatch(table.name):
        raise BadRequest(f"not a table's name: {table.name!r:.60}", remedy="a-z, 0-9 and -, at most 40")
    if table.format is not None and table.format not in FORMATS:
        raise BadRequest(f"no such format: {table.format!r:.60}", remedy=f"known: {', '.join(FORMATS)}")
    shown = [format_of(path) for path in table.paths]  # a file that cannot be opened is refused here
    formats = tuple(table.format or name for name in shown)
    parts = (part for path, name in zip(table.paths, formats, strict=True) for part in (name, file_digest(path)))
    return _Fresh(table, formats, digest(str(RULES), *parts)[:16])


def _stands(versions: Sequence[Version], fresh: _Fresh, valid_from: datetime | None) -> bool:
    known = [version for version in versions if version.name == fresh.table.name]
    if not fresh.table.paths:
        return True
    newest = max(known, key=lambda version: version.since, default=None)
    return newest is not None and newest.inputs == fresh.inputs and valid_from in (None, newest.since)


def _is_replaced(version: Version, fresh: Sequence[_Fresh], since: datetime) -> bool:
    return version.since == since and any(version.name == each.table.name for each in fresh)


def _read(writing: Writing, batch: Batch, fresh: _Fresh, since: datetime, rejects: Rejects, tell: Tell | None) -> int:
    """The table's claims, written to a file of the batch; returns how many."""
    engine, table = writing.lake.engine, fresh.table
    make_ranges(engine)
    sources = [Source(path, place * FILE_PLACES) for place, path in enumerate(table.paths)]
    try:
        for name, reader in FORMATS.items():
            mine = tuple(source for source, of in zip(sources, fresh.formats, strict=True) if of == name)
            if mine:
                reader.stage(Staging(engine, name, mine, rejects, tell or (lambda name, done: None)))
            if rejects.failure is not None:
                raise rejects.failure
            writing.renew()
        ranges = f"network_rows AS NOT MATERIALIZED ({read_sql(__package__, 'ranges')})"
        query = f"WITH {ranges} {read_sql(__package__, 'claims')}"
        part = claims_part(table.name, since, fresh.inputs)
        return batch.add_part(part, "prefix_claims", UNDATED, query, said_by=table.name, valid_from=since)
    finally:
        engine.run("DROP TABLE IF EXISTS network_ranges")


def _flatten(writing: Writing, batch: Batch, versions: Sequence[Version]) -> None:
    """Make `prefixes` anew from each moment on at which what follows from the tables in force has changed."""
    lake = writing.lake
    standing = {flat: file.path for file in lake.files("prefixes") if (flat := flat_of(file)) is not None}
    wanted = {
        (moment, inputs_of(RULES, now)): now
        for moment in sorted({version.since for version in versions})
        for now in [in_force(versions, moment)]
    }
    gone = {path for flat, path in standing.items() if flat not in wanted}
    batch.replace("prefixes", keep=lambda file: file.path not in gone)
    for (moment, inputs), now in wanted.items():
        if (moment, inputs) not in standing:
            claims = lake.relation("prefix_claims", [version.file for version in now])
            with flattened(lake.engine, claims) as query:
                batch.add_part(flat_part(moment, inputs), "prefixes", UNDATED, query, valid_from=moment)
