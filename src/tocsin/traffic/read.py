"""Files and folders to the tables of tables.py, in bounded memory; what cannot be read is a reject."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from tocsin.engine import Engine, read_sql
from tocsin.evidence.blocks import open_blocks
from tocsin.evidence.dating import date_of
from tocsin.evidence.lines import Reject
from tocsin.evidence.read import content_head
from tocsin.evidence.rejects import RejectFile
from tocsin.terms.errors import BadRequest
from tocsin.traffic.formats import choose
from tocsin.traffic.reading import ANY_CLOCK, Clock, Reading, Staged
from tocsin.traffic.tables import TABLES, empty

FILES_MAX = 10_000
_SKIPPED = (".md", ".txt", ".config", ".conf", ".csv.md", ".py", ".sh", ".html", ".svg", ".png")

Told = Callable[[Path, int, int], None]  # the file, bytes done, bytes in all


class Source(msgspec.Struct, frozen=True):
    """A file that was read: how it is called in answers, its format, and how many rows each table got."""

    name: str
    format: str
    rows: dict[str, int]


class Traffic:
    """What was read: views named as in TABLES in the engine, until `close`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sources: list[Source] = []
        self.warnings: list[str] = []
        self.sampled = 1  # the highest rate that a file tells of itself: one packet in so many was seen
        self.staged: list[Staged] = []
        self.rejects = 0
        self.reject_files: list[tuple[int, RejectFile]] = []
        engine.run(read_sql(__package__, "macros"))

    def sampled_at(self, rate: int) -> None:
        self.sampled = max(self.sampled, rate)

    def define(self) -> None:
        """(Re)make the views over everything that is staged."""
        for table in TABLES:
            parts = [f"SELECT * FROM {each.good()}" for each in self.staged if each.table == table]
            self.engine.run(f"CREATE OR REPLACE TEMP VIEW all_{table} AS {' UNION ALL '.join(parts) or empty(table)}")
        self.narrow(0, 1)

    def narrow(self, part: int, parts: int) -> None:
        """Let the views show one part of the hosts: what they opened, asked and said. Leases are shown whole."""
        for table, columns in TABLES.items():
            host = next((name for name, _ in columns if name in ("caller", "client")), None)
            shown = f"WHERE hash({host}) % {parts} = {part}" if host and parts > 1 else ""
            self.engine.run(f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM all_{table} {shown}")

    def rejected(self, most: int = 100) -> list[tuple[str, Reject]]:
        """The first rejects: the file's name and what was refused there."""
        found: list[tuple[str, Reject]] = []
        for number, file in self.reject_files:
            sql = f"SELECT evidence_line, reject, excerpt FROM {file.relation()} ORDER BY ALL LIMIT {most}"
            found += [(self.sources[number].name, _as_reject(row)) for row in self.engine.rows(sql)]
        for each in self.staged:
            if each.relation:
                continue
            path = str(each.path).replace("'", "''")
            sql = (
                f"SELECT line, reject, excerpt, file FROM read_parquet('{path}') WHERE reject IS NOT NULL"
                f" ORDER BY ALL LIMIT {most}"
            )
            found += [(self.sources[int(str(row[3]))].name, _as_reject(row)) for row in self.engine.rows(sql)]
        return found[:most]

    def close(self) -> None:
        for each in self.staged:
            if not each.relation:
                each.path.unlink(missing_ok=True)
        for _, file in self.reject_files:
            file.path.unlink(missing_ok=True)


def _as_reject(row: Sequence[object]) -> Reject:
    return Reject(int(str(row[0] or 0)), str(row[1]), str(row[2] or ""))


def read_traffic(
    engine: Engine,
    paths: Sequence[Path],
    *,
    asked: str | None = None,
    clock: Clock = ANY_CLOCK,
    progress: Told | None = None,
) -> Traffic:
    """Every file of `paths` and of the folders among them. A file in a folder that no reader knows is a warning.

    Raises BadRequest when a file that was named cannot be read or no reader knows it, and when there is no file at all.
    """
    traffic = Traffic(engine)
    for path, is_named, name in _files(paths):
        _read_file(traffic, path, name, is_named=is_named, asked=asked, clock=clock, progress=progress)
    if not traffic.sources:
        raise BadRequest(
            "no file here is one that a reader knows", where=str(paths[0]), remedy="`tocsin formats` lists them"
        )
    traffic.define()
    return traffic


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool, str]]:
    count = 0
    for path in paths:
        if not path.is_dir():
            yield path, True, path.name
            continue
        for each in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
            if each.is_file() and not hidden and each.suffix.lower() not in _SKIPPED:
                count += 1
                if count > FILES_MAX:
                    raise BadRequest(f"more than {FILES_MAX} files", where=str(path), remedy="name the folders in turn")
                yield each, False, str(each.relative_to(path))


def _read_file(
    traffic: Traffic, path: Path, name: str, *, is_named: bool, asked: str | None, clock: Clock, progress: Told | None
) -> None:
    try:
        head = content_head(path, path.name)
    except OSError as error:
        raise BadRequest(
            f"cannot be read: {error.strerror}", where=str(path), remedy="give a file that exists"
        ) from error
    chosen = choose(head, asked)
    if chosen is None:
        if is_named:
            raise BadRequest(
                f"no reader knows this content: {head.first_line()[:80]!r}",
                where=str(path),
                remedy="`tocsin formats` lists what is read",
            )
        traffic.warnings.append(f"{name}: left out, no reader knows it")
        return
    format_, variant = chosen
    number, engine = len(traffic.sources), traffic.engine
    rows: dict[str, int] = {}
    size = path.stat().st_size
    told = (lambda done: progress(path, done, size)) if progress else None

    def stage(staged: Staged) -> None:
        traffic.staged.append(staged)
        good = staged.rows if staged.relation else _count(engine, staged.path)
        rows[staged.table] = rows.get(staged.table, 0) + good
        traffic.rejects += staged.rows - good

    rejects = RejectFile(engine.work_dir / f"traffic-{number}.rejects")
    with rejects:
        traffic.sources.append(Source(name, f"{format_.name}:{variant}".rstrip(":"), rows))
        blocks = open_blocks(path, on_progress=told)
        date = date_of(path)
        format_.read(
            Reading(
                engine=engine,
                head=head,
                path=path,
                blocks=blocks,
                file=number,
                reject=rejects.add,
                stage=stage,
                warn=traffic.warnings.append,
                tell_rate=traffic.sampled_at,
                latest=min(date, clock.now or date),
                zone=clock.zone,
                variant=variant,
            )
        )
    traffic.rejects += rejects.count
    traffic.reject_files.append((number, rejects))


def _count(engine: Engine, path: Path) -> int:
    text = str(path).replace("'", "''")
    ((rows,),) = engine.rows(f"SELECT count(*) FROM read_parquet('{text}') WHERE reject IS NULL")
    return int(str(rows))
