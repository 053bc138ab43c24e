"""Side by side with IntelMQ 3.5.0: the same 50,000-row event4_sinkhole file, rows per core-second of both.

`python -m bench.intelmq [ROWS]`. IntelMQ comes from the package index into an environment of its own (in the temporary
folder, kept for the next run); its bots run as processes over a Redis of their own: file collector, Shadowserver
parser, deduplicator, taxonomy, file output. Only its check that nobody runs it as root is left out. What each needs
is counted by the kernel: CPU of every bot and of Redis, with what they need to start.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.figure import machine
from bench.read import HEADER, NOW, sinkhole_rows
from tocsin.terms.moments import format_moment

ROWS = 50_000
VERSION = "3.5.0"
SCHEMA = Path(__file__).parents[2] / "shared" / "data" / "feeds" / "schema" / "intelmq.json"
ENVIRONMENT = Path(tempfile.gettempdir()) / f"tocsin-bench-intelmq-{VERSION}"
FEED = "2026-11-23-event4_sinkhole-example-asn.csv"
QUIET_S = 5  # nothing has moved for so long: they are done
WAIT_S_MAX = 3600

UNLIKE: dict[str, object] = {"filter_keys": "raw, time.observation", "filter_type": "blacklist"}  # as IntelMQ ships it
# bot: (module, class, what it sends to, its own parameters)
BOTS: dict[str, tuple[str, str, str | None, dict[str, object]]] = {
    "collector": ("collectors.file.collector_file", "FileCollectorBot", "parser", {"postfix": ".csv"}),
    "parser": ("parsers.shadowserver.parser", "ShadowserverParserBot", "deduplicator", {}),
    "deduplicator": ("experts.deduplicator.expert", "DeduplicatorExpertBot", "taxonomy", UNLIKE),
    "taxonomy": ("experts.taxonomy.expert", "TaxonomyExpertBot", "output", {}),
    "output": ("outputs.file.output", "FileOutputBot", None, {}),
}
GROUP = {"collector": "Collector", "parser": "Parser", "output": "Output"}
START = """
import importlib, sys
from intelmq.lib import utils
utils.drop_privileges = lambda: True
module, name, bot = sys.argv[1:]
sys.argv = [name, bot]
getattr(importlib.import_module("intelmq.bots." + module), name).run()
"""
CONFIG = """
[issuer]
name = "Bench"
domain = "bench.example"
mail_from = "a@bench.example"
[provider]
prefixes = ["192.0.2.0/24"]
[[sources]]
name = "bench"
"""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a program needed for how many rows."""

    what: str
    rows: int
    came_out: int
    cpu_s: float
    wall_s: float

    def line(self) -> str:
        return (
            f"{self.what:44} {self.rows / self.cpu_s:>9,.0f} rows per core-second"
            f"  ({self.cpu_s:.1f} s CPU, {self.wall_s:.1f} s wall, {self.came_out:,} came out)"
        )


def write_feed(path: Path, rows: int) -> None:
    """Every column of Shadowserver's schema of March 2026: IntelMQ logs each one that is absent, for each row."""
    with path.open("w") as file:
        file.write(HEADER + ',"severity","ssl_cipher","ssl_servername"\n')
        file.writelines(f'{row},"critical",,\n' for row in sinkhole_rows(rows))


def environment() -> Path:
    """A Python with IntelMQ in it."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "setuptools<80", f"intelmq=={VERSION}"]
        subprocess.run(install, check=True)
        (ENVIRONMENT / "ready").touch()
    return python


def measure_intelmq(folder: Path, feed: Path, rows: int) -> Run:
    python = environment()
    with _redis(folder) as (server, port):
        root = _root(folder / "intelmq", python, feed, port)
        began = time.perf_counter()
        bots = [_bot(python, root, bot) for bot in BOTS]
        try:
            _await_quiet(port)
            wall = time.perf_counter() - began - QUIET_S
        finally:
            cpu = sum(_ended(bot) for bot in bots)
        cpu += _cpu_of_redis(server, port)
    events = root / "events.txt"
    return Run(what=f"IntelMQ {VERSION}", rows=rows, came_out=_lines(events), cpu_s=cpu, wall_s=wall)


def measure_tocsin(folder: Path, feed: Path, rows: int) -> list[Run]:
    """Into the lake (evidence kept, deduplicated, what a notice rests on), and to IntelMQ's events in a file."""
    (folder / "tocsin.toml").write_text(CONFIG)
    tocsin = [sys.executable, "-m", "tocsin", "read", str(feed), "--source", "bench", "--now", format_moment(NOW)]
    into = [*tocsin, "--config", str(folder / "tocsin.toml"), "--data", str(folder / "data"), "--json"]
    told = folder / "told.json"
    cpu, wall = _spent(into, told)
    came = msgspec.json.decode(told.read_bytes().splitlines()[0])["records"]
    events = folder / "events.json"
    events_cpu, events_wall = _spent([*tocsin, "--to", "intelmq"], events)
    return [
        Run(what="tocsin read, into the lake, deduplicated", rows=rows, came_out=came, cpu_s=cpu, wall_s=wall),
        Run(what="tocsin read --to intelmq", rows=rows, came_out=_lines(events), cpu_s=events_cpu, wall_s=events_wall),
    ]


