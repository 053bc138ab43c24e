"""The portal's first field: how many codes it checks a second, served for real. `python -m bench.portal`.

One process of the portal on one core, a loader on the other, over loopback; a different household asks each time. Half
of the codes are of notices in the book, half are of none. The first time that a code is typed its notice is read, which
is written down and moves its case; that is measured apart.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import uvicorn

from bench.figure import Figure, print_figures
from bench.notices import facts_of
from tocsin.book import cases, contracts, notices
from tocsin.book.cases import Case, Change
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.proof.canonical import canonical
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts
from tocsin.web.app import make_portal
from tocsin.web.shared.site import Site

NOTICES = 20_000
CONNECTIONS = 16
SECONDS = 5.0
PER_S_MIN, FIRST_PER_S_MIN = 300, 30
_EVERY = 10  # notice is one that was read before; the one after it was not
_AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
_CONFIG = """data = "data"
[issuer]
name = "Bench Net"
domain = "bench.example"
mail_from = "abuse@bench.example"
[provider]
prefixes = ["198.51.100.0/24"]
[web]
portal = "127.0.0.1:{port}"
desk = "127.0.0.1:{desk}"
proxies = ["127.0.0.1"]
"""


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What the loader saw: answers a second, the slowest in twenty, and answers that were not as they should be."""

    per_s: float
    p95_ms: float
    wrong: int


def found(folder: Path, port: int, desk: int) -> bytes:
    """A house whose book holds NOTICES notices; the secret of their codes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tocsin.toml").write_text(_CONFIG.format(port=port, desk=desk), "utf-8")
    with House.open(config_file=folder / "tocsin.toml", data=None, now=_AT) as house:
        make_keys(house.data / "keys", house.issuer, _AT - timedelta(days=1))
        secret = house.keys.secret
        told = [_facts(number, secret) for number in range(NOTICES)]
        with house.book.write() as tx:
            numbers = contracts.add_subscribers(tx, [f"C-{number}" for number in range(NOTICES)])
            opened = [_case(number, numbers[f"C-{number}"]) for number in range(NOTICES)]
            cases.save(tx, [Change(before=None, after=case) for case in opened])
            for number, (facts, case) in enumerate(zip(told, opened, strict=True)):
                notice = notices.Notice(
                    notice=facts.notice,
                    subscriber=case.subscriber,
                    decided_at=_AT,
                    expires_at=facts.expires_at,
                    facts=canonical(facts).decode(),
                    code_sha256=facts.code_sha256,
                    state="sent",
                    dot_at=_AT,
                    sent_at=_AT,
                    read_at=_AT if number % _EVERY == 0 else None,
                )
                notices.add(tx, [notice], {facts.notice: [case.case]})
    return secret


def _facts(number: int, secret: bytes) -> Facts:
    ref = f"N-{number:016}"
    digest = code_digest(make_code(secret, ref))
    return msgspec.structs.replace(facts_of(number, secret)[0], notice=ref, code_sha256=digest)


def _case(number: int, subscriber: int) -> Case:
    return Case(
        case=f"K{number:08}",
        subscriber=subscriber,
        kind="infected-system",
        malware="mirai",
        role="infected",
        state="notified",
        opened_at=_AT,
        changed_at=_AT,
        sightings=1,
        first_at=_AT,
        last_at=_AT,
    )


def serve(folder: Path, port: int) -> None:
    """The portal as `tocsin serve` runs it, at a clock at which the codes are good."""
    site = Site.open(config_file=folder / "tocsin.toml", data=None, clock=lambda: _AT + timedelta(hours=1))
    uvicorn.run(make_portal(site), port=port, log_config=None, access_log=False, proxy_headers=False)


async def load(port: int, codes: list[str], seconds: float) -> Loaded:
    """CONNECTIONS connections, each one request after another, for so long."""
    cookie, token = await _token(port)
    times: list[float] = []
    wrong = 0
    until = time.perf_counter() + seconds
    dice = random.Random(7)

    async def ask() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            place = dice.randrange(len(codes))
            household = f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}"
            begun = time.perf_counter()
            page = await _post(reader, writer, port, cookie, token, codes[place], household)
            times.append(time.perf_counter() - begun)
            expected = b"We sent a notice" if place % 2 == 0 else b"We know no notice"
            wrong += expected not in page
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    took = time.perf_counter() - begun
    times.sort()
    return Loaded(per_s=len(times) / took, p95_ms=times[int(len(times) * 0.95)] * 1000, wrong=wrong)


async def _token(port: int) -> tuple[str, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    head, body = await _answer(reader)
    writer.close()
    cookie = re.search(rb"set-cookie: ([^;]+);", head)
    token = re.search(rb'name="_csrf_token" value="([^"]+)"', body)
    assert cookie
    assert token
    return cookie[1].decode(), token[1].decode()


async def _post(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    port: int,
    cookie: str,
    token: str,
    code: str,
    household: str,
) -> bytes:
    body = urlencode({"_csrf_token": token, "code": code}).encode()
    writer.write(
        f"POST /code HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nX-Forwarded-For: {household}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    return (await _answer(reader))[1]


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    assert length
    return head, await reader.readexactly(int(length[1]))


def measure() -> tuple[Loaded, Loaded]:
    """Codes that were typed before, and codes that never were."""
    with tempfile.TemporaryDirectory() as folder:
        port, desk = _free(), _free()
        secret = found(Path(folder), port, desk)
        known, fresh = _codes(secret, 0), _codes(secret, 1)
        command = [sys.executable, "-m", "bench.portal", "--serve", folder, str(port)]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
        try:
            _wait_for(port)
            asyncio.run(load(port, known, 1.0))  # warm
            return asyncio.run(load(port, known, SECONDS)), asyncio.run(load(port, fresh, SECONDS))
        finally:
            server.terminate()
            server.wait(10)


def _codes(secret: bytes, first: int) -> list[str]:
    """One that opens a notice and one that opens none, in turn."""
    own = [make_code(secret, f"N-{number:016}") for number in range(first, NOTICES, _EVERY)]
    none = [make_code(secret, f"N-none-{number}") for number in range(len(own))]
    return [code for pair in zip(own, none, strict=True) for code in pair]


def _free() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the portal did not start")


def figures() -> list[Figure]:
    known, fresh = measure()
    what = f"portal: check a code among {NOTICES:,} notices, one process"
    return [
        _figure(what, known, PER_S_MIN),
        _figure("the same of codes most of which are typed for the first time", fresh, FIRST_PER_S_MIN),
    ]


def _figure(what: str, this: Loaded, promised: int) -> Figure:
    return Figure(
        what=what,
        measured=f"{this.per_s:,.0f} a second, 95 % within {this.p95_ms:.0f} ms; wrong answers {this.wrong}",
        promised=f"{promised} a second",
        kept=this.per_s >= promised and this.wrong == 0,
    )


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--serve"]:
        serve(Path(arguments[1]), int(arguments[2]))
    else:
        print_figures(figures())


if __name__ == "__main__":
    main(sys.argv[1:])
