"""The command as scripts use it: fields, exit codes, what goes together and what does not."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.witness.test_services import GOLDEN

CONTRACT = {"id", "seen_at", "seen_until", "precision_s", "role", "address", "kind", "taxonomy", "confidence", "source"}
SAMPLE = GOLDEN.parents[2] / "docs/witness/access.log"


def tocsin(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tocsin", "watch", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)


def test_json_gives_the_fields_of_a_sighting() -> None:
    done = tocsin(SAMPLE, "--json")
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines
    for line in lines:
        assert line.keys() >= CONTRACT | {"reader", "evidence_sha256", "evidence_line", "extra"}
        assert None not in line.values()
        assert "" not in line.values()


def test_packed_logs_and_standard_input_say_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    plain, zipped, piped = (
        [json.loads(line) | {"evidence_sha256": ""} for line in done.stdout.splitlines()]
        for done in (
            tocsin(SAMPLE, "--json"),
            tocsin(packed, "--json"),
            tocsin("-", "--json", stdin=SAMPLE.read_bytes()),
        )
    )
    assert plain == zipped == piped


def test_rejects_end_with_one_and_a_missing_file_with_two(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    log.write_text("Nov 24 03:16:38 gate sshd[1]: Invalid user x from 192.0.2.1 port 1001\n")
    done = tocsin(log, "--json", "--zone", "")
    assert done.returncode == 1
    assert b'"address":"192.0.2.1"' in done.stdout
    assert tocsin(log, "--zone", "Europe/Berlin").returncode == 0
    missing = tocsin(tmp_path / "missing.log")
    assert missing.returncode == 2
    assert b"missing.log: cannot be read" in missing.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--report",), b"--from"),
        (("--report", "--json"), b"exclude each other"),
        (("--follow", "--report"), b"--from"),
        (("--follow", "--send", "--json"), b"exclude each other"),
        (("--as", "telnetd"), b"no such service: 'telnetd'"),
        (("--zone", "Mars/Base"), b"not an IANA time zone"),
        (("--allow", "192.0.2.1/24"), b"bits set past the prefix length"),
    ],
)
def test_what_cannot_be_done_says_why(arguments: tuple[str, ...], said: bytes) -> None:
    done = tocsin(SAMPLE, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_long_log_read_by_several_processes_says_what_one_says(tmp_path: Path) -> None:
    block = b"".join(
        b'192.0.2.%d - - [24/Nov/2026:03:%02d:38 +0000] "GET /%s HTTP/1.1" 200 9 "-" "-"\n'
        % (n % 250, n % 60, b".env" if n % 997 == 0 else b"x" * 150)
        for n in range(50_000)
    )
    log = tmp_path / "access.log"
    log.write_bytes(block * 5)  # 50 MB: more than is read before others help
    lines = [json.loads(line)["evidence_line"] for line in tocsin(log, "--json").stdout.splitlines()]
    assert lines == [n + 1 for n in range(250_000) if n % 50_000 % 997 == 0]


def test_what_the_configuration_says_holds_where_the_command_line_is_silent(tmp_path: Path) -> None:
    (tmp_path / "crawlers.txt").write_text("203.0.113.0/24\n")
    config = tmp_path / "tocsin.toml"
    config.write_text(
        '[issuer]\nname = "Example Shop"\ndomain = "shop.example"\nmail_from = "abuse@shop.example"\n'
        '[provider]\nprefixes = ["198.51.100.0/24"]\n[watch]\nallowed = ["@crawlers.txt"]\n'
    )
    done = tocsin(SAMPLE, "--json", "--config", config)
    assert {json.loads(line)["address"] for line in done.stdout.splitlines()} == {"2001:db8:5::9"}


def test_what_was_seen_goes_into_the_lake_as_any_evidence(tmp_path: Path) -> None:
    seen = tmp_path / "seen.jsonl"
    seen.write_bytes(tocsin(GOLDEN / "sshd.log", "--json").stdout)
    command = [sys.executable, "-m", "tocsin", "read", str(seen), "--to", "jsonl", "--source", "gate"]
    read = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.splitlines()
    assert [json.loads(line)["address"] for line in read] == [
        json.loads(line)["address"] for line in seen.read_bytes().splitlines()
    ]
