"""Rejects on their way: written to a file as they come, since a bad evidence may have more of them than memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tocsin.evidence.lines import EXCERPT_CHARS_MAX, Reject

_REASON_CHARS_MAX = 200


class RejectFile:
    """Rejects as JSON lines at `path`; the engine reads them from there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file = path.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()

    def add(self, reject: Reject) -> None:
        line = (reject.line, reject.reason[:_REASON_CHARS_MAX], reject.excerpt[:EXCERPT_CHARS_MAX])
        self._file.write(msgspec.json.encode(dict(zip(_NAMES, line, strict=True))) + b"\n")
        self.count += 1

    def relation(self) -> str:
        """An SQL relation over what has been written: evidence_line, reject, excerpt."""
        if not self.count:
            return (
                "(SELECT NULL::UBIGINT AS evidence_line, NULL::VARCHAR AS reject, NULL::VARCHAR AS excerpt WHERE false)"
            )
        name = str(self.path).replace("'", "''")
        types = "{evidence_line: 'UBIGINT', reject: 'VARCHAR', excerpt: 'VARCHAR'}"
        return (
            "(SELECT evidence_line, reject, excerpt"
            f" FROM read_json('{name}', format='newline_delimited', columns={types}))"
        )


_NAMES = ("evidence_line", "reject", "excerpt")
