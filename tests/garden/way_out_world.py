"""A garden without lines: a real book with stays in it, and an access server behind HTTP that can be broken."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.cases.case_world import AT, HOUR, seen
from tests.cases.provider import Provider
from tocsin.book import Book, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.quarantines import Quarantine, Session, Wish
from tocsin.garden.roster import write_roster
from tocsin.pipeline.garden import Round, garden_round
from tocsin.pipeline.garden_roster import roster_of
from tocsin.pipeline.house import House

_CONFIG = """
[issuer]
name = "Garden Net"
domain = "isp.example"
mail_from = "abuse@isp.example"
[provider]
prefixes = ["192.0.2.0/24"]
[delivery]
via = "smtp"
host = "127.0.0.1"
port = 9
[garden]
enclose = false
[[garden.nas]]
name = "all"
via = "http"
url = "http://127.0.0.1:{port}/"
timeout_s = 2.0
"""


class Nas:
    """It holds who is enclosed; `mode` says how it answers."""

    def __init__(self) -> None:
        self.mode = "up"  # up | busy | refuses | silent
        self.enclosed: set[str] = set()
        self.heard: list[str] = []
        nas = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                nas.heard.append(f"{order['what']} {order['session']}")
                if nas.mode == "silent":
                    self.connection.close()
                    return
                if nas.mode == "up":
                    nas.enclosed.discard(order["session"])
                self.send_response({"up": 204, "busy": 503, "refuses": 403}[nas.mode])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

            def handle(self) -> None:
                try:
                    super().handle()
                except (OSError, ValueError):
                    return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return self._server.server_port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class WayOut:
    """Subscribers 1 to 5 each have a case; `inside` puts one in, as a round would have."""

    def __init__(self, folder: Path, nas: Nas) -> None:
        self.nas, self.now, self.data = nas, AT, folder / "data"
        self.config_file = folder / "tocsin.toml"
        self.data.mkdir(parents=True)
        self.config_file.write_text(f'data = "data"\n{_CONFIG.format(port=nas.port)}', encoding="utf-8")
        book = Book.at(self.data)
        book.migrate()
        provider = Provider(book)
        provider.see(*(seen(AT - HOUR, subscriber=number, account=10 * number) for number in range(1, 6)))
        provider.follow(AT)
        book.close()

    def house(self) -> House:
        return House.open(config_file=self.config_file, data=None, now=self.now)

    def inside(self, number: int, state: str = "active") -> str:
        """A stay of that subscriber's, done at the access server; `state` is what the book came to know of it."""
        with self.house() as house:
            with house.book.write() as tx:
                case = book_cases.cases_of(tx, [number])[0].case
                name = quarantines.ask(
                    tx,
                    Wish(case=case, subscriber=number, account=10 * number, by="lena", reason="seen again"),
                    at=self.now,
                    inside_max=5,
                ).quarantine
                quarantines.approve(tx, name, by="lena", at=self.now, inside_max=5)
                session = Session(nas="bng-1", session=name, address=f"192.0.2.{number}")
                quarantines.note_sent(tx, name, session, at=self.now, stay_max=house.config.garden.stay_max)
                if state == "active":
                    quarantines.note_active(tx, name, at=self.now, stay_max=house.config.garden.stay_max)
                elif state == "failed":
                    quarantines.note_failed(tx, name, why="its answer has no Message-Authenticator")
            with house.book.read() as tx:
                write_roster(self.data, roster_of(tx, house))
        self.nas.enclosed.add(name)
        return name

    def round(self) -> Round:
        with self.house() as house:
            return garden_round(house)

    def one(self, name: str) -> Quarantine:
        with self.house() as house, house.book.read() as tx:
            return quarantines.demand(tx, name)

    def break_book(self) -> None:
        """It cannot be opened: a folder stands in its place."""
        for file in self.data.glob("book.sqlite*"):
            file.rename(self.data / f"kept-{file.name}")
        (self.data / "book.sqlite").mkdir()

    def mend_book(self) -> None:
        (self.data / "book.sqlite").rmdir()
        for file in self.data.glob("kept-*"):
            file.rename(self.data / file.name.removeprefix("kept-"))


@contextmanager
def way_out(folder: Path) -> Iterator[WayOut]:
    nas = Nas()
    nas.start()
    try:
        yield WayOut(folder, nas)
    finally:
        nas.stop()


def open_wishes(data: Path) -> list[str]:
    """What still lies in the queue, obeyed or not."""
    return sorted(path.parent.name + "/" + path.stem for path in (data / "garden").glob("*/G-*.json"))


def later(at: datetime, hours: float) -> datetime:
    return at + hours * HOUR
