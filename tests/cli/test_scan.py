"""`tocsin scan` as it is run: a whole process, what it prints, how it ends, what it loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scan.scan_world import BOT, RULE, digest
from tocsin.scan.findings import CODES
from tocsin.scan.wording import BLIND, LANGUAGES, placeholders, words_of

ENGINES = ("duckdb", "pyarrow", "sqlalchemy", "alembic", "tocsin.engine", "tocsin.book", "tocsin.mailcheck", "jinja2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "bot").write_bytes(BOT)
    (tmp_path / "rules.yar").write_text(RULE.text)
    return tmp_path


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tocsin", "scan", *arguments, "--vault", str(folder / "vault")]
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))} | more
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env=settings, encoding="utf-8")


def lines(ran: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_into_the_vault_and_back(folder: Path) -> None:
    moved = run(folder, "home", "--rules", "rules.yar", "--quarantine", "--json", "--now", "2026-11-24T05:00:00Z")
    found, told, last = lines(moved)
    assert moved.returncode == 0
    assert (found["code"], found["weight"], found["sha256"]) == ("rule-matched", "bad", digest(BOT))
    assert (told["code"], last["verdict"], last["files"], last["bytes"]) == ("moved", "found", 1, len(BOT))
    assert len(last["cannot_see"]) == len(BLIND)  # type: ignore[arg-type]
    assert not (folder / "home" / "bot").exists()
    held = lines(run(folder, "--held", "--json"))
    assert [(entry["id"], entry["state"], entry["taken_at"]) for entry in held] == [
        (told["id"], "held", "2026-11-24T05:00:00Z")
    ]
    assert run(folder, "--undo", str(told["id"])).returncode == 0
    assert (folder / "home" / "bot").read_bytes() == BOT


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screen_says_the_verdict_what_to_do_and_what_it_cannot_see(folder: Path, language: str) -> None:
    ran = run(folder, "home", "--rules", "rules.yar", "--lang", language, COLUMNS="2000")
    page = words_of(language).page
    assert ran.returncode == 0
    assert page["verdict_found"].upper() in ran.stdout
    said = " ".join(ran.stdout.split())
    assert page["blind_known"][:9] in said
    assert digest(BOT) in ran.stdout


def test_what_cannot_be_looked_at_makes_one(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    ran = run(folder, "pipe", "--rules", "rules.yar", "--json")
    assert (ran.returncode, lines(ran)[0]["weight"]) == (1, "unseen")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to look at"),
        (("home",), "nothing to compare files with"),
        (("--this-machine", "--disk", "home"), "two scans"),
        (("home", "--rules", "home"), "holds no YARA rules"),
        (("home", "--hashes", "rules.yar"), "holds no SHA-256"),
        (("--undo", "Qno"), "the vault has no"),
        (("nowhere", "--rules", "rules.yar"), "does not exist"),
    ],
)
def test_what_cannot_be_done_says_so_and_makes_two(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = run(folder, *arguments)
    assert (ran.returncode, said in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)


def test_a_family_needs_no_engine(folder: Path) -> None:
    code = (
        "import sys; from tocsin.cli.main import tocsin;"
        "tocsin.main(['scan', 'home', '--rules', 'rules.yar', '--json'], standalone_mode=False);"
        f"print([name for name in {ENGINES!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=True, encoding="utf-8")
    assert ran.stderr.strip() == "[]"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    own, english = words_of(language), words_of("en")
    assert set(own.findings) == set(CODES)
    for ours, theirs in ((own.findings, english.findings), (own.page, english.page)):
        assert ours.keys() == theirs.keys()
        assert {name: placeholders(ours[name]) for name in ours} == {n: placeholders(theirs[n]) for n in theirs}
