"""What the command line offers is what the tables have."""

from __future__ import annotations

import subprocess
import sys

import msgspec
from click.testing import CliRunner

from tocsin.attribution.bindings.read import READERS
from tocsin.cli.formats import command
from tocsin.cli.read import TARGETS
from tocsin.evidence.formats import FORMATS, writers
from tocsin.traffic.formats import FORMATS as FLOW_FORMATS


def test_read_offers_what_is_written() -> None:
    assert sorted(TARGETS) == sorted(writers())


def test_every_format_and_every_log_reader_is_listed() -> None:
    said = CliRunner().invoke(command, ["--json"])
    lines = [msgspec.json.decode(line) for line in said.stdout.splitlines()]
    evidence = [line for line in lines if line["of"] == "evidence"]
    assert [(line["format"], line["title"]) for line in evidence] == [(this.name, this.title) for this in FORMATS]
    assert [line["format"] for line in lines if line["of"] == "bindings"] == list(READERS)
    assert [line["format"] for line in lines if line["of"] == "flows"] == [this.name for this in FLOW_FORMATS]
    assert {line["format"] for line in evidence if line["out"]} == set(writers())


def test_a_person_reads_them_too() -> None:
    said = CliRunner().invoke(command, [])
    assert said.exit_code == 0
    assert all(this.name in said.stdout for this in FORMATS)


def test_the_help_of_read_loads_no_engine() -> None:
    script = (
        "import sys, tocsin.cli.read; print([n for n in ('duckdb', 'pyarrow', 'redis', 'pika') if n in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "[]"
