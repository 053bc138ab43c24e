"""Reports: a country's sightings to one signed report a contact, kept in the outbox. `python -m bench.reports`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from bench.figure import Figure, in_process, peak_mb, print_figures
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
SIGHTINGS, CONTACTS = 60_000, 400
REPORTS_PER_S_MIN = 25
MEMORY_MB_MAX = 600
CONFIG = """
[issuer]
name = "Bench CERT"
domain = "bench.example"
mail_from = "reports@bench.example"

[reports]
form = "xarf"
rest_hours = 24

[lake]
memory = "400MB"
"""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds of this process with every thread; `peak_mb` of the whole run."""

    reports: int
    sightings: int
    cpu_s: float
    wall_s: float
    peak_mb: int


def world(folder: Path) -> None:
    """A configuration, a table of networks with a contact each, a feed."""
    (folder / "tocsin.toml").write_text(CONFIG)
    rows = (f"10.{number // 256}.{number % 256}.0/24,{64500 + number},IN,abuse@n{number}.example" for number in _all())
    (folder / "networks.csv").write_text("prefix,origin,country,abuse_contact\n" + "\n".join(rows) + "\n")
    with (folder / "feed.jsonl").open("wb") as out:
        for number in range(SIGHTINGS):
            out.write(msgspec.json.encode(_sighting(number)) + b"\n")


def _all() -> range:
    return range(CONTACTS)


def _sighting(number: int) -> dict[str, object]:
    network, host = number % CONTACTS, number // CONTACTS % 100
    at = (NOW - timedelta(hours=1, seconds=number % 7_200)).isoformat().replace("+00:00", "Z")
    return {
        "id": "00000000-0000-0000-0000-000000000000",
        **{"seen_at": at, "seen_until": at, "role": "infected", "kind": "infected-system"},
        "address": f"10.{network // 256}.{network % 256}.{host}",
        **{"port": 1024 + number % 60_000, "protocol": "tcp", "taxonomy": "malicious-code", "malware": "mirai"},
        **{"source": "bench", "reader": "jsonl"},
    }


def measure() -> Measured:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    from tocsin.attribution.networks import TABLES, read_networks  # noqa: PLC0415
    from tocsin.evidence.reading import read_file  # noqa: PLC0415
    from tocsin.pipeline.report_filing import file_reports  # noqa: PLC0415
    from tocsin.pipeline.reporting import due  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="bench-reports-") as name:
        folder = Path(name)
        world(folder)
        with House.open(config_file=folder / "tocsin.toml", data=folder / "data", now=NOW) as house:
            make_keys(house.data / "keys", house.issuer, NOW)
            with house.lake.writing(*TABLES) as writing:
                read_networks(writing, [folder / "networks.csv"], at=NOW - timedelta(days=30))
            counts = read_file(house.lake, folder / "feed.jsonl", source="bench", at=NOW)
            cpu, wall = time.process_time(), time.perf_counter()
            with due(house) as told:
                filed = file_reports(house, told.groups(), rest_hours=24)
            return Measured(
                reports=len(filed.kept),
                sightings=counts.sightings,
                cpu_s=time.process_time() - cpu,
                wall_s=time.perf_counter() - wall,
                peak_mb=peak_mb(),
            )


def figures() -> list[Figure]:
    """In a process of its own, whose peak memory is that of this alone."""
    found = msgspec.json.decode(in_process("bench.reports", "measure"), type=Measured)
    rate = found.reports / found.cpu_s
    return [
        Figure(
            what=f"reports: {found.sightings:,} sightings to {found.reports:,} signed, 100 XARF documents each",
            measured=f"{rate:,.0f} reports/s of one core's CPU time ({found.wall_s:.0f} s), {found.peak_mb} MB at most",
            promised=f"{REPORTS_PER_S_MIN} a second, {MEMORY_MB_MAX} MB",
            kept=rate >= REPORTS_PER_S_MIN and found.peak_mb <= MEMORY_MB_MAX and found.reports == CONTACTS,
            peers="none publishes a figure",
        )
    ]


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        print(msgspec.json.encode(measure()).decode())
    else:
        print_figures(figures())
