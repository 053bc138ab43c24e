"""The desk's cases in a real browser: by keys alone, by links alone, and fresh without a reload."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.demo_site import Clock
from tests.web.desk.cases_world import case_of, cases_of
from tests.web.desk.test_cases_hostile import poison
from tests.web.live import Live, looking
from tocsin.book.case_list import COUNT_MAX
from tocsin.pipeline.case_acts import Deed, act_on_cases
from tocsin.web.shared.site import Site


@pytest.fixture
def desk(sqlite_live: Live, browser_page: Page) -> Page:
    """The list, signed in as an agent."""
    sqlite_live.sign_in(browser_page.context, "agent")
    browser_page.set_viewport_size({"width": 1360, "height": 850})
    browser_page.goto(f"{sqlite_live.desk}/cases")
    return browser_page


def test_from_the_list_to_a_case_to_an_action_by_keys_alone(sqlite_site: Site, desk: Page) -> None:
    keys = desk.keyboard
    keys.press("j")
    keys.press("j")
    second = desk.locator("tr.here").get_attribute("id")
    keys.press("k")
    first = desk.locator("tr.here").get_attribute("id")
    assert first != second
    keys.press("x")
    expect(desk.locator(".chosen-count")).to_have_text("1 ticked")
    keys.press("x")
    expect(desk.locator(".chosen-count")).to_have_text("")
    keys.press("?")
    expect(desk.locator("dialog.keys-shown")).to_be_visible()
    keys.press("Escape")
    keys.press("o")
    expect(desk.locator("h1")).to_contain_text(first or "")
    expect(desk.locator(".sighting").first).to_be_visible()
    keys.press("r")
    keys.type("ticket 4711")
    keys.press("Tab")
    expect(desk.locator(":focus")).to_have_text("Hold")
    keys.press("Enter")
    expect(desk.locator("h1 .tag")).to_have_text("held")
    expect(desk.locator(".line")).to_contain_text("ticket 4711")
    keys.press("u")
    expect(desk.locator("h1")).to_have_text("Cases")
    assert {case.case for case in cases_of(sqlite_site) if case.state == "held"} == {first}


def test_several_are_held_from_the_list(sqlite_site: Site, desk: Page) -> None:
    desk.get_by_label("Choose every case on this page").check()
    expect(desk.locator(".chosen-count")).to_have_text("5 ticked")
    desk.get_by_label("With those that are ticked").select_option("hold")
    desk.get_by_label("since").fill("holidays")
    desk.get_by_role("button", name="Do it").click()
    expect(desk.locator(".cases .tag").first).to_have_text("held")
    assert len([case for case in cases_of(sqlite_site) if case.state == "held"]) == 5


def test_a_filter_narrows_at_once_and_stands_in_the_address(desk: Page) -> None:
    desk.get_by_label("Kind").select_option("vulnerable-system")
    expect(desk.locator(".cases tbody tr")).to_have_count(1)
    expect(desk).to_have_url(re.compile("kind=vulnerable-system"))
    desk.go_back()
    expect(desk.locator(".cases tbody tr")).to_have_count(5)


def test_a_case_that_moves_elsewhere_moves_here(sqlite_site: Site, desk: Page) -> None:
    case = case_of(sqlite_site, "C-003").case
    expect(desk.locator(f"#{case} .tag")).to_have_text("notified")
    deed = Deed(actor="ada", reason="ticket 7", at=sqlite_site.clock(), form="another window")
    act_on_cases(sqlite_site.book, [case], "hold", deed)
    expect(desk.locator(f"#{case} .tag")).to_have_text("held")


def test_what_is_ticked_is_not_taken_away(sqlite_site: Site, desk: Page) -> None:
    case = case_of(sqlite_site, "C-003").case
    desk.locator(f"#{case} input").check()
    deed = Deed(actor="ada", reason="ticket 7", at=sqlite_site.clock(), form="another window")
    act_on_cases(sqlite_site.book, [case], "hold", deed)
    expect(desk.locator(".fresh")).to_be_visible()
    expect(desk.locator(f"#{case} input")).to_be_checked()
    desk.get_by_role("button", name="Something has changed: show it").click()
    expect(desk.locator(f"#{case} .tag")).to_have_text("held")


def test_without_script_everything_is_a_link_or_a_form(sqlite_site: Site, sqlite_live: Live, browser: Browser) -> None:
    case = case_of(sqlite_site, "C-003").case
    with looking(browser, java_script_enabled=False) as page:
        sqlite_live.sign_in(page.context, "agent")
        page.goto(f"{sqlite_live.desk}/cases")
        page.get_by_label("Kind").select_option("vulnerable-system")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name=case).click()
        page.get_by_role("link", name="Every sighting, with the line of its evidence").click()
        expect(page.locator("pre.quoted")).to_contain_text("198.51.100.14,tcp,23")
        page.go_back()
        page.get_by_label("Reason").fill("ticket 7")
        page.get_by_role("button", name="Close").click()
        expect(page.locator("h1 .tag")).to_have_text("closed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_open_to_everybody(sqlite_live: Live, browser: Browser, scheme: str) -> None:
    with looking(browser, color_scheme=scheme) as page:
        sqlite_live.sign_in(page.context, "agent")
        for path in ("/cases", f"/cases/{case_of(sqlite_live.site, 'C-003').case}", "/cases?state=closed"):
            page.goto(sqlite_live.desk + path)
            page.wait_for_load_state("load")
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()


def test_long_and_hostile_names_break_no_page(
    sqlite_site: Site, clock: Clock, sqlite_live: Live, browser: Browser
) -> None:
    case = poison(sqlite_site, clock)
    for width in (1360, 400):
        with looking(browser, viewport={"width": width, "height": 850}) as page:
            page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
            sqlite_live.sign_in(page.context, "agent")
            for path in ("/cases", f"/cases/{case}"):
                page.goto(sqlite_live.desk + path)
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 0, f"{path} is {wide} pixels wider than {width}"


def test_a_count_that_ends_is_written_so() -> None:
    from tocsin.web.desk.case_list_pages import _tabs

    assert _tabs({"open": COUNT_MAX + 1, "held": 3})["active"] == "1,000+"
    assert _tabs({"open": COUNT_MAX + 1, "held": 3})["held"] == "3"
