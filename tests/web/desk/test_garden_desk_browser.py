"""The garden's page and its part of a case's page in a real browser: without script, by keys, on a narrow screen."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.garden_world import asked, inside, stay_of, told_case, with_garden
from tests.web.live import Live, looking
from tocsin.garden import queue
from tocsin.pipeline import garden_acts
from tocsin.pipeline.garden_acts import Actor

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_SHOTS = os.environ.get("TOCSIN_SHOTS")


def faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, and whether the page is wider than its window."""
    if _SHOTS:
        page.screenshot(path=f"{_SHOTS}/{len(os.listdir(_SHOTS)):02}.png", full_page=True)
    found = [
        f"{each['id']}: {each['nodes'][0]['html']}" for each in Axe().run(page, options=_RULES).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["wider than the window"] if wide else [])]


def walk(live: Live, page: Page) -> list[str]:
    """The pages in every state that a stay comes to; what is wrong with any."""
    site = with_garden(live.site)
    case = told_case(site).case
    live.sign_in(page.context, "lead")
    page.goto(f"{live.desk}/garden")
    found = faults(page)
    first = asked(site).quarantine
    for path in ("/garden", f"/cases/{case}"):
        page.goto(f"{live.desk}{path}")
        found += faults(page)
    lena = Actor(name="lena", reason="not now", at=site.clock())
    garden_acts.refuse(site.book, first, lena)
    stay = inside(site)
    queue.wish(site.data, queue.Wish(quarantine=stay.quarantine, asked_at=site.clock()))
    for path in ("/", "/garden", f"/cases/{case}"):
        page.goto(f"{live.desk}{path}")
        found += faults(page)
    garden_acts.release(site.book, stay.quarantine, "desk", lena)
    page.goto(f"{live.desk}/garden")
    return found + faults(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(sqlite_live: Live, browser: Browser, scheme: str) -> None:
    with looking(browser, color_scheme=scheme, viewport={"width": 1280, "height": 850}) as page:
        assert walk(sqlite_live, page) == []


def test_it_fits_a_phone(sqlite_live: Live, browser: Browser) -> None:
    with looking(browser, viewport={"width": 360, "height": 740}) as page:
        assert walk(sqlite_live, page) == []


def test_it_works_without_script(sqlite_live: Live, browser: Browser) -> None:
    """Asked for on the case's page, approved on the garden's, let out on the case's."""
    site = with_garden(sqlite_live.site)
    case = told_case(site).case
    with looking(browser, java_script_enabled=False) as page:
        sqlite_live.sign_in(page.context, "lead")
        page.goto(f"{sqlite_live.desk}/cases/{case}")
        page.locator("#garden-why").fill("two letters did not help")
        page.get_by_role("button", name="Ask for the garden").click()
        name = page.locator("article b.mono").first.inner_text()
        page.goto(f"{sqlite_live.desk}/garden")
        page.get_by_label(f"Why, of {name}").fill("looked at: go on")
        page.get_by_role("button", name="Approve").click()
        assert stay_of(site, name).state == "approved"
        page.goto(f"{sqlite_live.desk}/cases/{case}")
        page.get_by_label(f"Why, of {name}").fill("a doctor rang")
        page.get_by_role("button", name="Refuse").click()
        expect(page.locator("article .tag").first).to_have_text("refused")
    assert stay_of(site, name).state == "refused"
