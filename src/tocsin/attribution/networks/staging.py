"""What a reader of prefix tables is given, and where it puts what it has read: the table `network_ranges`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from tocsin.attribution.rows import BadRow
from tocsin.engine import Engine, RecordBatchReader, read_sql, reader_of
from tocsin.engine.readers import text_lines
from tocsin.evidence.blocks import Truncated, open_blocks
from tocsin.evidence.lines import Reject, bounded, numbered_lines
from tocsin.terms.errors import BadRequest

REJECTS_KEPT_MAX = 10_000
FILE_PLACES = 1 << 40  # a row's place: its file's number, then its line
_READERS = f"{__package__}.readers"
RANGE_COLUMNS = (
    ("place", "UBIGINT"),
    ("first", "UUID"),
    ("last", "UUID"),
    ("origin", "UINTEGER"),
    ("country", "VARCHAR"),
    ("abuse_contact", "VARCHAR"),
)
Range = tuple[
    int, object, object, int | None, str | None, str | None
]  # as RANGE_COLUMNS; addresses as UUID or 16 bytes
Tell = Callable[[str, int], None]  # (file, bytes of it read)


class Rejects:
    """The rows that were left out: so many, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[BadRow] = []
        self.failure: BadRequest | None = None  # of a file that could not be read to its end

    def fail(self, path: Path, error: OSError) -> None:
        """Remember it: raised within a stream that the engine reads, it would come out as the engine's."""
        self.failure = BadRequest(f"cannot read it: {error.strerror}", where=str(path))

    def add(self, row: BadRow) -> None:
        self.count += 1
        if len(self.kept) < REJECTS_KEPT_MAX:
            self.kept.append(row)


class Source(msgspec.Struct, frozen=True):
    """One file: its path, and the place of its line 0 among those of all files."""

    path: Path
    place: int


class Staging(msgspec.Struct, frozen=True):
    """The files of one format in one table, and where the reader says what it left out and how far it is."""

    engine: Engine
    format: str
    sources: tuple[Source, ...]
    rejects: Rejects
    tell: Tell

    def refuse(self, source: Source, line: int, reason: str, seen: str) -> None:
        self.rejects.add(BadRow(source.path.name, line, reason[:200], bounded(seen)))

    def blocks(self, source: Source) -> Iterator[bytes]:
        """The file's bytes, unpacked; a cut or damaged one gives a reject, one that cannot be read a failure."""
        try:
            for block in open_blocks(source.path, on_progress=partial(self.tell, source.path.name)):
                if isinstance(block, Truncated):
                    self.refuse(source, 0, f"the file is cut off or damaged: {block.why}", "")
                    return
                yield block
        except OSError as error:
            self.rejects.fail(source.path, error)

    def lines(self, source: Source) -> RecordBatchReader:
        """`line` and `text` of the file's lines that can be read."""
        return text_lines(self._numbered(source))

    def _numbered(self, source: Source) -> Iterator[tuple[int, list[bytes | None]]]:
        def refuse(reject: Reject) -> None:
            self.rejects.add(BadRow(source.path.name, reject.line, reject.reason, reject.excerpt))

        try:
            for lines in numbered_lines(
                open_blocks(source.path, on_progress=partial(self.tell, source.path.name)), refuse
            ):
                yield lines.first, lines.split()
        except OSError as error:
            self.rejects.fail(source.path, error)

    def add_ranges(self, chunks: Iterable[Sequence[Sequence[object]]]) -> None:
        """Put columns (RANGE_COLUMNS) into `network_ranges`, a chunk at a time."""
        self.engine.add("network_chunk", reader_of(RANGE_COLUMNS, chunks))
        try:
            self.add_query(
                "SELECT place, first::UUID AS first, last::UUID AS last, origin, country, abuse_contact"
                " FROM network_chunk"
            )
        finally:
            self.engine.drop("network_chunk")

    def add_query(self, sql: str, **params: str) -> None:
        """Put the query's rows (the names of RANGE_COLUMNS) into `network_ranges`."""
        names = ", ".join(name for name, _ in RANGE_COLUMNS)
        self.engine.run(
            f"INSERT INTO network_ranges BY NAME SELECT {names}, '{self.format}' AS format FROM ({sql})", **params
        )

    def refuse_rows(self, source: Source, relation: str) -> None:
        """Note the relation's rows (line, reject, text) with a reject as left out: all are counted, the first kept."""
        bad = f"FROM {relation} WHERE reject IS NOT NULL"
        kept = f"SELECT line, reject, left(text, 200) {bad} ORDER BY line LIMIT {REJECTS_KEPT_MAX}"
        for line, reject, text in self.engine.rows(kept):
            self.refuse(source, int(str(line)), str(reject), str(text))
        self.rejects.count += max(0, int(str(self.engine.rows(f"SELECT count(*) {bad}")[0][0])) - REJECTS_KEPT_MAX)


def make_ranges(engine: Engine) -> None:
    """An empty `network_ranges`, and the macros of the readers."""
    columns = ", ".join(f"{name} {kind}" for name, kind in RANGE_COLUMNS)
    engine.run(f"CREATE OR REPLACE TEMP TABLE network_ranges ({columns}, format VARCHAR)")
    engine.run(read_sql(__package__, "macros"))


def by_line(name: str) -> Callable[[Staging], None]:
    """The reader of a format that is one question a line: `readers/<name>.sql`."""

    def stage(staging: Staging) -> None:
        engine, query = staging.engine, read_sql(_READERS, name)
        for source in staging.sources:
            engine.add("network_lines", staging.lines(source))
            try:
                engine.run(f"CREATE OR REPLACE TEMP TABLE network_read AS {query}")
            finally:
                engine.drop("network_lines")
            staging.refuse_rows(source, "network_read")
            staging.add_query(
                f"SELECT {source.place} + line AS place, first, last, origin, country, abuse_contact"
                " FROM network_read WHERE reject IS NULL"
            )
            engine.run("DROP TABLE network_read")

    return stage
