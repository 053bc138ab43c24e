"""What strangers can feed: cut, mangled and lying files. Bounded, refused with reasons, and never a crash."""

from __future__ import annotations

import gzip
import json
import random
import re
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import dpkt
import pytest
from click.testing import CliRunner

from tests.evidence.test_hostile_readers import SCRAPS
from tests.traffic.golden_files import BERLIN, FOLDER
from tests.traffic.scene import House, _log
from tocsin.cli.detect import command as detect
from tocsin.cli.home import command as home
from tocsin.engine import Engine
from tocsin.terms.errors import BadRequest
from tocsin.traffic.formats import FORMATS
from tocsin.traffic.judge import judge
from tocsin.traffic.read import Traffic, read_traffic

GOLDEN = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix != ".expected"}
CAPTURES = ("capture.pcap", "capture.pcapng")
MANGLED_EACH = 6
CLIENT = "192.168.7.10"


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("hostile"), threads=1) as opened:
        yield opened


def outcome(engine: Engine, name: str, content: bytes) -> Traffic | None:
    """None: nobody knows it. What was read was read into sound rows, and what was refused has a printable reason."""
    path = engine.work_dir / name
    path.write_bytes(content)
    try:
        traffic = read_traffic(engine, [path], clock=BERLIN)
    except BadRequest:
        return None
    ((rows,),) = engine.rows("SELECT count(*) FROM flows")
    ((sound,),) = engine.rows("SELECT count(*) FROM flows WHERE \"at\" >= TIMESTAMP '1970-01-01' AND duration_s >= 0")
    assert rows == sound
    assert engine.rows("SELECT count(*) FROM lookups WHERE length(name) > 255") == [(0,)]
    assert all(reject.reason and reject.reason.isprintable() for _, reject in traffic.rejected())
    traffic.close()
    return traffic


def test_every_format_has_a_golden_file(tried: Engine) -> None:
    known = {
        traffic.sources[0].format.partition(":")[0]
        for name, content in GOLDEN.items()
        if (traffic := outcome(tried, name, content))
    }
    assert known == {each.name for each in FORMATS} - {"parquet"}  # the golden files become that one by being read


@pytest.mark.parametrize("name", CAPTURES)
def test_a_capture_that_is_cut_anywhere_gives_what_came_before(tried: Engine, name: str) -> None:
    whole = GOLDEN[name]
    for cut in range(0, len(whole), 97):
        outcome(tried, name, whole[:cut])


