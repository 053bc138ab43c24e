"""The clerk's pages in a real browser: on a narrow screen, with the keyboard alone, in four languages."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.garden_world import inside, with_garden
from tests.web.live import Live, looking
from tests.web.phone.calls_world import call_to_make
from tests.web.portal.portal_world import home_notice
from tocsin.web.shared.words import LANGUAGES

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_SHOTS = os.environ.get("TOCSIN_SHOTS")


@pytest.fixture(params=["light", "dark"])
def scheme_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with looking(browser, color_scheme=request.param, viewport={"width": 1200, "height": 800}) as page:
        yield page


def faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, and whether the page is wider than its window."""
    if _SHOTS:
        page.screenshot(path=f"{_SHOTS}/{len(os.listdir(_SHOTS)):02}.png", full_page=True)
    found = [
        f"{each['id']}: {each['nodes'][0]['html']}" for each in Axe().run(page, options=_RULES).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["wider than the window"] if wide else [])]


def walk(live: Live, page: Page, language: str) -> list[str]:
    """Every page of the clerk's, one after another; what is wrong with any."""
    notice = home_notice(live.site)
    live.sign_in(page.context, "phone")
    page.goto(f"{live.desk}/phone?language={language}")
    found = faults(page)
    page.locator("#code").fill("nothing")
    page.locator("form[action='/phone/code'] button").click()
    found += faults(page)
    page.locator("#code").fill("00000-00000-0000")
    page.locator("form[action='/phone/code'] button").click()
    found += faults(page)
    page.locator("#links").fill("http://evil.example/x https://www.google.com/y")
    page.locator("form[action='/phone/fake'] button").click()
    found += faults(page)
    page.goto(f"{live.desk}/phone")
    page.locator("#code").fill(notice.code)
    page.locator("form[action='/phone/code'] button").click()
    found += faults(page)
    page.locator("#more-bill").check()
    page.locator("form[action='/phone/notice'] button").click()
    found += faults(page)
    page.goto(f"{live.desk}/phone/calls")
    found += faults(page)
    call_to_make(live.site, language)
    page.goto(f"{live.desk}/phone/calls")
    found += faults(page)
    page.locator("form[action='/phone/calls/take'] button").click()
    found += faults(page)
    page.locator("#outcome-reached").check()
    page.locator("form[action='/phone/calls/note'] button").click()
    found += faults(page)
    page.goto(f"{live.desk}/phone/garden")
    found += faults(page)
    stay = inside(with_garden(live.site))
    page.locator("#number").fill("G-000000000000")
    page.locator("form[action='/phone/garden'] button").click()
    found += faults(page)
    page.locator("#number").fill(stay.quarantine)
    page.locator("form[action='/phone/garden'] button").click()
    found += faults(page)
    page.locator("#out-bill").check()
    page.locator("form[action='/phone/garden/out'] button").click()
    found += faults(page)
    for account in (notice.account, "C-999"):
        page.goto(f"{live.desk}/phone")
        page.locator("#account").fill(account)
        page.locator("#account-questions").check()
        page.locator("form[action='/phone/account'] button").click()
        found += faults(page)
    return found


def test_axe_finds_nothing_in_light_and_dark(sqlite_live: Live, scheme_page: Page) -> None:
    assert walk(sqlite_live, scheme_page, "en") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_fit_a_narrow_screen_in_every_language(sqlite_live: Live, browser: Browser, language: str) -> None:
    with looking(browser, viewport={"width": 320, "height": 700}) as page:
        assert walk(sqlite_live, page, language) == []


def test_a_clerk_needs_no_mouse(sqlite_live: Live, browser_page: Page) -> None:
    """The cursor stands in the field; Enter looks the code up; Tab and Space tick a proof."""
    page = browser_page
    sqlite_live.sign_in(page.context, "phone")
    page.goto(f"{sqlite_live.desk}/phone")
    page.keyboard.type(home_notice(sqlite_live.site).code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/phone/code")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "proof":
            break
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/phone/notice")
    assert "You have ticked" in page.locator("main").inner_text()
