"""The page of `tocsin check` in a real browser: it runs nothing, asks for nothing, and fits a phone."""

from __future__ import annotations

import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from tests.mailcheck.mail_world import KNOWN, notice
from tocsin.mailcheck.catalogue import LANGUAGES, page_words
from tocsin.mailcheck.check import check
from tocsin.mailcheck.page import page
from tocsin.mailcheck.setup import Setup

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
HOSTILE = (
    b'From: "<img src=x onerror=document.title=1>" <x@bank.example>\n'
    b"Subject: </title><script>document.title='run'</script>\xe2\x80\xae" + b"W" * 10_000_000 + b"\n"
    b"Message-ID: <1@x.example>\n\n<script>document.title='run'</script> http://bad.example/" + b"a" * 5_000 + b"\n"
)


def browse(path: Path, *options: str) -> str:
    assert CHROMIUM is not None
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1",
        f"--user-data-dir={path.parent / 'profile'}", "--disable-background-networking", *options, path.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_shows_the_words_and_runs_nothing_of_the_mail(tmp_path: Path, language: str) -> None:
    answers = [("a.eml", check(raw, Setup(known=KNOWN, language=language))) for raw in (notice(), HOSTILE)]
    path = tmp_path / "page.html"
    path.write_text(page(answers), "utf-8")
    shown = browse(path, "--dump-dom")
    assert f"<title>{page_words(language)['title']}</title>" in shown  # no script changed it
    assert "<script" not in shown
    assert "<img" not in shown
    assert answers[0][1].answers.do in unescape(shown)


def test_the_page_is_no_wider_than_a_phone(tmp_path: Path) -> None:
    """A second page holds the first in a frame of a phone's width and says how wide its content is."""
    inner = tmp_path / "inner.html"
    inner.write_text(page([("a" * 300 + ".eml", check(HOSTILE, Setup(known=KNOWN)))]), "utf-8")
    outer = tmp_path / "outer.html"
    outer.write_text(
        "<!DOCTYPE html><body><iframe id=f width=360 height=900 src=inner.html></iframe><p id=w></p><script>"
        "f.onload = () => { w.textContent = 'wide ' + f.contentDocument.documentElement.scrollWidth }</script>",
        "utf-8",
    )
    shown = browse(outer, "--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=3000")
    assert "wide 360" in shown


def test_the_page_prints(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page([("a.eml", check(notice(), Setup(known=KNOWN, language="hi")))]), "utf-8")
    browse(path, f"--print-to-pdf={tmp_path / 'page.pdf'}", "--no-pdf-header-footer")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
