"""`tocsin check` as it is run: a whole process, what it prints, how it ends, what it loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mailcheck.mail_world import KEY, ed25519_record, html_of, notice, signed
from tocsin.cli.wrapping import columns_of, wrapped
from tocsin.mailcheck.catalogue import page_words
from tocsin.proof.known import format_known

MAIL = b"From: a@shop.example\nTo: b@mail.example\nSubject: Sale\nMessage-ID: <1@shop.example>\n\nhello\n"
NOT_NEEDED = ("duckdb", "pyarrow", "sqlalchemy", "alembic", "babel", "rich", "pika", "redis", "psycopg")
ENGINES = ("duckdb", "pyarrow", "sqlalchemy", "alembic", "tocsin.engine", "tocsin.book", "rich", "jinja2", "olefile")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.eml").write_bytes(notice())
    (tmp_path / "changed.eml").write_bytes(notice(html=html_of().replace("40512", "40513")))
    (tmp_path / "known.toml").write_text(format_known([(KEY.public, "Example Broadband")], []))
    return tmp_path


def run(folder: Path, *arguments: str, given: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tocsin", "check", *arguments]
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))} | more
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False, env=settings)


def lines(ran: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_line_of_json_for_each_mail_by_its_name(folder: Path) -> None:
    (folder / "box.mbox").write_bytes(b"From a@b.example Tue Nov 24 05:00:00 2026\n" + MAIL)
    ran = run(folder, "good.eml", "changed.eml", "box.mbox", "-", "--known", "known.toml", "--json", given=MAIL)
    assert ran.returncode == 0
    assert [(line["file"], line["verdict"]) for line in lines(ran)] == [
        ("good.eml", "genuine"),
        ("changed.eml", "fake"),
        ("box.mbox#1", "unclear"),
        ("-", "unclear"),
    ]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(folder: Path) -> None:
    ran = run(folder, "none.eml", "good.eml", "--json")
    assert (ran.returncode, len(lines(ran))) == (1, 1)
    assert b"none.eml: cannot be read: No such file" in ran.stderr
    ran = run(folder, "-", given=b"%PDF-1.7")
    assert ran.returncode == 2
    assert b"save the mail from your mail program" in ran.stderr


def test_bad_options_end_with_two_and_say_what_is_wrong(folder: Path) -> None:
    (folder / "bad.toml").write_text("[key")
    for arguments in (
        ("good.eml", "--known", "bad.toml"),
        ("good.eml", "--lang", "xx"),
        (),
        ("good.eml", "--html", "no/p"),
    ):
        ran = run(folder, *arguments)
        assert ran.returncode == 2
        assert ran.stderr
        assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("language", ["en", "hi", "ja", "de"])
def test_the_screen_keeps_to_its_columns_and_says_the_three_answers(folder: Path, language: str) -> None:
    ran = run(
        folder, "changed.eml", "good.eml", "-", "--known", "known.toml", "--lang", language, COLUMNS="80", given=MAIL
    )
    text = ran.stdout.decode()
    words = page_words(language)
    assert all(words[name].lower() in text.lower() for name in ("who", "know", "do", "found", "aloud", "verdict_fake"))
    assert max(columns_of(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text


def test_the_language_is_the_one_asked_for_else_the_locales_else_english(folder: Path) -> None:
    german, english = page_words("de")["who"], page_words("en")["who"]
    assert german in run(folder, "good.eml", LANG="de_DE.UTF-8").stdout.decode()
    assert german in run(folder, "good.eml", "--lang", "de", LANG="ja_JP.UTF-8").stdout.decode()
    assert english in run(folder, "good.eml", LANG="xx_XX", PYTHONUTF8="1").stdout.decode()
    (line,) = lines(run(folder, "good.eml", "--json", LANG="de_DE.UTF-8"))
    assert "carries no Tocsin proof" not in str(line)
    assert "The text is word by word" in str(line)


def test_the_page_is_written(folder: Path) -> None:
    ran = run(folder, "good.eml", "-", "--known", "known.toml", "--html", "page.html", "--lang", "ja", given=MAIL)
    assert ran.returncode == 0
    assert (folder / "page.html").read_text("utf-8").count("<article>") == 2


def test_no_engine_is_loaded_to_check_a_mail(folder: Path) -> None:
    script = (
        "import sys; from tocsin.cli.main import tocsin\n"
        "tocsin.main(['check', 'good.eml', '--known', 'known.toml', '--json'], standalone_mode=False)\n"
        f"print([name for name in {ENGINES!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, check=True)
    assert ran.stderr.decode().strip() == "[]"


def test_a_family_needs_nothing_of_the_engine(folder: Path) -> None:
    """Where what only the other rooms need cannot be imported at all: every kind of answer, and a zone file."""
    (folder / "net.example.zone").write_text(
        f'$ORIGIN net.example.\n$TTL 60\ns1._domainkey IN TXT "{ed25519_record()}"\n'
    )
    (folder / "signed.eml").write_bytes(signed(notice(), ed25519=True))
    script = (
        "import sys\n"
        f"for name in {NOT_NEEDED!r}: sys.modules[name] = None\n"
        "from tocsin.cli.main import tocsin\n"
        "for more in (['--json'], ['--lang', 'hi'], ['--html', 'page.html'],"
        " ['--zone', 'net.example.zone', '--json']):\n"
        "    arguments = ['check', 'signed.eml', 'good.eml', '--known', 'known.toml', *more]\n"
        "    assert not tocsin.main(arguments, standalone_mode=False)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert b"dkim-aligned" in ran.stdout
    assert (folder / "page.html").exists()


@pytest.mark.parametrize(
    "text", ["a " * 99, "x" * 200, "回線" * 80, "「あ」、" * 40, "कनेक्शन है। " * 30, "", "a" + "\u0301" * 50]
)
def test_lines_are_broken_where_the_script_allows_and_nothing_is_lost(text: str) -> None:
    broken = wrapped(text, 30)
    assert all(columns_of(line) <= 30 for line in broken)
    assert "".join(broken).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("、", "。", "」")) for line in broken)
