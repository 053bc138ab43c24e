"""nfdump's own files, which nfdump itself prints for us: no shell, bounded, and ended when it hangs."""

from __future__ import annotations

import os
import re
import selectors
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tocsin.engine.columns import Part
from tocsin.evidence.blocks import Truncated
from tocsin.evidence.lines import Reject, bounded, numbered_lines
from tocsin.traffic.readers.unpacked import plain_file
from tocsin.traffic.reading import Reading

MAGIC = (b"\x0c\xa5", b"\xa5\x0c")  # nffile.h: 0xA50C
PROGRAM = "nfdump"
SILENT_S_MAX = 60  # without a byte from it
COMPLAINT_BYTES_MAX = 2_000
RATE_TEXT_BYTES_MAX = 1 << 20
_ASKED = (
    "started",
    "duration",
    "proto",
    "sa",
    "da",
    "sp",
    "dp",
    "flags",
    "packets",
    "bytes",
    "back_packets",
    "back_bytes",
)
_FORMAT = "fmt:%tsr,%td,%pr,%sa,%da,%sp,%dp,%flg,%ipkt,%ibyt,%opkt,%obyt"  # nfdump(1), FORMAT
# 1.7: one packet of an interval is taken, then a space is passed over. 1.6: an interval alone.
_RATE = re.compile(r"packet interval: (\d{1,9}), packet space: (\d{1,9})|(?<!packet )interval: (\d{1,9})")


def parts(reading: Reading, names: Sequence[str]) -> Iterator[Part]:
    """The records as comma-separated lines under a subset of `names`; the line is the record's number."""
    assert set(_ASKED) <= set(names)
    program = shutil.which(PROGRAM)
    if program is None:
        why = "nfdump's own file, and the program nfdump is not installed: install it, or print the file elsewhere"
        reading.reject(Reject(0, f"{why} (nfdump -r FILE -o csv) and read that", ""))
        return
    with plain_file(reading, MAGIC) as path:
        if path is None:
            return
        rate = _rate_of(program, path)
        if rate > 1:
            reading.tell_rate(rate)
        asked = (program, "-r", str(path), "-q", "-N", "-6", "-o", _FORMAT)
        for chunk in numbered_lines(_printed(asked, reading), reading.reject):
            kept = [
                (number, line.replace(b" ", b""))
                for number, line in enumerate(chunk.split(), chunk.first)
                if line and line != b"No matching flows"
            ]
            yield _ASKED, [number for number, _ in kept], b"\n".join(line for _, line in kept)


def _printed(asked: Sequence[str], reading: Reading) -> Iterator[bytes | Truncated]:
    """What the program prints; what it complains of is a reject, since it ends with 0 all the same."""
    complaint = b""
    for block, is_complaint in _run(asked):
        if is_complaint:
            complaint = (complaint + block)[:COMPLAINT_BYTES_MAX]
        elif block:
            yield block
        else:
            yield Truncated(f"{PROGRAM} has said nothing for {SILENT_S_MAX} seconds and was ended")
    if complaint.strip():
        shown = bounded(complaint.decode(errors="replace").strip().splitlines()[0])
        reading.reject(Reject(0, f"{PROGRAM} could not read all of it: {shown}", ""))


def _rate_of(program: str, path: Path) -> int:
    """One packet in so many, as the exporters have told the collector; 1 where they said nothing."""
    text = b""
    for block, is_complaint in _run((program, "-E", str(path))):
        text += block if not is_complaint else b""
        if len(text) > RATE_TEXT_BYTES_MAX:
            break
    rates = [1]
    for interval, space, alone in _RATE.findall(text.decode(errors="replace")):
        rates.append(round((int(interval) + int(space)) / max(1, int(interval))) if interval else int(alone))
    return max(rates)


def _run(asked: Sequence[str]) -> Iterator[tuple[bytes, bool]]:
    """Blocks of its output, and of its complaints (then True). An empty block of output: it hung and was ended."""
    own = {"TZ": "UTC", "LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)}
    with (
        subprocess.Popen(  # noqa: S603 - the one program, and a path made absolute
            asked, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=own
        ) as program,
        selectors.DefaultSelector() as pipes,
    ):
        assert program.stdout is not None
        assert program.stderr is not None
        pipes.register(program.stdout, selectors.EVENT_READ, False)
        pipes.register(program.stderr, selectors.EVENT_READ, True)
        try:
            while pipes.get_map():
                ready = pipes.select(SILENT_S_MAX)
                if not ready:
                    yield b"", False
                    return
                for key, _ in ready:
                    block = os.read(key.fd, 1 << 20)
                    if block:
                        yield block, key.data
                    else:
                        pipes.unregister(key.fileobj)
        finally:
            program.kill()
