"""Whom the witness leaves alone, and behind whom it looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.witness.world import addresses, watched
from tocsin.engine import Engine
from tocsin.terms.errors import BadConfig
from tocsin.witness.offences import offence_rows
from tocsin.witness.own import Clients, Spared, named_networks, networks_of

LINE = '{} - - [24/Nov/2026:03:16:38 +0000] "GET /.env HTTP/1.1" 404 9 "-" "-" "{}"\n'
PROXIES = Spared(proxies=networks_of(["10.0.0.0/8"], "--proxy"))


def test_a_forwarded_address_counts_behind_an_own_proxy(engine: Engine) -> None:
    assert addresses(watched(engine, LINE.format("10.0.0.1", "192.0.2.1"), spared=PROXIES)) == {"192.0.2.1"}


def test_and_behind_nobody_else(engine: Engine) -> None:
    assert addresses(watched(engine, LINE.format("198.51.100.7", "192.0.2.1"), spared=PROXIES)) == {"198.51.100.7"}


def test_what_the_client_wrote_itself_is_not_believed(engine: Engine) -> None:
    line = LINE.format("10.0.0.1", "203.0.113.99, 192.0.2.1, 10.0.0.2")
    assert addresses(watched(engine, line, spared=PROXIES)) == {"192.0.2.1"}


@pytest.mark.parametrize("forwarded", ["-", "", "unknown", "not.an.address", "10.0.0.3"])
def test_a_proxy_that_says_nothing_stands_for_itself(forwarded: str) -> None:
    assert Clients(PROXIES).client("10.0.0.1", forwarded) == "10.0.0.1"


def test_an_allowed_address_is_left_alone(engine: Engine) -> None:
    spared = Spared(allowed=networks_of(["192.0.2.0/28", "2001:db8::/32"], "--allow"))
    log = LINE.format("192.0.2.15", "-") + LINE.format("192.0.2.16", "-") + LINE.format("2001:db8::1", "-")
    assert addresses(watched(engine, log, spared=spared)) == {"192.0.2.16"}


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "100.64.0.9", "64:ff9b::c000:201", "104.16.0.1", "151.101.1.1"]
)
def test_an_address_that_nobody_is_behind_is_a_lead_and_never_reported(engine: Engine, host: str) -> None:
    lines = watched(engine, LINE.format(host, "-"))
    assert [(line["address"], line["role"]) for line in lines] == [(host, "lead")]
    assert "spared" in str(lines[0]["extra"])
    assert list(offence_rows(engine, with_leads=True)) == []


def test_a_bare_packet_is_a_lead_and_reported_only_when_asked(engine: Engine) -> None:
    packet = (
        "2026-11-24T03:16:{:02}+00:00 gate kernel: [UFW BLOCK] IN=eth0 OUT="
        " SRC=192.0.2.1 DST=198.51.100.5 LEN=40 PROTO=TCP SPT=1 DPT={}\n"
    )
    lines = watched(engine, "".join(packet.format(n, 1000 + n) for n in range(12)))
    assert {line["role"] for line in lines} == {"lead"}
    assert list(offence_rows(engine, confidence_min=20)) == []
    assert [row["lines"] for row in offence_rows(engine, confidence_min=20, with_leads=True)] == [12]


def test_a_search_engine_is_left_alone_by_the_list_that_it_publishes(tmp_path: Path) -> None:
    published = tmp_path / "bot.json"
    published.write_text(
        '{"creationTime":"x","prefixes":[{"ipv4Prefix":"192.0.2.0/27"},{"ipv6Prefix":"2001:db8::/64"}]}'
    )
    lines = tmp_path / "own.txt"
    lines.write_text("# ours\n198.51.100.0/24  # monitoring\n\n")
    spared = Spared(allowed=named_networks([f"@{published}", f"@{lines}", "203.0.113.1"], "--allow"))
    clients = Clients(spared)
    hosts = ("192.0.2.31", "192.0.2.32", "2001:db8::9", "198.51.100.1", "203.0.113.1", "203.0.113.2")
    assert [clients.is_allowed(host) for host in hosts] == [True, False, True, True, True, False]


@pytest.mark.parametrize("content", ["{}", '{"prefixes":[{"ipv4Prefix":"192.0.2.1/24"}]}', "not a network"])
def test_a_list_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "list").write_text(content)
    with pytest.raises(BadConfig):
        named_networks([f"@{tmp_path}/list"], "--allow")
    with pytest.raises(BadConfig, match="cannot be read"):
        named_networks([f"@{tmp_path}/missing"], "--allow")


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"--allow.*192\.0\.2\.1/24"):
        networks_of(["192.0.2.1/24"], "--allow")
