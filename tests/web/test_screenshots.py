"""The pictures in the docs are of pages that are there, and every picture is shown."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.web.live import Live, looking
from tests.web.screenshots import SHOTS, shoot
from tests.web.shared.processes import ROOT

FOLDER = ROOT / "docs" / "screenshots"
_BYTES_MAX = 120_000


@pytest.mark.parametrize("name", SHOTS)
def test_the_page_of_each_picture_can_be_reached(name: str, sqlite_live: Live, browser: Browser) -> None:
    (width, height), scheme, _ = SHOTS[name]
    with looking(browser, viewport={"width": width, "height": height}, color_scheme=scheme) as page:
        assert shoot(name, sqlite_live, page).startswith(b"\x89PNG")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than the window"


def test_every_picture_is_small_and_stands_in_the_tour() -> None:
    pictures = {path.stem: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert pictures.keys() == SHOTS.keys()
    assert max(pictures.values()) <= _BYTES_MAX
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    assert sorted(re.findall(r"\]\(screenshots/([a-z-]+)\.png\)", tour)) == sorted(SHOTS)
