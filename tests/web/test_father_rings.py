"""Father got a notice and does not believe it. He types its code, he rings, he asks the CERT: everybody says the same,
since one reference runs through everything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.faults.small_provider import write_sinkhole
from tests.web.live import Live
from tests.web.portal.portal_world import HOME, Sent, home_notice, work
from tocsin.terms.moments import format_moment

REFERENCE, HOUR = "S-1000-40010", "10:00:00"
SENT, LINE = "23 November 2026", "··06"
_CERT = """data = "data"
[issuer]
name = "Example CERT"
domain = "cert.example"
mail_from = "reports@cert.example"
[provider]
prefixes = ["192.0.2.0/24"]
[[sources]]
name = "cert"
title = "Our sinkhole"
trust = "known"
paths = ["feeds/*.csv"]
[lake]
threads = 1
"""


def test_clerk_portal_cert_and_command_line_answer_alike(live: Live, browser_page: Page, tmp_path: Path) -> None:
    notice = home_notice(live.site)
    _the_portal_knows_the_code(live, browser_page, notice)
    _the_clerk_says_yes(live, browser_page, notice)
    _the_page_shows_the_hour(live, browser_page, notice)
    (ours,) = _tocsin(live.site.config_file, "held", HOME, "--now", format_moment(live.site.clock()))
    (theirs,) = _held_by_the_cert(live, tmp_path)
    assert ours["source_ref"] == theirs["source_ref"] == REFERENCE
    assert ours["id"] == theirs["id"]
    assert ours["seen_at"] == theirs["seen_at"] == "2026-11-23T10:00:00Z"


def _the_portal_knows_the_code(live: Live, page: Page, notice: Sent) -> None:
    page.goto(live.portal)
    page.get_by_label("Code of the notice").fill(notice.code.lower())
    page.get_by_role("button", name="Check the code").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"We sent a notice on {SENT}"
    assert f"a customer whose line ends in {LINE}" in page.locator("main").inner_text()
    assert REFERENCE not in page.content()


def _the_clerk_says_yes(live: Live, page: Page, notice: Sent) -> None:
    """First what anybody with the code may hear; then, after the clerk has rung back, the whole."""
    live.sign_in(page.context, "phone")
    page.goto(f"{live.desk}/phone")
    page.get_by_label("Code of the notice").fill(notice.code)
    page.get_by_role("button", name="Look up the code").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"Yes, ours: sent on {SENT}"
    aloud = page.locator("ol").first.inner_text()
    assert f"ends in {LINE.strip('·')}." in aloud
    assert "A device on your line is infected" in aloud
    for never in (REFERENCE, HOUR, HOME, "Example CERT", "Robin"):
        assert never not in page.content()
    page.get_by_label("We rang him back at the number in the contract").check()
    page.get_by_role("button", name="Show the whole notice").click()
    whole = page.locator("main").inner_text()
    for told in (REFERENCE, HOUR, HOME, "Example CERT", notice.notice):
        assert told in whole


def _the_page_shows_the_hour(live: Live, page: Page, notice: Sent) -> None:
    """Father is at home: his own line proves that the notice is his."""
    page.set_extra_http_headers({"X-Forwarded-For": HOME})
    page.goto(live.portal)
    page.get_by_label("Code of the notice").fill(notice.code)
    page.get_by_role("button", name="Check the code").click()
    page.get_by_role("button", name="I am at home now").click()
    work(live.site)
    page.goto(f"{live.portal}/notice")
    shown = page.locator("main").inner_text()
    for told in (REFERENCE, HOUR, HOME, "Example CERT", notice.notice):
        assert told in shown
    page.set_extra_http_headers({})


def _held_by_the_cert(live: Live, folder: Path) -> list[dict[str, object]]:
    """The CERT's own house: it gave this sighting, and says so by its own number."""
    (folder / "feeds").mkdir()
    (folder / "tocsin.toml").write_text(_CERT, "utf-8")
    write_sinkhole(folder / "feeds" / "1-event4_sinkhole.csv", [(10, HOME, 40_010), (11, "198.51.100.99", 40_011)])
    now = format_moment(live.site.clock())
    _tocsin(folder / "tocsin.toml", "init")
    _tocsin(folder / "tocsin.toml", "run", "--now", now)
    return _tocsin(folder / "tocsin.toml", "held", HOME, "--now", now)


def _tocsin(config: Path, verb: str, *arguments: str) -> list[dict[str, object]]:
    """Run the command; the lines that it prints as JSON, where it is a verb that does."""
    command = [sys.executable, "-m", "tocsin", verb, *arguments]
    if verb == "init":
        command += ["--data", str(config.parent / "data")]
    command += ["--config", str(config)]
    if verb == "held":
        command += ["--json", "--reason", "father asks"]
    ran = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert ran.returncode in {0, 1}, ran.stderr.decode()
    return [json.loads(line) for line in ran.stdout.splitlines()] if verb == "held" else []
