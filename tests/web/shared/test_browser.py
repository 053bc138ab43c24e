"""What only a real browser can say: the policy refuses nothing of ours, and everything of others."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.web.live import Live


def test_the_first_pages_load_without_a_complaint(live: Live, browser_page: Page) -> None:
    for url in (live.portal, f"{live.desk}/sign-in"):
        answer = browser_page.goto(url)
        assert answer
        assert answer.status == 200
        assert browser_page.evaluate("getComputedStyle(document.body).margin") == "0px"


def test_the_portal_loads_no_script_at_all(sqlite_live: Live, browser_page: Page) -> None:
    browser_page.goto(sqlite_live.portal)
    assert browser_page.locator("script").count() == 0


def test_a_first_page_is_light(sqlite_live: Live, browser_page: Page) -> None:
    sizes: list[int] = []
    browser_page.on("response", lambda answer: sizes.append(len(answer.body())))
    browser_page.goto(sqlite_live.portal, wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) <= 60_000


def test_another_site_cannot_fetch_the_portal(sqlite_live: Live, browser: Browser) -> None:
    """A page of nobody's, whose own policy forbids it nothing."""
    context = browser.new_context()
    page = context.new_page()
    page.route("https://elsewhere.example/", lambda route: route.fulfill(body="<p>a page", content_type="text/html"))
    page.goto("https://elsewhere.example/")
    told = page.evaluate(
        """async (url) => {
            try { const answer = await fetch(url); return `read ${answer.status}` } catch { return "refused" }
        }""",
        sqlite_live.portal,
    )
    context.close()
    assert told == "refused"
