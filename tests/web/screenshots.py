"""Pictures of the main pages, for the docs: `make screenshots` writes docs/screenshots/*.png.

They show the demo provider at a fixed moment. A test walks the same way on a small provider, so that no picture is of a
page that is no more.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.web.garden_world import asked, inside, with_garden
from tests.web.live import Live, chromium, looking, serving
from tocsin.book import notices, quarantines
from tocsin.book.quarantines import Quarantine
from tocsin.pipeline.demo import show
from tocsin.pipeline.progress import Progress
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import make_code
from tocsin.proof.facts import Facts
from tocsin.terms.errors import Refused
from tocsin.web.shared.site import Site

TODAY = datetime(2026, 11, 24, tzinfo=UTC)
_COLOURS = 96  # pages have few: a palette makes a picture a third of its size
_FAKE = """From: National CERT <notice@account-secure.example>
Subject: Final warning: your line will be cut off today

Dear customer, your device is infected. Confirm your password at http://account-secure.example/verify and pay
the cleaning fee of 49 EUR by gift card within 24 hours, or your internet access ends.
"""
_PORTAL, _DESK = (900, 720), (1200, 800)

Walk = Callable[[Live, Page], object]


def a_sent_notice(site: Site) -> tuple[str, Facts]:
    """The code and the facts of the first notice in English about an infection."""
    with site.book.read() as tx:
        sent = [(each.notice, read_facts(each.facts.encode())) for each in notices.in_state(tx, "sent")]
    chosen = [(name, facts) for name, facts in sent if facts.language == "en" and facts.troubles[0].role == "infected"]
    name, facts = chosen[0]
    return make_code(site.keys.secret, name), facts


def _portal(path: str) -> Walk:
    return lambda live, page: _there(page, live.portal + path)


def _desk(path: str, role: str = "lead") -> Walk:
    def walk(live: Live, page: Page) -> None:
        live.sign_in(page.context, role)
        _there(page, live.desk + path)

    return walk


def _there(page: Page, url: str) -> None:
    answer = page.goto(url)
    assert answer
    assert answer.status == 200, url


def _code_typed(live: Live, page: Page) -> None:
    _there(page, live.portal)
    page.fill("input[name=code]", a_sent_notice(live.site)[0])
    page.click("main form button")
    page.wait_for_selector(".answer")


def _mail_checked(live: Live, page: Page) -> None:
    _there(page, f"{live.portal}/check")
    page.fill("textarea[name=text]", _FAKE)
    page.click("main form button")
    page.wait_for_selector("h1")
    page.wait_for_load_state("networkidle")


def _rung(live: Live, page: Page) -> None:
    _desk("/phone", "phone")(live, page)
    page.fill("input[name=code]", a_sent_notice(live.site)[0])
    page.click("form[action='/phone/code'] button")
    page.wait_for_load_state("networkidle")


def _a_case(live: Live, page: Page) -> None:
    _desk("/cases?state=notified&kind=infected-system")(live, page)
    page.click("main tbody a[href^='/cases/']")
    page.wait_for_selector("h1")


def _in_the_garden(live: Live) -> Quarantine:
    """One line is inside, where none is yet; some more wait for a person."""
    site = with_garden(live.site)
    with site.book.read() as tx:
        sent = [each.notice for each in notices.in_state(tx, "sent")]
        cases = [case for name in sent for case in notices.cases_of(tx, name)]
        stays = quarantines.in_state(tx, "active")
    for case in dict.fromkeys(cases):
        if stays:
            break
        with suppress(Refused):
            stays.append(inside(site, case))
    for case in cases[-3:]:
        with suppress(Refused):
            asked(site, case)
    return stays[0]


def _garden(live: Live, page: Page) -> None:
    _in_the_garden(live)
    _desk("/garden")(live, page)


def _rung_from_the_garden(live: Live, page: Page) -> None:
    number = _in_the_garden(live).quarantine
    _desk("/phone/garden", "phone")(live, page)
    page.fill("input[name=number]", number)
    page.click("form[action='/phone/garden'] button")
    page.wait_for_load_state("networkidle")


def _asked(live: Live, page: Page) -> None:
    trouble = a_sent_notice(live.site)[1].troubles[0]
    _desk("/ask", "agent")(live, page)
    page.fill("input[name=address]", trouble.address)
    page.fill("input[name=port]", str(trouble.port or ""))
    page.select_option("select[name=protocol]", trouble.protocol or "")
    page.fill("input[name=at]", trouble.seen_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    page.fill("[name=reason]", "the CERT asks whose line it was")
    page.click("main form button")
    page.wait_for_load_state("networkidle")


SHOTS: dict[str, tuple[tuple[int, int], str, Walk]] = {  # name: (size, light or dark, the way there)
    "portal-notice": (_PORTAL, "light", _portal("/")),
    "portal-answer": (_PORTAL, "light", _code_typed),
    "portal-mail": (_PORTAL, "light", _mail_checked),
    "portal-connection": (_PORTAL, "light", _portal("/connection")),
    "portal-clean-up": (_PORTAL, "dark", _portal("/clean")),
    "portal-who": (_PORTAL, "light", _portal("/who")),
    "desk-start": (_DESK, "light", _desk("/")),
    "desk-cases": (_DESK, "dark", _desk("/cases")),
    "desk-case": (_DESK, "light", _a_case),
    "desk-ask": (_DESK, "light", _asked),
    "desk-garden": (_DESK, "light", _garden),
    "desk-upload": (_DESK, "light", _desk("/upload", "agent")),
    "desk-letters": (_DESK, "light", _desk("/letters")),
    "phone": (_DESK, "light", _rung),
    "phone-garden": (_DESK, "light", _rung_from_the_garden),
}


def shoot(name: str, live: Live, page: Page) -> bytes:
    """A small PNG of the page, as far as it is seen without scrolling."""
    SHOTS[name][2](live, page)
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    kept = io.BytesIO()
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, chromium() as browser:
        site = _demo(Path(data))
        with serving(site) as live:
            for name, ((width, height), scheme, _) in SHOTS.items():
                with looking(browser, viewport={"width": width, "height": height}, color_scheme=scheme) as page:
                    (folder / f"{name}.png").write_bytes(shoot(name, live, page))
                sys.stdout.write(f"{folder / name}.png\n")
        site.close()


def _demo(folder: Path) -> Site:
    played = show.build(folder, seed=1, subscribers=800, today=TODAY)
    for _ in range(2):
        played, _report = show.play(folder, played, Progress())
    now = show.now_of(played)
    return Site.open(config_file=folder / "tocsin.toml", data=None, clock=lambda: now)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
