"""The way from bytes to rows."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.evidence.evidence_world import SINKHOLE, Read, Rows
from tocsin.engine import Engine
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.writers.jsonl import jsonl_lines


@pytest.fixture
def read(engine: Engine, tmp_path: Path) -> Read:
    """Bytes to what `--to jsonl` prints, as dictionaries."""

    def read_bytes(content: bytes, name: str = SINKHOLE, *, reader: str | None = None, source: str = "example") -> Rows:
        path = tmp_path / "evidence-file"
        path.write_bytes(content)
        staged = stage(engine, measure(path), name=name, source=source, reader=reader)
        lines = [msgspec.json.decode(line) for line in jsonl_lines(engine, staged)]
        assert (staged.records, staged.rejects) == (
            sum("id" in line for line in lines),
            sum("reject" in line for line in lines),
        )
        staged.discard()
        return lines

    return read_bytes
