"""The portal in a real browser: for everybody, whatever they see with, type with, or hold in their hand."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.live import Live, looking
from tests.web.portal.portal_world import ELSEWHERE, HOME, NEIGHBOUR, home_notice, work
from tests.web.portal.test_proving import mails, number_in
from tocsin.web.portal import notice_read
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES

PAGES = (
    "/",
    "/check",
    "/connection",
    "/clean?trouble=infected&device=box",
    "/without-code",
    "/kept",
    "/who",
    "/remedies",
    "/remedies/mirai",
    "/remedies/open-dns",
    "/alerts",
)
_AXE = Axe()
Stop = Callable[[str], None]
_SHOTS = os.environ.get("TOCSIN_SHOTS")  # a folder that gets a picture of every stop, to be looked at


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch, _impatient: None) -> None:
    """Here somebody works behind the page."""
    monkeypatch.setattr(notice_read, "PATIENCE_S", 5.0)


@contextmanager
def working(site: Site) -> Iterator[None]:
    """A worker beside the pages."""
    stop = threading.Event()

    def serve() -> None:
        while not stop.wait(0.1):
            work(site)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(20)


@contextmanager
def visiting(live: Live, browser: Browser, address: str, **how: object) -> Iterator[Page]:
    """A page of somebody who comes from that address."""
    with looking(browser, extra_http_headers={"X-Forwarded-For": address}, **how) as page:
        yield page


def type_code(page: Page, live: Live, code: str) -> None:
    page.goto(live.portal)
    page.get_by_role("textbox").fill(code)
    page.get_by_role("textbox").press("Enter")


def journey(live: Live, browser: Browser, stop: Callable[[Page, str], None], **how: object) -> None:
    """Everything that a visitor can come to, with a stop at each page."""
    code = home_notice(live.site).code
    with working(live.site):
        with visiting(live, browser, HOME, **how) as page:
            for path in PAGES:
                page.goto(f"{live.portal}{path}")
                stop(page, path.strip("/").partition("?")[0] or "first")
            type_code(page, live, "ABCDE-FGH1J-K2MN")
            stop(page, "typo")
            type_code(page, live, "00000-00000-0000")
            stop(page, "unknown")
            type_code(page, live, code)
            stop(page, "answer")
            page.locator("form[action='/notice/tell'] button").click()
            stop(page, "tell")
            type_code(page, live, code)
            page.locator("form[action='/notice/line'] button").click()
            page.locator(".answer.good").wait_for()
            stop(page, "notice")
            page.locator("form:has(input[value='did-it']) button").click()
            stop(page, "said")
            page.goto(f"{live.portal}/connection")
            page.locator("main button").click()
            page.locator(".answer.open").wait_for()
            stop(page, "line-seen")
        with visiting(live, browser, NEIGHBOUR, **how) as page:
            page.goto(f"{live.portal}/connection")
            page.locator("main button").click()
            page.locator(".answer.good").wait_for()
            stop(page, "line-clear")
            type_code(page, live, code)
            page.locator("form[action='/notice/line'] button").click()
            page.locator(".answer.bad").wait_for()
            stop(page, "not-yours")
        with visiting(live, browser, ELSEWHERE, **how) as page:
            type_code(page, live, code)
            page.locator("#account").fill("C-999")
            page.locator("#account").press("Enter")
            stop(page, "number")
            page.goto(f"{live.portal}/no-such-page")
            stop(page, "error")


def shoot(page: Page, name: str) -> None:
    if _SHOTS:
        Path(_SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(_SHOTS) / f"{name}.png", full_page=True)


def demand_accessible(page: Page, name: str) -> None:
    found = _AXE.run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.violations_count == 0, f"{name}\n{found.generate_report()}"


def demand_narrow(page: Page, name: str) -> None:
    # A page that looks again by itself has no document for a moment: so it is waited for, not asked once.
    wide = page.wait_for_function(
        "() => { const root = document.documentElement;"
        " return document.readyState === 'complete' && root ? [root.scrollWidth - root.clientWidth] : null }"
    ).json_value()[0]
    assert wide <= 0, f"{name} is {wide} pixels too wide"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_for_everybody(sqlite_live: Live, browser: Browser, scheme: str) -> None:
    def stop(page: Page, name: str) -> None:
        shoot(page, f"{scheme}-{name}")
        demand_accessible(page, name)

    journey(sqlite_live, browser, stop, color_scheme=scheme)


def test_every_page_fits_the_smallest_telephone(sqlite_live: Live, browser: Browser) -> None:
    def stop(page: Page, name: str) -> None:
        shoot(page, f"phone-{name}")
        demand_narrow(page, name)

    journey(sqlite_live, browser, stop, viewport={"width": 320, "height": 568}, is_mobile=True, has_touch=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_to_be_scrolled_sideways_at_double_size(sqlite_live: Live, browser: Browser, language: str) -> None:
    """A window of 1280 at 200 % has 640 of its pixels; and at 400 % it has 320 (WCAG 2.2 §1.4.10)."""
    with visiting(sqlite_live, browser, ELSEWHERE) as page:
        for path in PAGES:
            page.goto(f"{sqlite_live.portal}{path}{'&' if '?' in path else '?'}language={language}")
            for width in (640, 320):
                page.set_viewport_size({"width": width, "height": 512})
                demand_narrow(page, f"{path} {language} {width}")
            shoot(page, f"{language}-{path.strip('/').partition('?')[0] or 'first'}")
            if language != "en":
                demand_accessible(page, f"{path} {language}")


def test_a_keyboard_is_enough(sqlite_live: Live, browser: Browser) -> None:
    """Tab and Enter, from the address bar to the whole notice."""
    code = home_notice(sqlite_live.site).code
    with working(sqlite_live.site), visiting(sqlite_live, browser, HOME) as page:
        page.goto(sqlite_live.portal)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_label("Code of the notice")).to_be_focused()
        page.keyboard.type(code.lower())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("We sent a notice on 23 November 2026")
        press_until(page, "I am at home now")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("This is what we wrote to you")
        press_until(page, "I did it")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def press_until(page: Page, name: str) -> None:
    """Tab to the button of this name; what has the focus can be seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen != "none" or page.evaluate("getComputedStyle(document.activeElement).backgroundColor")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"no way to {name!r} by keyboard")


