"""A line of a gigabyte, in memory that does not grow with it."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.evidence.evidence_world import HEADER, SINKHOLE, sinkhole_row

LINE_BYTES = 1 << 30
GROWTH_MB_MAX = 150

READ = """
import resource, sys
from pathlib import Path
from tocsin.engine import Engine
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure

def read(engine, path, name):
    staged = stage(engine, measure(Path(path)), name=name, source="example", reader=sys.argv[3])
    print(staged.records, staged.rejects, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

with Engine(Path(sys.argv[1]).parent / "work", threads=1) as engine:
    read(engine, sys.argv[1], sys.argv[4])
    read(engine, sys.argv[2], sys.argv[4])
"""


def long_line(path: Path, before: bytes, after: bytes) -> None:
    """A gzip whose middle line is a gigabyte of `y`, written a piece at a time."""
    packer = zlib.compressobj(1, wbits=31)
    piece = b"y" * (1 << 20)
    with path.open("wb") as out:
        out.write(packer.compress(before))
        for _ in range(LINE_BYTES // len(piece)):
            out.write(packer.compress(piece))
        out.write(packer.compress(b"\n" + after) + packer.flush())


EVENT = b'{"source.ip":"192.0.2.1","time.source":"2026-11-23T10:00:00+00:00","classification.type":"infected-system"}\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "name", "before", "after"),
    [
        ("shadowserver", SINKHOLE, f"{HEADER}\n{sinkhole_row()}\n".encode(), f"{sinkhole_row(port=1)}\n".encode()),
        ("intelmq", "events.json", EVENT, EVENT.replace(b"2.1", b"2.2")),
    ],
)
def test_a_line_of_a_gigabyte_is_one_reject(
    tmp_path: Path, reader: str, name: str, before: bytes, after: bytes
) -> None:
    small, large = tmp_path / "small", tmp_path / "large.gz"
    small.write_bytes(before + after)
    long_line(large, before, after)
    told = subprocess.run(
        [sys.executable, "-c", READ, str(small), str(large), reader, name],
        check=True, capture_output=True, text=True, timeout=300,
    ).stdout.split()  # fmt: skip
    assert told[:2] == ["2", "0"]
    assert told[3:5] == ["2", "1"]
    assert int(told[5]) - int(told[2]) < GROWTH_MB_MAX
    sys.stdout.write(f"{reader}: {told[2]} MB without the line, {told[5]} MB with it\n")
