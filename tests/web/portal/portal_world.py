"""The demo's notices and lines, a visitor's browser without a browser, and a worker that does what pages ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import sqlalchemy as sa
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from tocsin.book import notices
from tocsin.book.book import Book
from tocsin.pipeline.own_line import KIND as LINE
from tocsin.pipeline.own_mail import KIND as MAIL
from tocsin.pipeline.work import KINDS, Worker
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import make_code
from tocsin.web.shared.site import Site

HOME, NEIGHBOUR, ELSEWHERE = "203.0.113.1", "203.0.113.3", "192.0.2.1"  # s01, who was written to; s03, who was not
DYNAMIC = "198.51.100.11"  # u01, whose log has not been read as far as the clock
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
Client = TestClient[Litestar]


class Sent(msgspec.Struct, frozen=True):
    """A notice of the demo and its code."""

    notice: str
    subscriber: int
    code: str
    address: str
    account: str
    line: str


def sent(site: Site) -> list[Sent]:
    with site.book.read() as tx:
        found = notices.in_state(tx, "sent")
    return [_sent(site, each) for each in found]


def _sent(site: Site, each: notices.Notice) -> Sent:
    facts = read_facts(each.facts.encode())
    number = int(facts.recipient.removeprefix("robin").partition("@")[0])
    code = make_code(site.keys.secret, each.notice)
    return Sent(each.notice, each.subscriber, code, facts.troubles[0].address, f"C-{number:03}", facts.line)


def home_notice(site: Site) -> Sent:
    """The one to the line of HOME."""
    return next(each for each in sent(site) if each.address == HOME)


def post(client: Client, path: str, *, address: str = ELSEWHERE, start: str = "/", **fields: str) -> Response:
    """Press a button: with the token of a page that was open, as whoever comes from that address."""
    headers = {"X-Forwarded-For": address}
    opened = client.get(start, headers=headers)
    token = _TOKEN.search(opened.text)
    assert token, opened.text
    told = {"_csrf_token": token[1], **fields}
    return client.post(path, data=told, headers=headers, follow_redirects=False)


def check(client: Client, code: str, *, address: str = ELSEWHERE) -> Response:
    return post(client, "/code", address=address, code=code)


def look(client: Client, path: str, *, address: str = ELSEWHERE) -> Response:
    return client.get(path, headers={"X-Forwarded-For": address}, follow_redirects=False)


def work(site: Site) -> int:
    """Do what has been asked for and is due; how many jobs."""
    kinds = {kind: KINDS[kind] for kind in (LINE, MAIL)}
    worker = Worker(site.book, site.config, site.fresh_house, clock=site.clock, kinds=kinds)
    done = 0
    while worker.once():
        done += 1
        assert done < 50
    return done


@contextmanager
def asked_of(book: Book) -> Iterator[list[str]]:
    """The questions that the book is asked meanwhile, in order, without their values."""
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    sa.event.listen(book.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        sa.event.remove(book.engine, "before_cursor_execute", hear)