@pytest.mark.parametrize("name", [name for name in GOLDEN if name not in CAPTURES and not name.endswith("nfcapd")])
def test_a_log_that_is_cut_anywhere_gives_no_row_of_its_last_half_line(tried: Engine, name: str) -> None:
    whole = GOLDEN[name]
    dice = random.Random(name)
    for cut in dice.sample(range(1, len(whole)), 5):
        outcome(tried, name, whole[:cut])
        packed = gzip.compress(whole, mtime=0)
        outcome(tried, name, packed[: len(packed) * cut // len(whole)])


@pytest.mark.parametrize("name", GOLDEN)
def test_mangled_bytes_break_nothing(tried: Engine, name: str) -> None:
    dice = random.Random(name)
    for _ in range(MANGLED_EACH):
        content = GOLDEN[name]
        for _ in range(dice.randint(1, 4)):
            place, cut = dice.randint(0, len(content)), dice.choice((0, 0, 1, 7, 40))
            content = content[:place] + dice.choice(SCRAPS) + content[place + cut :]
        outcome(tried, name, content)


def test_clocks_that_jump_are_read_as_they_are_or_refused(tried: Engine) -> None:
    head, (line, *_) = GOLDEN["conn.log"].split(b"1795487762")[0], GOLDEN["conn.log"].splitlines()[8:]
    clocks = (
        b"1795487762.25",
        b"3.0",
        b"1900000000.0",
        b"1795487761.0",
        b"-5.0",
        b"99999999999.0",
        b"nan",
        b"",
    )
    content = head + b"\n".join(line.replace(b"1795487762.250000", clock) for clock in clocks)
    traffic = outcome(tried, "conn.log", content)
    assert traffic is not None
    assert traffic.sources[0].rows == {"flows": 4}
    assert traffic.rejects == len(clocks) - 4


@pytest.mark.parametrize("moment", [-1.0, 0.0, 4e9, 1e6])
def test_a_captures_clock_that_jumps_back_or_by_years_breaks_no_conversation(tried: Engine, moment: float) -> None:
    packets = list(dpkt.pcap.Reader(BytesIO(GOLDEN["capture.pcap"])))
    made = BytesIO()
    writer = dpkt.pcap.Writer(made)
    for number, (at, frame) in enumerate(packets):
        writer.writepkt(frame, at if number % 2 else max(0.0, moment + number))
    assert outcome(tried, "capture.pcap", made.getvalue()) is not None


HOSTILE_NAMES = (
    b"\x1b[2J\x1b[31mred.example",
    b"<script>alert(1)</script>.example",
    b"a" * 255,
    b".".join([b"b" * 63] * 4),
    b"\xff\xfe\xfd.example",
    "\u202egnp.exe\u202c.example".encode(),
    b"tab\tand\nline.example",
    b"'; DROP TABLE flows; --.example",
)


def _question(name: bytes) -> bytes:
    labels = b"".join(bytes([len(part)]) + part for part in (name[i : i + 63] for i in range(0, len(name), 63)))
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def _hello(name: bytes) -> bytes:
    server = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    body = b"\x03\x03" + bytes(33) + struct.pack("!H", 2) + b"\x13\x01\x01\0" + struct.pack("!H", len(server)) + server
    shake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(shake)) + shake


def _capture(names: tuple[bytes, ...]) -> bytes:
    """A device looks each name up and greets a server by it."""
    made = BytesIO()
    writer = dpkt.pcap.Writer(made)
    here, there = bytes([192, 168, 7, 10]), bytes([198, 51, 100, 7])
    for number, name in enumerate(names):
        asked = dpkt.udp.UDP(sport=50000 + number, dport=53, data=_question(name))
        asked.ulen = len(bytes(asked))
        tcp = [
            dpkt.tcp.TCP(sport=51000 + number, dport=443, flags=flags, data=data)
            for flags, data in ((2, b""), (24, _hello(name)))
        ]
        for proto, data in ((17, asked), (6, tcp[0]), (6, tcp[1])):
            packet = dpkt.ip.IP(src=here, dst=there, p=proto, data=data)
            packet.len = 20 + len(bytes(data))
            frame = dpkt.ethernet.Ethernet(src=b"\x02\0\0\0\0\x01", dst=b"\x02\0\0\0\0\x02", type=0x0800, data=packet)
            writer.writepkt(bytes(frame), 1795487762 + number)
    return made.getvalue()


def test_hostile_names_of_a_capture_come_out_bounded_and_printable(tried: Engine) -> None:
    path = tried.work_dir / "names.pcap"
    path.write_bytes(_capture(HOSTILE_NAMES))
    traffic = read_traffic(tried, [path])
    names = [
        str(name) for table in ("lookups", "handshakes") for (name,) in tried.rows(f"SELECT name FROM {table}") if name
    ]
    traffic.close()
    assert len(names) >= len(HOSTILE_NAMES)
    assert all(name.isprintable() and len(name) <= 255 for name in names)


def _hostile_house(folder: Path) -> Path:
    """A device that talks through DNS under a hostile domain, and one whose DHCP name is hostile too."""
    house = House(folder)
    for number in range(150):
        house.lookup(number, f"{number:040d}.<img_src=x_onerror=alert(1)>\\x1b[2J\u202e.example", kind="TXT")
    (folder / "dns.log").write_text(
        _log(
            "dns", "ts id.orig_h id.orig_p id.resp_h id.resp_p query qtype_name rcode_name answers TTLs", house.lookups
        )
    )
    (folder / "dhcp.leases").write_text(f"1795500000 02:00:00:aa:bb:01 {CLIENT} <b>\u202e\x1b[31mphone</b> *\n")
    return folder


@pytest.mark.parametrize("verb", [detect, home])
def test_hostile_names_reach_screen_json_and_page_harmless(tmp_path: Path, verb: object) -> None:
    folder = _hostile_house(tmp_path)
    page = tmp_path / "page.html"
    shown = []
    for more in ((), ("--json",)):
        arguments = [str(folder / "dns.log"), str(folder / "dhcp.leases"), "--html", str(page), *more]
        result = CliRunner().invoke(verb, arguments, standalone_mode=False, catch_exceptions=False)  # type: ignore[arg-type]
        shown.append(result.stdout + result.stderr)
    assert "different long names" in shown[0]
    for text in (*shown, page.read_text()):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    assert all(json.loads(line) for line in shown[1].splitlines() if line.startswith("{"))
    assert "<img" not in page.read_text()
    assert "<b>" not in page.read_text()


def _peers_as_parquet(engine: Engine, path: Path, peers: int) -> None:
    engine.run(
        "COPY (SELECT TIMESTAMP '2026-11-24' + to_microseconds(n * 8000) AS \"at\","
        " '00000000-0000-0000-0000-ffffc0a8070a'::UUID AS caller, (1024 + n % 60000)::USMALLINT AS caller_port,"
        " (281470681743360::UBIGINT + 16777216 + n)::UHUGEINT::UUID AS called, 23::USMALLINT AS called_port,"
        " 'tcp' AS protocol, 'unanswered' AS state, 0.0 AS duration_s, 40 AS bytes_out, 0 AS bytes_in,"
        f" 1 AS packets_out, 0 AS packets_in FROM range({peers}) t(n)) TO '{path}' (FORMAT parquet)"
    )


@pytest.mark.parametrize("peers", [100_000, pytest.param(10_000_000, marks=pytest.mark.slow)])
def test_a_host_with_ten_million_peers_is_judged_in_bounded_memory(tmp_path: Path, peers: int) -> None:
    with Engine(tmp_path / "work", memory="1000MB") as engine:
        _peers_as_parquet(engine, tmp_path / "flows.parquet", peers)
        (host,) = judge(read_traffic(engine, [tmp_path / "flows.parquet"])).hosts
    assert host.verdict == "infected"
    assert host.opened == peers
    assert len(host.behaviours) <= 20 * len({each.name for each in host.behaviours})
    assert all(len(each.peers) <= 20 and len(each.rows) <= 20 for each in host.behaviours)
    assert max(each.peers_total for each in host.behaviours) > 0
