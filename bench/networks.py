"""How fast an address finds its network, and how long a registry's dump and a routing table take.

`python -m bench.networks [OBJECTS]`. The dump has the classes, sizes and shares of RIPE's (8 million objects).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.figure import Figure, in_process, peak_mb, print_figures
from bench.networks_world import ASKED, make_dump, make_rib, make_table
from tocsin.attribution.networks import TABLES, networks_of, read_networks
from tocsin.book import Book
from tocsin.engine import Engine
from tocsin.lake import Lake

OBJECTS = 8_000_000
PREFIXES = 1_000_000
ADDRESSES = 5_000_000
RIB_PREFIXES, RIB_PEERS = 100_000, 20
DUMP_S_MAX, DUMP_MB_MAX, MATCH_PER_S_MIN = 120, 2048, 1_000_000
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    claims: int
    seconds: float
    cpu_seconds: float
    peak_mb: int


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    prefixes: int
    found: int
    seconds: float
    cpu_seconds: float
    peak_mb: int


def import_files(paths: Sequence[Path]) -> Imported:
    """Read the files as one update into an empty lake."""
    with tempfile.TemporaryDirectory() as folder:
        lake = opened(Path(folder))
        began, cpu = time.perf_counter(), time.process_time()
        with lake.writing(*TABLES) as writing:
            found = read_networks(writing, paths, at=NOW)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        lake.engine.close()
        lake.book.close()
    return Imported(claims=found.prefixes, seconds=seconds, cpu_seconds=cpu_seconds, peak_mb=peak_mb())


def opened(data: Path) -> Lake:
    book = Book.at(data)
    book.migrate()
    return Lake(data, book, Engine(data / "work"), wall_clock=lambda: NOW)


def match(prefixes: int, addresses: int) -> Matched:
    """The best of three questions about that many addresses, in a lake that holds a table of that many prefixes."""
    with tempfile.TemporaryDirectory() as folder:
        lake = opened(Path(folder))
        with lake.writing(*TABLES) as writing:
            read = read_networks(writing, [make_table(Path(folder), prefixes)], at=NOW)
        lake.engine.run(f"CREATE TEMP TABLE asked AS {ASKED}", addresses=addresses)
        query = networks_of(lake, 'SELECT number, address, "at" FROM asked')
        times = []
        for _ in range(3):
            began, cpu = time.perf_counter(), time.process_time()
            lake.engine.run(f"CREATE OR REPLACE TEMP TABLE found AS {query}")
            times.append((time.perf_counter() - began, time.process_time() - cpu))
        found = int(str(lake.engine.rows("SELECT count(*) FROM found WHERE origin IS NOT NULL")[0][0]))
        lake.engine.close()
        lake.book.close()
    seconds, cpu_seconds = min(times)
    return Matched(prefixes=read.prefixes, found=found, seconds=seconds, cpu_seconds=cpu_seconds, peak_mb=peak_mb())


def figures(objects: int = OBJECTS) -> list[Figure]:
    """The promises, and a routing table, for which none was made."""
    with tempfile.TemporaryDirectory() as name:
        in_process("bench.networks", "--make", name, str(objects))
        dump = _imported(sorted(Path(name).glob("*.db.*.gz")))
        rib = _imported([Path(name) / "rib.bz2"])
        matched = msgspec.json.decode(
            in_process("bench.networks", "--match", str(PREFIXES), str(ADDRESSES)), type=Matched
        )
    per_s = ADDRESSES / matched.seconds
    routes = RIB_PREFIXES * RIB_PEERS
    return [
        Figure(
            what=f"longest match: {ADDRESSES:,} addresses, {matched.prefixes:,} prefixes",
            measured=f"{per_s:,.0f}/s ({ADDRESSES / matched.cpu_seconds:,.0f} per core-second), {matched.peak_mb} MB",
            promised=f"{MATCH_PER_S_MIN:,} addresses/s",
            kept=per_s >= MATCH_PER_S_MIN,
        ),
        Figure(
            what=f"a registry's dump of {objects:,} objects into one answer for each of {dump.claims:,} prefixes",
            measured=f"{dump.seconds:.0f} s ({dump.cpu_seconds:.0f} s of CPU), {dump.peak_mb} MB",
            promised=f"{DUMP_S_MAX} s, {DUMP_MB_MAX} MB",
            kept=dump.seconds <= DUMP_S_MAX and dump.peak_mb <= DUMP_MB_MAX,
            peers="CERT-Bund's importer needs 8 GB",
        ),
        Figure(
            what=f"a routing table dump (MRT) of {RIB_PREFIXES:,} prefixes from {RIB_PEERS} peers",
            measured=f"{routes / rib.seconds:,.0f} routes/s ({routes / rib.cpu_seconds:,.0f} per core-second)",
            promised="-",
            kept=True,
            peers="mrtparse 2.2.0 60,000 per core-second",
        ),
    ]


def _imported(paths: Sequence[Path]) -> Imported:
    return msgspec.json.decode(in_process("bench.networks", "--import", *map(str, paths)), type=Imported)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--make"]:
        make_dump(Path(arguments[1]), int(arguments[2]))
        make_rib(Path(arguments[1]) / "rib.bz2", RIB_PREFIXES, RIB_PEERS)
    elif arguments[:1] == ["--import"]:
        print(msgspec.json.encode(import_files([Path(path) for path in arguments[1:]])).decode())
    elif arguments[:1] == ["--match"]:
        print(msgspec.json.encode(match(int(arguments[1]), int(arguments[2]))).decode())
    else:
        print_figures(figures(int(arguments[0]) if arguments else OBJECTS))


if __name__ == "__main__":
    main(sys.argv[1:])
