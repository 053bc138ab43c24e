"""The provider's own tables as CSV (or TSV): a header that names the columns, one record a line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from tocsin.evidence.lines import Reject, Truncated, bounded, numbered_lines, open_blocks
from tocsin.terms.errors import BadRequest


class BadRow(msgspec.Struct, frozen=True):
    """A row that was left out: where it stands, why, and what was seen (at most 200 characters)."""

    file: str
    line: int
    reason: str
    value: str = ""


class Row(msgspec.Struct, frozen=True):
    """One record: its physical line (the header is line 1), its text, and its fields by column."""

    line: int
    text: str
    field_by_column: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The field without blanks around it; '' where the file has no such column."""
        return self.field_by_column.get(column, "").strip()


def read_rows(path: Path, needed: Sequence[str], bad: list[BadRow]) -> Iterator[Row]:
    """The file's records, in bounded memory; what cannot be read is added to `bad`.

    Raises BadRequest when the first line does not name the needed columns.
    """
    header: list[str] = []
    for line, text in read_lines(path, bad):
        try:
            fields = next(csv.reader([text], strict=True), [])
        except csv.Error as error:
            bad.append(BadRow(path.name, line, f"not a CSV record: {error}", bounded(text)))
            continue
        if not header:
            header = _header(path, [field.strip() for field in fields], needed)
        elif len(fields) != len(header):
            reason = f"{len(fields)} fields where the first line has {len(header)}"
            bad.append(BadRow(path.name, line, reason, bounded(text)))
        else:
            yield Row(line, text, dict(zip(header, fields, strict=True)))
    if not header:
        _header(path, [], needed)


def read_lines(path: Path, bad: list[BadRow]) -> Iterator[tuple[int, str]]:
    """Physical lines with their numbers, blank ones left out. Raises BadRequest when there is no such file."""

    def refuse(reject: Reject) -> None:
        bad.append(BadRow(path.name, reject.line, reject.reason, reject.excerpt))

    try:
        for lines in numbered_lines(_blocks(path), refuse):
            for number, line in enumerate(lines.split(), lines.first):
                if line:
                    yield number, line.decode().removesuffix("\r")
    except OSError as error:
        raise BadRequest(f"cannot read it: {error.strerror}", where=str(path)) from error


def _blocks(path: Path) -> Iterator[bytes | Truncated]:
    yield from open_blocks(path)


def file_digest(path: Path) -> str:
    """Hex SHA-256 of the file's bytes. Raises BadRequest when it cannot be read."""
    whole = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                whole.update(block)
    except OSError as error:
        raise BadRequest(f"cannot read it: {error.strerror}", where=str(path)) from error
    return whole.hexdigest()


def _header(path: Path, fields: list[str], needed: Sequence[str]) -> list[str]:
    missing = [column for column in needed if column not in fields]
    if missing or len(set(fields)) < len(fields):
        seen = ",".join(fields)[:80]
        raise BadRequest(
            f"the first line names no column {missing[0]!r}: {seen!r}" if missing else f"a column twice: {seen!r}",
            where=str(path),
            remedy=f"let the first line name {', '.join(needed)}",
        )
    return fields
