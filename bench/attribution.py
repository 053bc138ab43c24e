"""Attribution with every rule, and whether it is right: `python -m bench.attribution [BINDINGS] [FOLDER]`.

The world is made first, in a process of its own (bench/attribution_world.py); what is measured is one call that reads
the contracts, plans the day, resolves it and writes the answers. The truth is a formula and shares nothing with it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.attribution_world import CONFIG, DAY, NOW, judge, make_world, opened
from bench.figure import Figure, in_process, peak_mb, print_figures
from tocsin.attribution.resolve import attribute_days

SIGHTINGS = 2_000_000
BINDINGS_AT_SCALE_1 = 20_029_440
SECONDS_MAX, MB_MAX, TIMES_MAX = 5.0, 1536, 12.0
PEERS = "bare join 2.2 s (0.9 s sorted), Polars 10 s, numpy 15 s, Spark local about 15 s"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    seconds: float
    cpu_seconds: float
    peak_mb: int
    right: int
    wrong: int
    verdicts: list[tuple[str, int, int]]


def measure(folder: Path) -> Measured:
    """One run over a world that lies in `folder`, whatever was attributed before."""
    with opened(folder) as lake, lake.writing("attributions") as writing:
        forgotten = writing.batch("bench-forgets", kind="bench", at=NOW)
        forgotten.replace("attributions", [DAY])
        forgotten.made("attributions", DAY, "")
        forgotten.commit()
        began, cpu = time.perf_counter(), time.process_time()
        attribute_days(lake, writing, CONFIG, at=NOW)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        mb = peak_mb()
        verdicts = judge(lake, folder)
    return Measured(
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        peak_mb=mb,
        right=sum(right for _, right, _ in verdicts),
        wrong=sum(wrong for _, _, wrong in verdicts),
        verdicts=verdicts,
    )


def figures(bindings: int = BINDINGS_AT_SCALE_1, kept: Path | None = None) -> list[Figure]:
    """The promise at that many bindings, and how the time grows from a tenth of them."""
    found = []
    for scale in (bindings / BINDINGS_AT_SCALE_1 / 10, bindings / BINDINGS_AT_SCALE_1):
        with _world(scale, kept) as folder:
            found.append(msgspec.json.decode(in_process("bench.attribution", "--measure", str(folder)), type=Measured))
    small, big = found
    times = big.seconds / small.seconds
    return [
        Figure(
            what=f"attribution, every rule: {SIGHTINGS:,} sightings x {bindings:,} bindings",
            measured=f"{big.seconds:.1f} s ({big.cpu_seconds:.1f} s of CPU), {big.peak_mb} MB",
            promised=f"{SECONDS_MAX:g} s, {MB_MAX} MB",
            kept=big.seconds <= SECONDS_MAX and big.peak_mb <= MB_MAX,
            peers=PEERS,
        ),
        Figure(
            what="ten times the bindings",
            measured=f"{times:.1f} times the time ({small.seconds:.1f} s to {big.seconds:.1f} s)",
            promised=f"{TIMES_MAX:g} times",
            kept=times <= TIMES_MAX,
        ),
        Figure(
            what="answers against the formula",
            measured=f"right {big.right:,}, wrong {big.wrong:,}",
            promised="wrong 0",
            kept=not big.wrong and big.right == SIGHTINGS,
            peers=", ".join(f"{name} {right:,}" for name, right, _ in big.verdicts),
        ),
    ]


@contextmanager
def _world(scale: float, kept: Path | None) -> Iterator[Path]:
    """A world of that scale: made anew, or the one that lies in a folder that is kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = (kept or Path(name)) / f"scale-{scale:g}"
        if not (folder / "truth.parquet").exists():
            in_process("bench.attribution", "--make", str(folder), str(scale))
        yield folder


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--make"]:
        print(make_world(Path(arguments[1]), scale=float(arguments[2]), sightings=SIGHTINGS))
    elif arguments[:1] == ["--measure"]:
        print(msgspec.json.encode(measure(Path(arguments[1]))).decode())
    else:
        bindings = int(arguments[0]) if arguments else BINDINGS_AT_SCALE_1
        print_figures(figures(bindings, Path(arguments[1]) if len(arguments) > 1 else None))


if __name__ == "__main__":
    main(sys.argv[1:])