def _root(root: Path, python: Path, feed: Path, port: int) -> Path:
    """IntelMQ's folder: its configuration, and the mapping, which is not in its package."""
    state = root / "var" / "lib" / "bots"
    for path in (root / "etc", state / "file-output", root / "var" / "log", root / "var" / "run", root / "in"):
        path.mkdir(parents=True)
    find = "import intelmq, os; print(os.path.dirname(intelmq.__file__))"
    package = subprocess.run(
        [str(python), "-c", find], check=True, capture_output=True, text=True, env=_environ(root)
    ).stdout.strip()
    shutil.copy(Path(package) / "etc" / "harmonization.conf", root / "etc")
    shutil.copy(SCHEMA, state / "shadowserver-schema.json")
    shutil.copy(feed, root / "in")
    runtime: dict[str, object] = {
        "global": {
            **{f"{which}_pipeline_{name}": value for which in ("source", "destination") for name, value in _ON(port)},
            **{"redis_cache_host": "127.0.0.1", "redis_cache_port": port, "redis_cache_db": 6},
            **{"statistics_host": "127.0.0.1", "statistics_port": port, "statistics_database": 3},
            **{"logging_level": "INFO", "logging_path": str(root / "var" / "log") + "/", "rate_limit": 0},
        }
    }
    own = {"collector": {"path": str(root / "in"), "name": "Shadowserver", "provider": "Shadowserver"}}
    own |= {"output": {"file": str(root / "events.txt")}}
    for bot, (module, _, target, parameters) in BOTS.items():
        destinations = {"destination_queues": {"_default": [f"{target}-queue"]}} if target else {}
        runtime[bot] = {
            **{"bot_id": bot, "module": f"intelmq.bots.{module}", "enabled": True, "group": GROUP.get(bot, "Expert")},
            **{"name": bot, "run_mode": "scheduled" if bot == "collector" else "continuous"},
            "parameters": {**parameters, **own.get(bot, {}), **destinations},
        }
    (root / "etc" / "runtime.yaml").write_bytes(msgspec.json.encode(runtime))  # JSON is YAML
    return root


def _ON(port: int) -> list[tuple[str, object]]:  # noqa: N802 - reads as a table
    return [("broker", "redis"), ("host", "127.0.0.1"), ("port", port), ("db", 2)]


def _environ(root: Path) -> dict[str, str]:
    return os.environ | {"INTELMQ_ROOT_DIR": str(root) + "/", "PYTHONPATH": ""}


def _bot(python: Path, root: Path, bot: str) -> subprocess.Popen[bytes]:
    module, name, _, _ = BOTS[bot]
    with (root / f"{bot}.txt").open("wb") as output:
        command = [str(python), "-c", START, module, name, bot]
        return subprocess.Popen(command, env=_environ(root), stdout=output, stderr=output)


def _await_quiet(port: int) -> None:
    """Until every queue is empty and nothing moves any more."""
    from redis import Redis  # noqa: PLC0415 - an extra

    queues = Redis("127.0.0.1", port, 2)
    statistics = Redis("127.0.0.1", port, 3)
    seen: object = None
    until = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < until:
        time.sleep(QUIET_S)
        now = {name: queues.llen(name) for name in queues.keys("*")}, [*map(statistics.get, statistics.keys("*"))]
        if now == seen and not any(now[0].values()) and statistics.dbsize():
            return
        seen = now
    raise SystemExit("IntelMQ was not done in an hour")


def _ended(process: subprocess.Popen[bytes]) -> float:
    """Its CPU. Idle bots may not hear that they should stop."""
    os.kill(process.pid, signal.SIGTERM)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGKILL)
    return _cpu_of(process)


def _cpu_of(process: subprocess.Popen[bytes]) -> float:
    """What the kernel counted, of a process that nobody has waited for."""
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime


def _cpu_of_redis(server: subprocess.Popen[bytes], port: int) -> float:
    from redis import Redis  # noqa: PLC0415 - an extra

    assert server.poll() is None
    info: dict[str, float] = Redis("127.0.0.1", port).info("cpu")
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


@contextmanager
def _redis(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield server, port
    finally:
        server.terminate()
        server.wait()


def _spent(command: list[str], output: Path) -> tuple[float, float]:
    """CPU and wall clock of a process."""
    began = time.perf_counter()
    with output.open("wb") as out:
        process = subprocess.Popen(command, stdout=out)
        cpu = _cpu_of(process)
    return cpu, time.perf_counter() - began


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def main(arguments: list[str]) -> None:
    rows = int(arguments[0]) if arguments else ROWS
    if not SCHEMA.exists():
        raise SystemExit(f"skipped: IntelMQ's package has no Shadowserver mapping, and {SCHEMA} is absent")
    if shutil.which("redis-server") is None:
        raise SystemExit("skipped: redis-server is not installed")
    print(f"{machine()}; {rows:,} rows of event4_sinkhole\n", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        feed = folder / FEED
        write_feed(feed, rows)
        ours = measure_tocsin(folder, feed, rows)
        for run in (*ours, theirs := measure_intelmq(folder, feed, rows)):
            print(run.line())
        for run in ours:
            print(f"{run.what}: {theirs.cpu_s / run.cpu_s:.0f} times IntelMQ's")


if __name__ == "__main__":
    main(sys.argv[1:])
