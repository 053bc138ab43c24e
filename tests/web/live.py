"""Desk and portal really served, on loopback ports of their own, and a real browser that looks at them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.web.signing_in import sign_in
from tocsin.web.app import make_desk, make_portal
from tocsin.web.shared.site import Site

CHROMIUM = Path("/usr/bin/chromium")
_START_S = 20


class Live:
    """A site on two ports: `.portal` and `.desk` are their URLs."""

    def __init__(self, site: Site, portal: str, desk: str) -> None:
        self.site, self.portal, self.desk = site, portal, desk

    def sign_in(self, context: BrowserContext, role: str) -> str:
        """Let the browser be signed in at the desk as somebody with that role; returns their name."""
        carrier = httpx.Client()
        name = sign_in(carrier, self.site, role)
        for cookie in carrier.cookies.jar:
            context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "url": self.desk}])
        return name


@contextmanager
def serving(site: Site) -> Iterator[Live]:
    """Both apps in threads of this process."""
    sockets = [_bound(), _bound()]
    portal, desk = (f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    site.web = msgspec.structs.replace(site.web, portal=portal, desk=desk)
    servers = [_Server(app, each) for app, each in zip((make_portal(site), make_desk(site)), sockets, strict=True)]
    try:
        yield Live(site, f"http://{portal}", f"http://{desk}")
    finally:
        for server in servers:
            server.stop()


class _Server:
    def __init__(self, app: Litestar, bound: socket.socket) -> None:
        config = uvicorn.Config(
            app, access_log=False, log_config=None, proxy_headers=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=[[bound]], daemon=True)
        self._thread.start()
        until = time.monotonic() + _START_S
        while not self._server.started:
            assert time.monotonic() < until, "it did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_START_S)


def _bound() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def looking(browser: Browser, **how: object) -> Iterator[Page]:
    """A page in a browser that knows nothing yet. What its console complains of fails the test: a script that broke,
    a style that the policy refused.
    """
    context = browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce", **how)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(10_000)
    yield page
    context.close()
    assert complaints == []
