"""The scene across desk and portal, in a browser: from an uploaded feed to a household whose line is quiet."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.faults import small_provider
from tests.web.demo_site import Clock
from tests.web.live import Live
from tocsin.book import cases, notices
from tocsin.pipeline.work import Worker
from tocsin.proof.code import make_code
from tocsin.web.shared.site import Site

ACCOUNT, CUSTOMER = "u05@isp.example", "C-004"
ADDRESS, PORT = small_provider.DYNAMIC[ACCOUNT], 45_005


@pytest.fixture
def work(site: Site) -> Callable[[], None]:
    """Does every job that is due, as a worker beside the pages would."""
    worker = Worker(site.book, site.config, site.fresh_house, clock=site.clock)

    def all_that_is_due() -> None:
        while worker.once():
            pass

    return all_that_is_due


@pytest.mark.timeout(300)
def test_from_a_feed_to_a_closed_case(
    live: Live, browser_page: Page, clock: Clock, work: Callable[[], None], tmp_path: Path
) -> None:
    desk, site = Desk(live, browser_page, work), live.site
    desk.upload(_feed(tmp_path))
    desk.run()
    case = desk.case_of(ACCOUNT)
    assert case == ("notified", "mirai")

    household = Household(live, browser_page, work)
    household.type_code(_code(site))
    expect(browser_page.locator("h1")).to_contain_text("We sent a notice on 23 November 2026")
    expect(browser_page.locator("main")).not_to_contain_text(ADDRESS)  # the code alone tells nothing of that
    household.prove_by_mail(CUSTOMER)
    expect(browser_page.locator("main")).to_contain_text(ADDRESS)
    expect(browser_page.locator("main")).to_contain_text(str(PORT))
    browser_page.get_by_role("button", name="I did").click()
    expect(browser_page.locator("h1")).to_be_visible()
    assert desk.case_of(ACCOUNT) == ("confirmed", "mirai")  # being told so closes nothing

    for first, state in ((1, "quiet"), (16, "closed")):
        clock.forward(days=15)
        small_provider.live_on(site.config_file.parent, first, first + 14)
        desk.run()
        assert desk.case_of(ACCOUNT) == (state, "mirai")
    with site.book.read() as tx:
        moves = [move.state for move in cases.moves_of(tx, [_notice(site)[1]])]
    assert moves == ["open", "notified", "confirmed", "quiet", "closed"]


class Desk:
    """An operator at work."""

    def __init__(self, live: Live, page: Page, work: Callable[[], None]) -> None:
        self._live, self._page, self._work = live, page, work

    def upload(self, path: Path) -> None:
        self._open("/upload")
        self._page.set_input_files("#file", path)
        self._page.get_by_role("button", name="Send and read it").click()
        expect(self._page.get_by_text("Waits for a worker")).to_be_visible()
        self._work()
        expect(self._page.get_by_role("heading", name="1 new sighting")).to_be_visible()

    def run(self) -> None:
        self._open("/")
        self._page.get_by_role("button", name="Run now").click()
        self._work()

    def case_of(self, account: str) -> tuple[str, str]:
        """State and malware of the one case that a search for the account finds, as its row shows them."""
        self._open("/cases?state=all")
        self._page.fill("#q", account)
        self._page.get_by_role("button", name="Find").click()
        row = self._page.locator("tbody tr")
        expect(row).to_have_count(1)
        return row.locator(".tag").first.inner_text(), "mirai" if "mirai" in row.inner_text() else ""

    def _open(self, path: str) -> None:
        self._live.sign_in(self._page.context, "agent")
        self._page.goto(self._live.desk + path)


class Household:
    """Somebody who got the notice, on whatever line."""

    def __init__(self, live: Live, page: Page, work: Callable[[], None]) -> None:
        self._live, self._page, self._work = live, page, work

    def type_code(self, code: str) -> None:
        self._page.goto(self._live.portal)
        self._page.fill("input[name=code]", code.lower().replace("-", " "))
        self._page.get_by_role("button", name="Check the code").click()

    def prove_by_mail(self, customer: str) -> None:
        """By a number that goes to the address of the contract, whoever asks."""
        self._page.fill("input[name=account]", customer)
        self._page.locator("form[action='/notice/mail'] button").click()
        self._work()
        self._page.fill("input[name=number]", _mailed_number(self._live.site))
        self._page.locator("form[action='/notice/number'] button").click()


def _feed(folder: Path) -> Path:
    path = folder / "event4_sinkhole.csv"
    small_provider.write_sinkhole(path, [(13.0, ADDRESS, PORT)])
    return path


def _notice(site: Site) -> tuple[str, str]:
    """The newest sent notice, and its case."""
    with site.book.read() as tx:
        sent = max(notices.in_state(tx, "sent"), key=lambda each: each.decided_at)
        [row] = [row for row in cases.case_rows(tx) if sent.notice in row.notices]
    return sent.notice, row.case


def _code(site: Site) -> str:
    return make_code(site.keys.secret, _notice(site)[0])


def _mailed_number(site: Site) -> str:
    """What stands in the newest mail of the outbox."""
    folder = site.data / site.config.delivery.maildir / "new"
    newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    mail = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
    assert isinstance(mail, email.message.EmailMessage)
    body = mail.get_body(("plain",))
    assert body
    found = re.search(r"(?m)^\s*(\d[\d ]{4,})\s*$", body.get_content())
    assert found, body.get_content()
    return found[1]
