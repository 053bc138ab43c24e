"""`tocsin read` of what comes packed: from a file or standard input, into the lake or onto the screen."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from tests.evidence.containers_world import mail, zipped
from tests.evidence.evidence_world import SINKHOLE, sinkhole_file, sinkhole_row

CONFIG = """
[issuer]
name = "Example Net"
domain = "isp.example"
mail_from = "abuse@isp.example"
[provider]
prefixes = ["192.0.2.0/24"]
[[sources]]
name = "feed"
[[sources]]
name = "hole"
reader = "sinkhole"
[[sources.sinkhole_map]]
malware = "gatebot"
path = '^/gate$'
user_agent = '^gate$'
[[logs]]
name = "fixed"
reader = "static"
prefixes = ["192.0.2.0/24"]
"""
REPORT = sinkhole_file(sinkhole_row(), sinkhole_row(port=40001))
MAIL = mail({SINKHOLE: REPORT})
STATIC = b"network,account\n192.0.2.0/25,s1\n192.0.2.128/25,s2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    return tmp_path


def tocsin(folder: Path, *words: str, given: bytes = b"") -> list[dict[str, object]]:
    command = [sys.executable, "-m", "tocsin", "read", *words, "--now", "2026-11-24T06:00:00Z"]
    done = subprocess.run(
        command, cwd=folder, input=given, capture_output=True, check=False, env=os.environ | {"TOCSIN_DATA": "data"}
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return [msgspec.json.decode(line) for line in done.stdout.splitlines()]


def test_a_mail_onto_the_screen_names_its_member_as_the_evidence(folder: Path) -> None:
    (folder / "report.eml").write_bytes(MAIL)
    for found in (tocsin(folder, "report.eml", "--to", "jsonl"), tocsin(folder, "-", "--to", "jsonl", given=MAIL)):
        assert {line["evidence_sha256"] for line in found} == {sha256(REPORT).hexdigest()}
        assert [line["evidence_line"] for line in found] == [2, 3]
    assert not (folder / "data").exists()


def test_a_mail_on_standard_input_goes_into_the_lake_once(folder: Path) -> None:
    [first] = tocsin(folder, "-", "--source", "feed", "--json", given=MAIL)
    assert (first["name"], first["records"]) == ("standard input", 2)
    [again] = tocsin(folder, "-", "--source", "feed", "--json", given=MAIL)
    assert again["already"] is True


def test_a_binding_log_may_be_a_zip_of_one_file(folder: Path) -> None:
    (folder / "static.zip").write_bytes(zipped({"static.csv": STATIC}))
    [came] = tocsin(folder, "static.zip", "--log", "fixed", "--json")
    assert (came["records"], came["rejects"], came["error"]) == (2, 0, "")
    (folder / "two.zip").write_bytes(zipped({"static.csv": STATIC, "other.csv": STATIC}))
    [came] = tocsin(folder, "two.zip", "--log", "fixed", "--json")
    assert came["error"] == "a zip of 2 files, where one is read (unpack it first)"


def test_a_file_that_is_not_there_is_an_error_and_no_crash(folder: Path) -> None:
    [came] = tocsin(folder, "none.csv", "--source", "feed", "--json")
    assert str(came["error"]).startswith("none.csv: cannot be read")


def test_the_screen_believes_the_map_of_a_configuration_that_is_named(folder: Path) -> None:
    touch = b'{"time":"2026-11-23T10:00:00Z","client":"192.0.2.9","method":"GET","path":"/gate","user_agent":"gate"}\n'
    (folder / "touches.log").write_bytes(touch)
    [found] = tocsin(folder, "touches.log", "--source", "hole", "--config", "tocsin.toml", "--to", "jsonl")
    assert (found["role"], found["malware"]) == ("infected", "gatebot")
    [found] = tocsin(folder, "touches.log", "--as", "sinkhole", "--to", "jsonl")
    assert found["role"] == "lead"
