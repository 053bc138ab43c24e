"""A file as another program's library must have it: whole, on disk, and not packed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.evidence.blocks import Truncated
from tocsin.evidence.lines import Reject
from tocsin.traffic.reading import Reading

UNPACKED_BYTES_MAX = 64 << 30


@contextmanager
def plain_file(reading: Reading, magic: tuple[bytes, ...]) -> Iterator[Path | None]:
    """The file itself where it begins so; else what is packed in it, in the work folder for as long as the block lasts.

    None, and a reject, where it is too large or nothing could be unpacked.
    """
    with reading.path.open("rb") as file:
        if file.read(max(map(len, magic))).startswith(magic):
            yield reading.path.resolve()
            return
    unpacked = reading.engine.work_dir / f"traffic-{reading.file}.unpacked"
    try:
        yield unpacked if _unpack(reading, unpacked) else None
    finally:
        unpacked.unlink(missing_ok=True)


def _unpack(reading: Reading, target: Path) -> bool:
    size = 0
    with target.open("wb") as out:
        for block in reading.blocks:
            if isinstance(block, Truncated):
                reading.reject(Reject(0, f"the file is cut off: {block.why}", ""))
                return size > 0
            size += len(block)
            if size > UNPACKED_BYTES_MAX:
                reading.reject(Reject(0, f"unpacked it is larger than {UNPACKED_BYTES_MAX} bytes: split it", ""))
                return False
            out.write(block)
    return True
