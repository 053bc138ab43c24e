"""What the provider's own sensor wrote of its lines: ordinary homes, and two bots. Generated from published habits.

The homes do what people do: pages, a television, a backup, a VPN, file sharing, a game, a call, time and push services,
mail; and some of them are attacked from outside. One bot looks for open doors as Mirai does (Antonakakis et al., USENIX
Security 2017: SYNs to addresses by chance, nine in ten to port 23, the rest to 2323); one makes up names out of the
date by a linear congruence (Plohmann et al., USENIX Security 2016), and then calls its master like a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

_CONN = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state"
    " orig_pkts resp_pkts"
)
_DNS = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto query qtype_name rcode_name answers TTLs"
UDP, TLS = ("udp", "-"), ("tcp", "ssl")  # the protocol, and what the sensor has recognised
_RESOLVER = "192.0.2.53"
_MASTER = "198.19.77.7"
_SHOPS = 120
_KNOCKS, _NAMES, _CALLS = 500, 60, 45


class Sensor:
    """Writes down flows and look-ups; a moment is in seconds since 1970."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._flows: list[tuple[float, tuple[object, ...]]] = []
        self._lookups: list[tuple[float, tuple[object, ...]]] = []

    def flow(
        self,
        at: float,
        caller: str,
        called: str,
        port: int,
        *,
        said: tuple[str, str] = ("tcp", "-"),
        lasts_s: float = 0.4,
        sent: tuple[int, int] = (900, 6_000),
        state: str = "SF",
    ) -> None:
        packets = tuple(1 + size // 1_200 for size in sent) if state == "SF" else (1, 0)
        out, back = sent if state == "SF" else (0, 0)
        ends = (caller, self.rng.randrange(1_024, 65_536), called, port)
        self._flows.append((at, (*ends, *said, lasts_s, out, back, state, *packets)))

    def ask(self, at: float, caller: str, name: str, answer: str = "") -> None:
        ends = (caller, self.rng.randrange(1_024, 65_536), _RESOLVER, 53, "udp")
        told = ("NOERROR", answer, "300.000000") if answer else ("NXDOMAIN", "-", "-")
        self._lookups.append((at, (*ends, name, "A", *told)))

    def visit(self, at: float, caller: str, name: str, answer: str, port: int = 443) -> None:
        self.ask(at, caller, name, answer)
        self.flow(at + 0.1, caller, answer, port, said=TLS, sent=(self.rng.randrange(600, 4_000), 40_000))

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for log, fields, rows in (("conn", _CONN, self._flows), ("dns", _DNS, self._lookups)):
            lines = ["#separator \\x09", f"#path\t{log}", "#fields\t" + fields.replace(" ", "\t")]
            for number, (at, row) in enumerate(sorted(rows, key=lambda row: (row[0], str(row[1])))):
                lines.append(f"{at:.6f}\tC{log}{number:06}\t" + "\t".join(map(str, row)))
            (folder / f"{log}.log").write_text("\n".join(lines) + "\n", encoding="utf-8")


def ordinary(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    """Pages now and then, time and push; and one or two habits by chance."""
    rng = sensor.rng
    for _ in range(rng.randrange(14, 30)):
        number = rng.randrange(_SHOPS)
        sensor.visit(rng.uniform(starts_at, ends_at), home, f"www.shop-{number}.example", f"192.0.2.{60 + number}")
    for at in range(starts_at, ends_at, 1_024):
        sensor.flow(at, home, "192.0.2.123", 123, said=UDP, lasts_s=0.02, sent=(76, 76))
    sensor.flow(starts_at, home, "192.0.2.230", 5228, lasts_s=ends_at - starts_at, sent=(4_000, 9_000))
    for habit in rng.sample(_HABITS, rng.choice((0, 1, 1, 2))):
        habit(sensor, home, starts_at, ends_at)


def _television(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    sensor.ask(starts_at, home, "telemetry.tv.example", "192.0.2.231")
    for at in range(starts_at + 1, ends_at, 120):
        sensor.flow(at, home, "192.0.2.231", 443, said=TLS, sent=(600, 600))


def _backup(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    sensor.ask(starts_at, home, "backup.cloud.example", "192.0.2.232")
    sensor.flow(starts_at + 1, home, "192.0.2.232", 443, said=TLS, lasts_s=1_500, sent=(800_000_000, 4_000_000))


def _tunnel(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    """To work, through a VPN."""
    sent = (200_000_000, 900_000_000)
    sensor.flow(starts_at, home, "198.19.10.1", 51_820, said=UDP, lasts_s=ends_at - starts_at, sent=sent)


def _sharing(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    rng = sensor.rng
    sensor.ask(starts_at, home, "router.bittorrent.example", "192.0.2.233")
    for _ in range(90):
        peer, port = f"198.19.{rng.randrange(256)}.{rng.randrange(1, 255)}", rng.choice((6_881, 51_413, 20_777, 42_042))
        state, sent = ("S0", (0, 0)) if rng.random() < 0.5 else ("SF", (90_000, 30_000_000))
        sensor.flow(rng.uniform(starts_at, ends_at), home, peer, port, said=UDP, state=state, sent=sent)


def _game(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    sensor.flow(starts_at + 60, home, "198.19.20.1", 27_015, said=UDP, lasts_s=1_700, sent=(9_000_000, 40_000_000))


def _call(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    sensor.visit(starts_at + 5, home, "meet.example", "192.0.2.234")
    sensor.flow(starts_at + 9, home, "198.19.30.1", 3_478, said=UDP, lasts_s=1_500, sent=(300_000_000, 400_000_000))


def _mail(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    for at in range(starts_at + 30, ends_at, 300):
        sensor.visit(at, home, "imap.post.example", "192.0.2.235", 993)


def _attacked(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    """From outside, as every line is: that says nothing of it."""
    rng = sensor.rng
    for _ in range(120):
        caller = f"198.19.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        port = rng.choice((22, 23, 2_323, 445, 3_389, 8_080))
        sensor.flow(rng.uniform(starts_at, ends_at), caller, home, port, state=rng.choice(("S0", "REJ")))


_HABITS = (_television, _backup, _tunnel, _sharing, _game, _call, _mail, _attacked)


def scanner(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    rng = sensor.rng
    for number in range(_KNOCKS):
        at = starts_at + (ends_at - starts_at) * number / _KNOCKS
        called = f"198.19.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        answered = rng.random() < 0.02
        sensor.flow(
            *(at, home, called, 2_323 if number % 10 == 9 else 23),
            state="SF" if answered else "S0",
            sent=(120, 300) if answered else (0, 0),
        )


def caller_of_made_up_names(sensor: Sensor, home: str, starts_at: int, ends_at: int) -> None:
    """Names until one is registered; then its address, at even steps, on a port of its own."""
    names = made_up(starts_at // 86_400, _NAMES)
    for number, name in enumerate(names[:-1]):
        sensor.ask(starts_at + 10 * number, home, name)
    sensor.ask(starts_at + 10 * _NAMES, home, names[-1], _MASTER)
    first = starts_at + 10 * _NAMES + 1
    for number in range(_CALLS):
        at = first + (ends_at - first) * number / _CALLS + sensor.rng.uniform(-0.5, 0.5)
        sensor.flow(at, home, _MASTER, 4_449, lasts_s=0.8, sent=(310, 205))


def made_up(day: int, count: int) -> Sequence[str]:
    """Out of the day, by a linear congruence: 12 to 19 letters each."""
    state, names = (day * 2_654_435_761) & 0xFFFFFFFF, []
    for _ in range(count):
        letters = []
        for _ in range(12 + (state >> 16) % 8):
            state = (state * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF
            letters.append(chr(ord("a") + (state >> 16) % 26))
        names.append("".join(letters) + ".example")
    return names
