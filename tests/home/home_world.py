"""A household written as Zeek would have logged it: flows, look-ups, leases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_CONN = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state"
    " orig_pkts resp_pkts"
)
_DNS = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto query qtype_name rcode_name answers TTLs"
ROUTER = "192.168.1.1"


def _write(path: Path, log: str, fields: str, rows: Sequence[Sequence[object]]) -> None:
    head = f"#separator \\x09\n#path\t{log}\n#fields\t" + "\t".join(fields.split())
    lines = ["\t".join(str(value) for value in row) for row in rows]
    path.write_text("\n".join([head, *lines]) + "\n")


class Home:
    """What happened, minute by minute from START; `write` puts it into a folder."""

    def __init__(self) -> None:
        self._flows: list[tuple[object, ...]] = []
        self._lookups: list[tuple[object, ...]] = []
        self._leases: list[str] = []

    def flow(
        self,
        caller: str,
        called: str,
        port: int,
        *,
        at_s: float,
        caller_port: int = 40000,
        state: str = "SF",
        lasts_s: float = 1.0,
    ) -> None:
        ts = f"{(START + timedelta(seconds=at_s)).timestamp():.6f}"
        sent = (300, 900, state, 5, 5) if state == "SF" else (0, 0, state, 1, 0)
        row = (ts, f"C{len(self._flows)}", caller, caller_port, called, port, "tcp", "-", lasts_s, *sent)
        self._flows.append(row)

    def ask(self, client: str, name: str, *, at_s: float) -> None:
        ts = f"{(START + timedelta(seconds=at_s)).timestamp():.6f}"
        answer = ("A", "NOERROR", "203.0.113.99", "300.0")
        self._lookups.append((ts, f"D{len(self._lookups)}", client, 5353, ROUTER, 53, "udp", name, *answer))

    def lease(self, mac: str, address: str, name: str) -> None:
        self._leases.append(f"1795500000 {mac} {address} {name} 01:{mac}")

    def ordinary(self, device: str, *, hours: int = 2) -> None:
        """Somebody reads the news now and then: ever other pages, at no regular times."""
        for number in range(hours * 30):
            at_s = number * 120 + (number * 37) % 101
            self.ask(device, f"page-{number % 17}.news.example", at_s=at_s)
            self.flow(device, f"198.51.100.{10 + number % 40}", 443, at_s=at_s + 1, caller_port=50000 + number)

    def scanner(self, device: str, *, at_s: float = 600, tries: int = 400) -> None:
        for number in range(tries):
            called = f"203.0.{113 + number // 200}.{1 + number % 200}"
            self.flow(device, called, 23, at_s=at_s + number * 0.3, caller_port=30000 + number, state="S0", lasts_s=0)

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "conn.log", "conn", _CONN, sorted(self._flows, key=lambda row: str(row[0])))
        if self._lookups:
            _write(folder / "dns.log", "dns", _DNS, sorted(self._lookups, key=lambda row: str(row[0])))
        if self._leases:
            (folder / "dhcp.leases").write_text("\n".join(self._leases) + "\n")
        return folder
