"""Files that came through the browser: kept until a worker has read them, as the source they were sent for."""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from tocsin.book import uploads
from tocsin.book.evidence import Evidence
from tocsin.book.uploads import Read, Upload
from tocsin.evidence.store import not_stored
from tocsin.lake import Lake
from tocsin.pipeline.clock import present
from tocsin.pipeline.house import House
from tocsin.pipeline.intake import find_source, read_source_file
from tocsin.pipeline.progress import Progress, Tell
from tocsin.terms.disk import sync_folder
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import utc_day

FOLDER = "uploads"  # of the data folder
NAME_BYTES_MAX = 120
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:]")
_EVERY_S = 0.5  # between two notes of how far a reading is
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run by a spreadsheet
_LEFT_S = 7 * 24 * 60 * 60


class TooLarge(BadRequest):
    """More bytes than the configuration takes."""


class Incoming:
    """A file while its bytes arrive: at most `bytes_max`, written as they come, gone again if it is not finished."""

    def __init__(self, data: Path, name: str, bytes_max: int) -> None:
        self.upload = secrets.token_hex(16)
        self.name = safe_name(name)
        self.bytes = 0
        self._bytes_max = bytes_max
        self._digest = sha256()
        self._folder = data / FOLDER / self.upload

    def open(self) -> None:
        """Raises StorageFailed when the disk would not take it."""
        try:
            self._folder.mkdir(parents=True, mode=0o700)
            self._file = open(self._folder / self.name, "xb", opener=_private)  # noqa: SIM115 - `finish` or `drop` closes it
        except OSError as error:
            raise not_stored(error, self._folder) from error

    def drop(self) -> None:
        """It is not wanted: nothing of it stays."""
        self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def remove(self) -> None:
        """What was finished has been read, or is of no use."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, block: bytes | bytearray) -> None:
        """Raises TooLarge past the bound, StorageFailed when the disk would not take it."""
        self.bytes += len(block)
        if self.bytes > self._bytes_max:
            what = f"the file has more than {self._bytes_max // 1_000_000} MB"
            raise TooLarge(what, remedy="send it in parts, or raise [web] upload_mb_max")
        self._digest.update(block)
        try:
            self._file.write(block)
        except OSError as error:
            raise not_stored(error, self._folder) from error

    def finish(self) -> str:
        """The bytes are on disk; their SHA-256."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            sync_folder(self._folder)
        except OSError as error:
            raise not_stored(error, self._folder) from error
        return self._digest.hexdigest()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def safe_name(name: str) -> str:
    """The last part of a name, without what no file should be called by. Its format may be told from it."""
    last = name.replace("\\", "/").rpartition("/")[2]
    bare = _UNPRINTED.sub("_", last).strip().lstrip(".-")
    short = bare.encode()[-NAME_BYTES_MAX:].decode("utf-8", "ignore")
    return short or "upload"


def sweep(data: Path) -> int:
    """Remove what was left by browsers and processes that went away in the middle; how many."""
    gone = 0
    folder = data / FOLDER
    for each in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            if present().timestamp() - each.stat().st_mtime > _LEFT_S:
                shutil.rmtree(each)
                gone += 1
    return gone


# --- reading it ------------------------------------------------------------------------------------------------------


def read_upload(house: House, upload: str) -> Upload:
    """Read it as its source. Repeated after a kill it does the same once more, which adds nothing."""
    found = _find(house, upload)
    if found.state in ("read", "refused"):
        return found
    with house.book.write() as tx:
        uploads.begin(tx, upload, house.now)
    try:
        came = _read(house, found)
    except BadRequest as error:
        _note_refused(house, upload, str(error))
    else:
        with house.book.write() as tx:
            uploads.note_read(tx, upload, came)
    shutil.rmtree(house.data / FOLDER / upload, ignore_errors=True)
    return _find(house, upload)


def _read(house: House, found: Upload) -> Read:
    path = house.data / FOLDER / found.upload / found.name
    if not path.is_file():
        raise BadRequest("its file is gone", remedy="send it again")
    source = find_source(house.config, found.source, found.reader)
    came = read_source_file(house, source, path, BookProgress(house, found.upload))
    if came.error:
        raise BadRequest(came.error.replace(str(path), found.name))
    return Read(
        records=came.records,
        pieces=came.pieces,
        rejects=came.rejects,
        already=came.already,
        read_as=came.reader,
        told=came.warnings,
    )


def _find(house: House, upload: str) -> Upload:
    with house.book.read() as tx:
        found = uploads.find(tx, upload)
    if found is None:
        raise BadRequest("there is no such upload")
    return found


def _note_refused(house: House, upload: str, why: str) -> None:
    with house.book.write() as tx:
        uploads.note_refused(tx, upload, why)


class BookProgress(Progress):
    """Says in the book how far the reading is, now and then."""

    def __init__(self, house: House, upload: str) -> None:
        self._house, self._upload, self._noted_s = house, upload, time.monotonic()

    @contextmanager
    def bytes(self, name: str, total: int) -> Iterator[Tell]:
        yield self._tell

    def _tell(self, done: int, total: int) -> None:
        if time.monotonic() - self._noted_s < _EVERY_S:
            return
        self._noted_s = time.monotonic()
        with self._house.book.write() as tx:
            uploads.note_progress(tx, self._upload, done)


# --- what could not be read ---------------------------------------------------------------------------------------


class RejectRow(msgspec.Struct, frozen=True):
    """A record that could not be read: of which file, in which line, why, and how it begins."""

    file: str
    line: int | None
    reason: str
    excerpt: str


def rejects_of(lake: Lake, evidence: Sequence[Evidence], limit: int | None = None) -> Iterator[RejectRow]:
    """The rejects of these evidences, file by file, by line; the first `limit`."""
    name_by_sha256 = {each.sha256: each.name for each in evidence if each.rejects}
    if not name_by_sha256:
        return
    days = sorted({utc_day(each.received_at) for each in evidence if each.rejects})
    sql = (
        "SELECT evidence_sha256, evidence_line, reject, excerpt"
        f" FROM {lake.scan('rejects', days)} WHERE list_contains($named, evidence_sha256) AND source = $source"
        " ORDER BY evidence_sha256, evidence_line, reject"
    )
    sql += f" LIMIT {int(limit)}" if limit else ""
    for batch in lake.engine.batches(sql, named=sorted(name_by_sha256), source=evidence[0].source):
        for row in batch:
            line = row["evidence_line"]
            yield RejectRow(
                name_by_sha256[str(row["evidence_sha256"])],
                int(str(line)) if line is not None else None,
                str(row["reject"]),
                str(row["excerpt"] or ""),
            )


def as_csv(rows: Iterator[RejectRow]) -> Iterator[bytes]:
    """RFC 4180, some at a time. A text that a spreadsheet would run has an apostrophe before it."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(RejectRow.__struct_fields__)
    for row in rows:
        writer.writerow([_inert(value) for value in msgspec.structs.astuple(row)])
        if held.tell() > 1 << 16:
            yield _taken(held)
    yield _taken(held)


def _inert(value: str | int | None) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _taken(held: io.StringIO) -> bytes:
    text = held.getvalue()
    held.seek(0)
    held.truncate()
    return text.encode()
