"""Whole processes: `tocsin --help`, and `tocsin who` on twenty million bindings. `python -m bench.commands`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.attribution import BINDINGS_AT_SCALE_1
from bench.attribution_world import CONFIG, DAY
from bench.figure import Figure, in_process, print_figures
from tocsin.terms.addresses import format_address

HELP_S_MAX, WHO_S_MAX, CHECK_S_MAX = 0.3, 1.2, 0.5
HEAVY = ("duckdb", "pyarrow", "sqlalchemy", "alembic", "cryptography", "jinja2")
TRIES = 5


def figures(world: Path | None = None) -> list[Figure]:
    """`world` is a folder of bench.attribution's at full scale; without it one is made."""
    with tempfile.TemporaryDirectory() as name:
        folder = world or Path(name) / "world"
        if not (folder / "truth.parquet").exists():
            in_process("bench.attribution", "--make", str(folder), "1.0")
        return [_help(), _who(folder), _check(Path(name) / "mail.eml")]


def _help() -> Figure:
    seconds = _best([sys.executable, "-m", "tocsin", "--help"])
    script = f"import sys, tocsin.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    heavy = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    return Figure(
        what="`tocsin --help`, whole process",
        measured=f"{seconds:.2f} s; heavy imports {heavy}",
        promised=f"{HELP_S_MAX} s, none",
        kept=seconds <= HELP_S_MAX and heavy == "[]",
    )


def _who(folder: Path) -> Figure:
    config = folder / "tocsin.toml"
    prefixes = ", ".join(f'"{prefix}"' for prefix in CONFIG.prefixes)
    logs = "".join(
        f'[[logs]]\nname = "{log.name}"\nreader = "freeradius"\nprefixes = {list(log.prefixes)}\n'
        for log in CONFIG.logs
    )
    config.write_text(
        '[issuer]\nname = "Bench"\ndomain = "bench.example"\nmail_from = "a@bench.example"\n'
        f"[provider]\nprefixes = [{prefixes}]\n{logs}"
    )
    address = _address(folder)
    command = [sys.executable, "-m", "tocsin", "who", address, "--at", f"{DAY}T11:30:00Z", "--json"]
    command += ["--config", str(config), "--data", str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return Figure(
        what=f"`tocsin who` on {BINDINGS_AT_SCALE_1:,} bindings, whole process",
        measured=f"{(seconds := _best(command)):.2f} s",
        promised=f"{WHO_S_MAX} s",
        kept=seconds <= WHO_S_MAX,
        peers=said[:90],
    )


def _check(mail: Path) -> Figure:
    head = "From: Shop <news@shop.example>\nTo: robin@home.example\nSubject: Bulbs\n"
    head += "Date: Tue, 24 Nov 2026 05:00:00 +0000\n\n"
    mail.write_text(head + "Plant tulips before the frost, and they will come back. https://shop.example/bulbs\n" * 240)
    seconds = _best([sys.executable, "-m", "tocsin", "check", str(mail), "--json"])
    return Figure(
        what=f"`tocsin check` of one mail of {mail.stat().st_size:,} bytes, offline, whole process",
        measured=f"{seconds:.2f} s",
        promised=f"{CHECK_S_MAX} s",
        kept=seconds <= CHECK_S_MAX,
    )


def _address(folder: Path) -> str:
    """One that was held at half past eleven."""
    from tocsin.engine import Engine  # noqa: PLC0415 - after the worlds are made, in the way of nobody's memory

    with Engine(folder / "work-commands") as engine:
        files = f"'{folder}/lake/bindings/day={DAY}/*.parquet'"
        rows = engine.rows(
            f"SELECT network FROM read_parquet({files}) WHERE prefix_bits = 128 AND port_first IS NULL"
            f" AND starts_at < TIMESTAMP '{DAY} 11:20:00' AND ends_at > TIMESTAMP '{DAY} 11:40:00' LIMIT 1"
        )
    return format_address(rows[0][0])  # type: ignore[arg-type]


def _best(command: list[str]) -> float:
    """The best of some tries: what the program needs, not what else the machine does."""
    found = []
    for _ in range(TRIES):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        found.append(time.perf_counter() - began)
    return min(found)


if __name__ == "__main__":
    print_figures(figures(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
