"""Headers of syslog, whoever wrote them, and connections that share a port."""

from __future__ import annotations

import pytest

from tests.attribution.bindings.nat.nat_lines import read_lines
from tocsin.attribution.bindings.readers.syslog import of_syslog
from tocsin.engine import Engine

NFWARE, F5 = of_syslog("nfware"), of_syslog("f5")
BLOCK = "A VRF 0 INT 10.0.0.1 EXT 198.51.100.1:1024-1535"


@pytest.mark.parametrize(
    ("head", "at", "nas"),
    [
        ("<134>1 2026-11-24T03:16:38.123+09:00 nat-1 app 1 - - ", "2026-11-23 18:16:38.123000", "nat-1"),
        ("<134>1 2026-11-24T03:16:38.123456789Z 2001:db8::1 app 1 - - ", "2026-11-24 03:16:38.123456", "2001:db8::1"),
        ("<134>1 2026-11-24T03:16:38-0330 - app - - - ", "2026-11-24 06:46:38", ""),
        ("2026-11-24T03:16:38.123+00:00 nat-1 app: ", "2026-11-24 03:16:38.123000", "nat-1"),
        ("2026-11-24 03:16:38 nat-1 app[12]: ", "2026-11-24 03:16:38", "nat-1"),
        ("<14>Jun 30 22:44:25 nat-1 app: ", "2026-06-30 22:44:25", "nat-1"),
        ("<14>Jun  3 22:44:25.678 10.0.0.9 app: ", "2026-06-03 22:44:25", "10.0.0.9"),
        ("<14>Jun  3 2024 22:44:25 nat-1 app: ", "2024-06-03 22:44:25", "nat-1"),
        ("<134> 1 2024 Jun 3 22:44:25 10.0.0.9 - - ", "2024-06-03 22:44:25", "10.0.0.9"),
        ("Dec 31 22:44:25 nat-1 app: ", "2025-12-31 22:44:25", "nat-1"),
        ("Jun 30 22:44:25 app: ", "2026-06-30 22:44:25", ""),
    ],
)
def test_a_header_says_when_and_who(engine: Engine, head: str, at: str, nas: str) -> None:
    found = read_lines(engine, NFWARE, f"{head}{BLOCK}\n")
    assert [(m.at, m.nas, m.ports) for m in found.mappings] == [(at, nas, "1024-1535")]


@pytest.mark.parametrize(
    "head",
    ["", "12:00:01 ", "Foo 30 22:44:25 nat-1 ", "Jun 31 22:44:25 nat-1 ", "2026-02-30T00:00:00Z nat-1 "],
)
def test_a_line_without_a_moment_is_refused(engine: Engine, head: str) -> None:
    found = read_lines(engine, NFWARE, f"{head}{BLOCK}\n")
    assert (found.mappings, found.rejects) == ([], [(1, "no moment")])


def test_a_local_time_needs_the_logs_zone(engine: Engine) -> None:
    found = read_lines(engine, NFWARE, f"Jun 30 22:44:25 nat-1 app: {BLOCK}\n", zone=None)
    assert found.mappings == []
    assert found.refused == [1]


def test_a_last_line_without_its_line_break_is_refused_where_a_port_ends_it(engine: Engine) -> None:
    line = f"2026-11-24T03:16:38Z nat-1 app: {BLOCK}"
    assert read_lines(engine, NFWARE, f"{line}\n{line}").refused == [2]
    assert read_lines(engine, NFWARE, f"{line}\r\n{line}\r\n").refused == []
    peers = "2026-11-24T03:16:38Z nat-1 LSN_ADD 10.0.0.1%0:40001 6 198.51.100.1%0:50001 192.0.2.9 443"
    assert read_lines(engine, F5, peers).refused == []  # only the peer's port may be cut, and nobody reads it


def test_a_compressed_file_that_is_cut_gives_what_stands_before_the_cut(engine: Engine) -> None:
    found = read_lines(
        engine, NFWARE, f"2026-11-24T03:16:38Z n a: {BLOCK}\n2026-11-24T03:16:39Z n a: {BLOCK}", cut="cut"
    )
    assert [m.line for m in found.mappings] == [1]
    assert found.refused == [2]


def test_connections_that_share_a_port_are_told_apart_and_their_peers_not_kept(engine: Engine) -> None:
    line = "2026-11-24T03:16:{second}Z n LSN_{event} 10.0.0.1%0:40001 6 198.51.100.1%0:50001 192.0.2.{peer} 443\n"
    lines = [line.format(second=10 + n, event="ADD", peer=n) for n in (1, 2)]
    lines += [line.format(second=20 + n, event="DELETE", peer=n) for n in (1, 2)]
    found = read_lines(engine, F5, "".join(lines))
    first, second, first_end, second_end = found.sessions
    assert first == first_end
    assert second == second_end
    assert first != second
    assert not any("192.0.2" in session for session in found.sessions)


def test_only_the_routing_table_that_the_log_is_asked_about_is_read(engine: Engine) -> None:
    lines = "".join(f"2026-11-24T03:16:38Z n a: A VRF {vrf} INT 10.0.0.1 EXT 198.51.100.{vrf}\n" for vrf in (7, 8))
    assert [m.network for m in read_lines(engine, NFWARE, lines, vrf="8").mappings] == ["198.51.100.8"]
