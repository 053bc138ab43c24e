"""A household that has a Pi-hole and nothing else: its log and its list of leases, to devices and what they do."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tocsin.cli.home import command

LAPTOP, LAPTOP_V6, TV = "192.168.7.10", "2001:db8:7::10", "192.168.7.20"
WRITTEN_AT = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], standalone_mode=False, catch_exceptions=False)


def devices(*arguments: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The laptop looks made-up names up by IPv6, and ordinary ones by IPv4; the television only ordinary ones."""
    dice = random.Random(7)
    lines = []
    for minute in range(60):
        at = f"Nov 24 09:{minute:02}"
        made_up = "".join(dice.choice("bcdfghjklmnpqrstvwxz0123456789") for _ in range(17)) + f".d{minute % 9}.example"
        for second, client, name, answer in (
            (1, LAPTOP_V6, made_up, "NXDOMAIN"),
            (2, LAPTOP, f"www{minute % 7}.news.example", f"198.51.100.{minute + 1}"),
            (3, TV, f"films{minute % 5}.example", f"198.51.100.{minute + 100}"),
        ):
            stamp = f"{at}:{second:02} dnsmasq[812]:"
            kind = "AAAA" if ":" in client else "A"
            lines += [f"{stamp} query[{kind}] {name} from {client}", f"{stamp} reply {name} is {answer}"]
    lines.append("Nov 24 09:00:09 dnsmasq-dhcp[812]: DHCPACK(eth0) 192.168.7.20 02:00:00:aa:bb:02 living-room-tv")
    (tmp_path / "pihole.log").write_text("\n".join(lines) + "\n")
    os.utime(tmp_path / "pihole.log", (WRITTEN_AT, WRITTEN_AT))
    (tmp_path / "dhcp.leases").write_text(f"1795500000 02:00:00:aa:bb:01 {LAPTOP} annas-laptop *\n")
    (tmp_path / "neighbours.out").write_text(f"{LAPTOP_V6} dev eth0 lladdr 02:00:00:aa:bb:01 STALE\n")
    return tmp_path


def test_a_pihole_log_and_leases_give_devices_and_what_their_look_ups_show(house: Path) -> None:
    laptop, tv = devices(house, "--zone", "Europe/Berlin")
    assert (laptop["device"], laptop["verdict"]) == ("annas-laptop", "infected")
    assert [each["name"] for each in laptop["behaviours"]] == ["dga"]
    assert (tv["device"], tv["verdict"], tv["behaviours"]) == ("living-room-tv", "clean", [])


def test_ipv4_and_ipv6_of_one_network_card_are_one_device(house: Path) -> None:
    laptop, _ = devices(house, "--zone", "Europe/Berlin")
    assert laptop["addresses"] == [LAPTOP, LAPTOP_V6]
    assert laptop["mac"] == "02:00:00:aa:bb:01"


def test_what_anybody_looks_at_is_not_shown(house: Path) -> None:
    shown = run(house, "--zone", "Europe/Berlin")
    assert "news.example" not in shown.stdout + shown.stderr
    assert "films" not in shown.stdout + shown.stderr


def test_without_a_zone_it_says_what_to_add(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TZ", "TOCSIN_ZONE"):
        monkeypatch.delenv(name, raising=False)
    result = run(house)
    assert "--zone" in result.stderr
    assert result.return_value == 1
