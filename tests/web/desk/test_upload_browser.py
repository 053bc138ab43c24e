"""An upload in a real browser: with script and without, and the pages to look at."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.desk.test_uploads import feed
from tests.web.live import Live, looking
from tocsin.pipeline.work import Worker
from tocsin.web.shared.site import Site

_PAGES = ("/", "/ask", "/upload", "/sources", "/networks", "/contacts", "/letters", "/audit", "/settings/sources/cert")


@contextmanager
def _working(site: Site) -> Iterator[None]:
    """A worker beside the pages."""
    stop = threading.Event()
    worker = Worker(site.book, site.config, site.fresh_house, clock=site.clock)
    thread = threading.Thread(target=worker.serve, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def _send(page: Page, live: Live, folder: Path) -> None:
    path = folder / "event4_sinkhole <b>.csv"
    path.write_bytes(feed(folder))
    page.goto(f"{live.desk}/upload")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Send and read it").click()


def test_from_a_file_to_a_run(live: Live, browser_page: Page, tmp_path: Path) -> None:
    live.sign_in(browser_page.context, "agent")
    _send(browser_page, live, tmp_path)
    expect(browser_page.get_by_text("Waits for a worker")).to_be_visible()
    with _working(live.site):
        expect(browser_page.get_by_role("heading", name="2 new sightings")).to_be_visible()
        expect(browser_page.get_by_role("heading", name="event4_sinkhole <b>.csv")).to_be_visible()
        with browser_page.expect_download() as coming:
            browser_page.get_by_text("Download all as CSV").click()
        assert coming.value.path().read_text("utf-8").startswith("file,line,reason,excerpt")
        browser_page.get_by_role("button", name="Run now").click()
        expect(browser_page.get_by_role("heading", name="Start", exact=True)).to_be_visible()


def test_without_script_it_works_as_well(sqlite_live: Live, browser: Browser, tmp_path: Path) -> None:
    with looking(browser, java_script_enabled=False) as page:
        sqlite_live.sign_in(page.context, "agent")
        _send(page, sqlite_live, tmp_path)
        expect(page.get_by_text("Waits for a worker")).to_be_visible()
        with _working(sqlite_live.site):
            expect(page.get_by_role("heading", name="2 new sightings")).to_be_visible()


def test_a_file_that_is_too_large_is_said_before_it_is_sent(
    sqlite_live: Live, browser_page: Page, tmp_path: Path
) -> None:
    sqlite_live.sign_in(browser_page.context, "agent")
    browser_page.goto(f"{sqlite_live.desk}/upload")
    browser_page.locator("form[data-upload]").evaluate("form => form.dataset.bytesMax = '10'")
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * 100)
    browser_page.set_input_files("#file", path)
    expect(browser_page.get_by_role("alert")).to_have_text("The file has more than 0 MB.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(sqlite_live: Live, browser: Browser, scheme: str) -> None:
    """WCAG 2.2 AA as far as axe-core tells, without a word from the console, and no wider than the window."""
    with looking(browser, color_scheme=scheme, viewport={"width": 1280, "height": 800}) as page:
        sqlite_live.sign_in(page.context, "admin")
        faults: dict[str, list[str]] = {}
        for path in _PAGES:
            page.goto(sqlite_live.desk + path)
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
            if found.violations_count:
                faults[path] = [
                    f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found.response["violations"]
                ]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert faults == {}
