"""Flows written by hand: conn.log and dns.log of a house, out of a few sentences; from published behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.engine import Engine
from tocsin.traffic.judge import Host, judge
from tocsin.traffic.lists import Indicator
from tocsin.traffic.read import read_traffic

START = 1_763_942_400.0  # 2025-11-24T00:00:00Z
HOME = "192.168.7.10"
_CONN = (
    "ts id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state"
    " orig_pkts resp_pkts"
)
_DNS = "ts id.orig_h id.orig_p id.resp_h id.resp_p query qtype_name rcode_name answers TTLs"


class House:
    """Gather what one device does; `judge` says what is made of it."""

    def __init__(self, folder: Path, home: str = HOME) -> None:
        self._folder = folder
        self.home = home
        self.flows: list[tuple[object, ...]] = []
        self.lookups: list[tuple[object, ...]] = []

    def flow(
        self,
        at: float,
        peer: str,
        port: int,
        *,
        state: str = "SF",
        proto: str = "tcp",
        service: str = "-",
        seconds: float = 0.2,
        out: int = 800,
        back: int = 5000,
        packets: tuple[int, int] = (8, 8),
        caller: str = "",
    ) -> None:
        if state in ("S0", "REJ"):
            back, packets = 0, (packets[0], 0 if state == "S0" else 1)
        self.flows.append(
            (
                START + at,
                caller or self.home,
                40000 + len(self.flows) % 20000,
                peer,
                port,
                proto,
                service,
                seconds,
                out,
                back,
                state,
                *packets,
            )
        )

    def lookup(
        self, at: float, name: str, answer: str = "", *, rcode: str = "NOERROR", kind: str = "A", client: str = ""
    ) -> None:
        self.lookups.append(
            (
                START + at,
                client or self.home,
                40000,
                "192.168.7.1",
                53,
                name,
                kind,
                rcode,
                answer or "-",
                "300" if answer else "-",
            )
        )

    def ordinary(self) -> None:
        """An evening of names and web, so that enough was seen."""
        for number in range(40):
            name, peer = f"www{number}.shop.example", f"198.51.100.{number + 1}"
            self.lookup(number * 60, name, peer)
            self.flow(number * 60 + 0.1, peer, 443, service="ssl")

    def forget(self) -> None:
        """What NetFlow does not know: names, and what the sensor has recognised."""
        self.lookups.clear()
        service = _CONN.split().index("service")
        self.flows = [(*row[:service], "-", *row[service + 1 :]) for row in self.flows]

    def judge(self, engine: Engine, lists: Sequence[Indicator] = ()) -> Host:
        return judged(engine, self._folder, [self], lists)[self.home]


def judged(engine: Engine, folder: Path, houses: Sequence[House], lists: Sequence[Indicator] = ()) -> dict[str, Host]:
    """All houses at once, as one sensor would see them; what is made of each, by its address."""
    (folder / "conn.log").write_text(_log("conn", _CONN, [row for each in houses for row in each.flows]))
    (folder / "dns.log").write_text(_log("dns", _DNS, [row for each in houses for row in each.lookups]))
    found = judge(read_traffic(engine, [folder / "conn.log", folder / "dns.log"]), lists=lists)
    homes = {each.home for each in houses}
    return {address: host for host in found.hosts for address in host.addresses if address in homes}


def _log(path: str, fields: str, rows: Sequence[tuple[object, ...]]) -> str:
    lines = ["#separator \\x09", f"#path\t{path}", "#fields\t" + fields.replace(" ", "\t")]
    return "\n".join([*lines, *("\t".join(map(str, row)) for row in rows)]) + "\n"
