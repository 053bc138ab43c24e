"""The lists that a reader brings."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.scan.scan_world import digest
from tocsin.scan import lists
from tocsin.scan.lists import ServerList, load_hashes, load_servers
from tocsin.terms.errors import BadConfig

ONE, TWO = digest(b"one"), digest(b"two")


def test_hashes_are_read_as_they_are_published(tmp_path: Path) -> None:
    plain, table = tmp_path / "plain.txt", tmp_path / "table.csv.gz"
    plain.write_text(f"# comment {TWO}\n{ONE.upper()}  bot.exe\n\nnothing here\n")
    table.write_bytes(gzip.compress(f'"2026-11-01","{TWO}","md5","x"\n'.encode()))
    hashes = load_hashes([plain, table])
    assert (hashes.find(ONE), hashes.find(TWO), hashes.find(digest(b"3"))) == ("plain.txt", "table.csv.gz", None)
    assert hashes.unused == {"plain.txt": 1, "table.csv.gz": 0}


@pytest.mark.parametrize("line", [f"{ONE}a", f"x{ONE[:-1]}", ONE[:40], f"0{ONE}"])
def test_what_is_no_sha256_is_none(line: str) -> None:
    hashes = lists.HashList()
    hashes.add("l", [line])
    assert len(hashes) == 0


@pytest.mark.parametrize(
    ("line", "address", "port", "answer"),
    [
        ("198.51.100.7", "198.51.100.7", 443, False),
        ("198.51.100.7:443", "198.51.100.7", 443, True),
        ("198.51.100.7:443", "198.51.100.7", 80, False),
        ('"2026-01-01 10:00:00","198.51.100.7","443","online"', "198.51.100.7", 443, True),
        ("tcp://198.51.100.7:443", "198.51.100.7", 443, True),
        ("198.51.100.0/24 ; SBL1", "198.51.100.77", 25, False),
        ("[2001:db8::7]:443", "2001:db8::7", 443, True),
        ("2001:db8::/32", "2001:db8:1::1", 443, False),
        ("198.51.100.7:443", "::ffff:198.51.100.7", 443, True),
    ],
)
def test_servers_are_read_as_they_are_published(line: str, address: str, port: int, answer: bool) -> None:
    servers = ServerList()
    servers.add("list", [line])
    assert servers.find(address, port) == ("list", answer)
    assert servers.find("192.0.2.1", port) is None


@pytest.mark.parametrize(
    "line", ["0.0.0.0 bad.example", "127.0.0.1", "0.0.0.0/0", "192.0.0.0/7", "bad.example", "1.2.3"]
)
def test_what_is_no_server_is_none(line: str) -> None:
    servers = ServerList()
    servers.add("list", [line])
    assert (len(servers), servers.unused) == (0, {"list": 1})


def test_a_list_of_nothing_and_a_list_of_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "list.txt"
    file.write_text("nothing\n")
    with pytest.raises(BadConfig, match="holds no SHA-256"):
        load_hashes([file])
    with pytest.raises(BadConfig, match="holds no address"):
        load_servers([file])
    file.write_text(f"{ONE}\n{TWO}\n")
    monkeypatch.setattr(lists, "LIST_ENTRIES_MAX", 2)
    assert len(load_hashes([file])) == 2
    monkeypatch.setattr(lists, "LIST_ENTRIES_MAX", 1)
    with pytest.raises(BadConfig, match="more than 1 entries"):
        load_hashes([file])
    file.write_bytes(b"\x1f\x8bbroken")
    with pytest.raises(BadConfig, match="cannot be read"):
        load_hashes([file])