def test_everything_works_without_script(sqlite_live: Live, browser: Browser) -> None:
    """From the code to the notice by a mailed number, in a browser that runs none."""
    notice = home_notice(sqlite_live.site)
    with working(sqlite_live.site), visiting(sqlite_live, browser, ELSEWHERE, java_script_enabled=False) as page:
        type_code(page, sqlite_live, notice.code)
        page.get_by_label("Your customer number").fill(notice.account)
        page.get_by_role("button", name="Send me the number").click()
        while not mails(sqlite_live.site):
            page.wait_for_timeout(100)
        page.get_by_label("Number from the mail").fill(number_in(mails(sqlite_live.site)[0]))
        page.get_by_role("button", name="Show me the notice").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("This is what we wrote to you")


def test_the_browser_is_spoken_to_in_its_language_and_can_be_told_another(sqlite_live: Live, browser: Browser) -> None:
    context = browser.new_context(locale="hi-IN")
    page = context.new_page()
    page.goto(sqlite_live.portal)
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    page.get_by_role("link", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.goto(f"{sqlite_live.portal}/who")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    context.close()


def test_every_page_is_light(sqlite_live: Live, browser: Browser) -> None:
    for path in PAGES:
        with visiting(sqlite_live, browser, ELSEWHERE) as page:
            assert weight(page, f"{sqlite_live.portal}{path}") <= 60_000, path


def weight(page: Page, url: str) -> int:
    """Bytes of the page and of all that it loads."""
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))
    page.goto(url, wait_until="networkidle")
    return sum(sizes)
