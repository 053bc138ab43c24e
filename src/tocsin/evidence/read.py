"""One pass over evidence: bytes to staged sightings and rejects, in bounded memory and without a data folder."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from tocsin.engine import Engine, read_sql
from tocsin.evidence.blocks import Truncated, open_blocks, zip_member
from tocsin.evidence.formats import Choice, choose
from tocsin.evidence.lines import Lines, numbered_lines
from tocsin.evidence.rejects import RejectFile
from tocsin.evidence.staged import Staged
from tocsin.evidence.store import Kept, Progress
from tocsin.evidence.texts import RAW, Head, Reading, Settings

HEAD_BYTES = 1 << 16
NAME_CHARS_MAX = 300
_STAGE_NUMBERS = itertools.count()


def stage(
    engine: Engine,
    kept: Kept,
    *,
    name: str,
    source: str,
    reader: str | None = None,
    progress: Progress | None = None,
    settings: Settings | None = None,
) -> Staged:
    """Read it with the reader that was asked for, or the one that knows its content.

    Raises BadRequest when no reader knows it, or the one asked for cannot read it at all.
    """
    head, choice = recognise_file(kept.path, name=name, reader=reader)
    stem = f"stage-{kept.sha256[:16]}-{next(_STAGE_NUMBERS)}"
    path = engine.work_dir / f"{stem}.parquet"
    with RejectFile(engine.work_dir / f"{stem}.rejects") as rejects:
        blocks = open_blocks(kept.path, on_progress=_told(progress, kept.bytes))
        form = choice.format
        lines = numbered_lines(blocks, rejects.add, line_bytes_max=form.line_bytes_max, any_bytes=form.is_mail)
        told = settings or Settings()
        texts = choice.read(Reading(engine, head.name, lines, rejects.add, choice.variant, choice.is_asked, told))
        engine.run(f"CREATE OR REPLACE TEMP VIEW texts AS {texts.select}")
        try:
            _copy(engine, path, source=source, reader=texts.reader)
        finally:
            engine.run("DROP VIEW texts")
            engine.drop(RAW)
            for table in texts.tables:
                engine.run(f"DROP TABLE {table}")
        _finish(lines)
    records, refused = _counts(engine, path)
    return Staged(
        kept,
        name[:NAME_CHARS_MAX],
        source,
        texts.reader,
        records,
        rejects.count + refused,
        texts.warnings,
        path,
        rejects,
    )


def recognise_file(path: Path, *, name: str, reader: str | None = None) -> tuple[Head, Choice]:
    """Which reader will be used. Raises BadRequest as `stage` does."""
    head = content_head(path, name)
    return head, choose(head, reader)


def content_head(path: Path, name: str) -> Head:
    """What its format is recognised by; of a zip of one file that file's name. Raises BadRequest for another zip."""
    member = zip_member(path)
    start = b""
    for block in open_blocks(path, block_bytes=HEAD_BYTES):
        if isinstance(block, Truncated) or len(start) >= HEAD_BYTES:
            break
        start += block
    return Head(Path(member.name if member else name).name, start[:HEAD_BYTES])


def _copy(engine: Engine, path: Path, *, source: str, reader: str) -> None:
    target = str(path).replace("'", "''")
    sql = read_sql(__package__, "sighting")
    engine.run(
        f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v1,"
        " WRITE_BLOOM_FILTER false,"
        # Read once and deleted: cheap to write counts. No dictionary of `extra`, hardly two are alike.
        " DICTIONARY_SIZE_LIMIT 1000, STRING_DICTIONARY_PAGE_SIZE_LIMIT 4096)",
        source=source,
        reader=reader,
    )


def _counts(engine: Engine, path: Path) -> tuple[int, int]:
    target = str(path).replace("'", "''")
    rows = engine.rows(f"SELECT count(*), count(reject) FROM read_parquet('{target}')")
    total, refused = (int(str(value)) for value in rows[0])
    return total - refused, refused


def _finish(lines: Iterator[Lines]) -> None:
    """A reader that was content with the header has left lines unread; their rejects count too."""
    for _ in lines:
        pass


def _told(progress: Progress | None, total: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(done, total)
