"""The API: how many sightings a second it takes in batches, served for real. `python -m bench.api`.

One process of the desk behind uvicorn on loopback, one program that sends batch after batch of our own JSON lines;
what is measured lies between the first byte sent and the last answer: by then all of it is kept, read and settled.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import uvicorn

from bench.figure import Figure, print_figures
from bench.portal import _free, _wait_for
from tocsin.pipeline.api_keys import make_key
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.terms.moments import format_moment
from tocsin.web.app import make_desk
from tocsin.web.shared.site import Site

BATCHES, ROWS = 6, 50_000
PER_S_MIN = 20_000
_AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
_CONFIG = """data = "data"
[issuer]
name = "Bench Net"
domain = "bench.example"
mail_from = "abuse@bench.example"
[provider]
prefixes = ["198.51.100.0/24"]
[web]
portal = "127.0.0.1:{portal}"
desk = "127.0.0.1:{desk}"
[[sources]]
name = "bench"
"""


def found(folder: Path, portal: int, desk: int) -> str:
    """An empty house; a key that may push."""
    (folder / "tocsin.toml").write_text(_CONFIG.format(portal=portal, desk=desk), "utf-8")
    with House.open(config_file=folder / "tocsin.toml", data=None, now=_AT) as house:
        make_keys(house.data / "keys", house.issuer, _AT - timedelta(days=1))
        with house.book.write() as tx:
            return make_key(tx, "bench", ["sightings:write"], at=_AT, by="bench")


def batch(number: int) -> bytes:
    """ROWS different sightings of one day."""
    first = number * ROWS
    return b"\n".join(_line(each) for each in range(first, first + ROWS))


def _line(number: int) -> bytes:
    return msgspec.json.encode(
        {
            "id": uuid.UUID(int=number),
            "seen_at": format_moment(_AT - timedelta(seconds=number % 20_000)),
            "role": "infected",
            "address": f"198.51.100.{number // 20_000 % 250}",
            "port": 1_024 + number % 60_000,
            "protocol": "tcp",
            "peer_address": "192.0.2.8",
            "peer_port": 80,
            "kind": "infected-system",
            "malware": "mirai",
            "source_ref": f"B-{number}",
        }
    )


def serve(folder: Path, port: int) -> None:
    """The desk as `tocsin serve` runs it."""
    site = Site.open(config_file=folder / "tocsin.toml", data=None, clock=lambda: _AT)
    uvicorn.run(make_desk(site), port=port, log_config=None, access_log=False, proxy_headers=False)


def push(port: int, key: str, bodies: list[bytes]) -> int:
    """Send them one after the other over one connection; how many sightings were new."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    taken = 0
    for body in bodies:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        headers["Idempotency-Key"] = uuid.uuid4().hex
        connection.request("POST", "/api/v1/sightings", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200, said
        taken += msgspec.json.decode(said)["sightings"]
    return taken


def measure() -> float:
    """Sightings a second."""
    bodies = [batch(number) for number in range(BATCHES)]
    with tempfile.TemporaryDirectory() as folder:
        portal, desk = _free(), _free()
        key = found(Path(folder), portal, desk)
        command = [sys.executable, "-m", "bench.api", "--serve", folder, str(desk)]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
        try:
            _wait_for(desk)
            push(desk, key, [_line(10**9)])  # warm
            begun = time.perf_counter()
            taken = push(desk, key, bodies)
            took_s = time.perf_counter() - begun
        finally:
            server.terminate()
            server.wait(10)
    assert taken == BATCHES * ROWS, taken
    return taken / took_s


def figures() -> list[Figure]:
    per_s = measure()
    return [
        Figure(
            what=f"API: sightings pushed in batches of {ROWS:,}, over loopback, kept and settled",
            measured=f"{per_s:,.0f}/s",
            promised=f"{PER_S_MIN:,}/s",
            kept=per_s >= PER_S_MIN,
        )
    ]


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print_figures(figures())
