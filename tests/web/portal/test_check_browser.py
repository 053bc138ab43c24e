"""Check a mail in a real browser: for everybody, on a narrow screen, without script, with a hostile mail."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.live import Live
from tests.web.portal.portal_world import ELSEWHERE
from tests.web.portal.test_check_pages import PHISH, raw_notice
from tests.web.portal.test_portal_browser import demand_accessible, demand_narrow, shoot, visiting
from tocsin.web.shared.words import LANGUAGES


def hand_in(page: Page, live: Live, file: Path, language: str = "en") -> None:
    page.goto(f"{live.portal}/check?language={language}")
    page.locator("#mail").set_input_files(file)
    page.locator("form[action='/check'] button").click()
    page.locator(".answer").wait_for()


@pytest.fixture
def phish(tmp_path: Path) -> Path:
    (tmp_path / "phish.eml").write_bytes(PHISH + b"x" * 400 + b"\r\n" + b"<b>" * 50)
    return tmp_path / "phish.eml"


@pytest.fixture
def genuine(tmp_path: Path, sqlite_live: Live) -> Path:
    (tmp_path / "genuine.eml").write_bytes(raw_notice(sqlite_live.site))
    return tmp_path / "genuine.eml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_for_everybody_on_every_screen(
    sqlite_live: Live, browser: Browser, phish: Path, genuine: Path, language: str
) -> None:
    with visiting(sqlite_live, browser, ELSEWHERE, color_scheme="dark" if language == "de" else "light") as page:
        for file in (phish, genuine):
            hand_in(page, sqlite_live, file, language)
            demand_accessible(page, f"{file.stem} {language}")
            page.set_viewport_size({"width": 320, "height": 568})
            demand_narrow(page, f"{file.stem} {language}")
            shoot(page, f"check-{file.stem}-{language}")
            page.set_viewport_size({"width": 900, "height": 720})


def test_it_works_without_script(sqlite_live: Live, browser: Browser, genuine: Path) -> None:
    with visiting(sqlite_live, browser, ELSEWHERE, java_script_enabled=False) as page:
        hand_in(page, sqlite_live, genuine)
        expect(page.get_by_role("heading", level=1)).to_have_text("Genuine")
        page.goto(f"{sqlite_live.portal}/check")
        page.get_by_label("Or its text").fill("Pay two gift cards now")
        page.get_by_role("button", name="Check the mail").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cannot be told")


def test_a_hostile_mail_runs_nothing_and_loads_nothing(sqlite_live: Live, browser: Browser, phish: Path) -> None:
    """`visiting` fails on whatever the policy had to refuse: nothing of the mail even gets so far."""
    with visiting(sqlite_live, browser, ELSEWHERE) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        hand_in(page, sqlite_live, phish)
        expect(page.get_by_role("heading", level=1)).to_have_text("Probably fake")
        assert all(url.startswith(sqlite_live.portal) for url in asked)
        assert page.locator("main script, main img, main iframe").count() == 0
        assert page.locator("main a[href*='//']").count() == 0
