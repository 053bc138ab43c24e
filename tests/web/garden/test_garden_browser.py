"""The garden's page as a telephone shows it: light, without script, for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.garden.conftest import ANNA, served
from tests.web.live import looking
from tests.web.portal.test_portal_browser import demand_accessible, weight
from tocsin.garden import queue
from tocsin.web.shared.words import LANGUAGES

_PHONE = {"viewport": {"width": 320, "height": 640}, "extra_http_headers": {"X-Forwarded-For": ANNA.address}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_telephone_and_everybody_can_use_it(data: Path, browser: Browser, language: str) -> None:
    with served(data) as url:
        for scheme in ("light", "dark"):
            with looking(browser, color_scheme=scheme, **_PHONE) as page:
                page.goto(f"{url}/?language={language}")
                demand_accessible(page, f"garden {language} {scheme}")
                assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_page_and_all_it_loads_are_light(data: Path, browser: Browser) -> None:
    with served(data) as url:
        for language in LANGUAGES:
            with looking(browser, **_PHONE) as page:
                assert weight(page, f"{url}/?language={language}") <= 60_000


def test_the_way_out_works_without_script(data: Path, browser: Browser) -> None:
    with served(data) as url, looking(browser, java_script_enabled=False, **_PHONE) as page:
        page.goto(url)
        assert page.locator("script").count() == 0
        page.get_by_label("We have done the steps above.").check()
        page.get_by_role("button", name="Let my line out").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("on its way out")
    assert [each.quarantine for each in queue.wishes(data)] == [ANNA.quarantine]
