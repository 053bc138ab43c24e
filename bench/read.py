"""How fast one feed is read: an event4_sinkhole file from our own generator, staged and settled into an empty lake.

    python bench/read.py [ROWS]

Prints rows a second (all, and each step), CPU seconds, and the peak of memory.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin.book import Book
from tocsin.engine import Engine
from tocsin.evidence.read import stage
from tocsin.evidence.settle import TABLES, settle, window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
HEADER = (
    '"timestamp","protocol","src_ip","src_port","src_asn","src_geo","src_region","src_city","src_hostname","src_naics",'
    '"src_sector","device_vendor","device_type","device_model","dst_ip","dst_port","dst_asn","dst_geo","dst_region",'
    '"dst_city","dst_hostname","dst_naics","dst_sector","public_source","infection","family","tag","application",'
    '"version","event_id"'
)
FAMILIES = ("ramnit", "virut", "avalanche-andromeda", "mirai", "qakbot", "necurs")
SECTOR = "Communications, Service Provider, and Hosting Service"


def sinkhole_rows(rows: int, seed: int = 1) -> Iterator[str]:
    """Rows of about 270 bytes: one day, four /12s, one row in a hundred said twice."""
    dice = random.Random(seed)
    start = NOW - timedelta(hours=30)
    row = ""
    for number in range(rows):
        if number % 100 != 99:
            seen = start + timedelta(seconds=number * 86400 // rows)
            bits, family = dice.getrandbits(64), dice.choice(FAMILIES)
            source = f"{100 + (bits & 3)}.{64 + (bits >> 2 & 15)}.{bits >> 8 & 255}.{bits >> 16 & 255}"
            host = source.replace(".", "-")
            row = (
                f'"{seen:%Y-%m-%d %H:%M:%S}","tcp","{source}",{1024 + (bits >> 24) % 64000},64500,"XX","REGION ONE",'
                f'"TOWN","host-{host}.dyn.provider.example",518210,"{SECTOR}",,,,"198.51.100.{bits >> 40 & 255}",'
                f'{(80, 443, 4455)[bits % 3]},64501,"XY","REGION TWO","CITY",,518210,,"sink","{family}","{family}",,,,'
                f'"{bits:016x}"'
            )
        yield row


def write_feed(path: Path, rows: int) -> None:
    with path.open("w") as file:
        file.write(HEADER + "\n")
        file.writelines(f"{row}\n" for row in sinkhole_rows(rows))


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        feed = folder / "2026-11-23-event4_sinkhole-example-asn.csv"
        write_feed(feed, rows)
        (folder / "data").mkdir()
        book = Book.at(folder / "data")
        book.migrate()
        with Engine(folder / "work") as engine:
            lake = Lake(folder / "data", book, engine, wall_clock=lambda: NOW)
            before = _peak_mb()
            began = time.perf_counter(), time.process_time()
            kept = keep(folder / "data", feed)
            stored = time.perf_counter()
            staged = stage(engine, kept, name=feed.name, source="bench")
            read = time.perf_counter()
            with lake.writing(*TABLES) as writing:
                counts = settle(writing, staged, at=NOW, window=window_at(NOW))
            done = time.perf_counter(), time.process_time()
        book.close()
        print(f"{rows:,} rows, {kept.bytes / rows:.0f} bytes each: {counts}")
        print(f"all        {rows / (done[0] - began[0]):>10,.0f} rows/s  {done[0] - began[0]:6.2f} s")
        print(f"keep       {rows / (stored - began[0]):>10,.0f} rows/s  {stored - began[0]:6.2f} s")
        print(f"stage      {rows / (read - stored):>10,.0f} rows/s  {read - stored:6.2f} s")
        print(f"settle     {rows / (done[0] - read):>10,.0f} rows/s  {done[0] - read:6.2f} s")
        print(f"CPU {done[1] - began[1]:.2f} s; peak memory {_peak_mb():.0f} MB ({before:.0f} MB before)")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
