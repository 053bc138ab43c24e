"""Kea's legal log: assigned, renewed, released, and by whose hand."""

from __future__ import annotations

import pytest

from tests.attribution.bindings.log_text import read_text
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine

LOG = LogConfig(name="legal", reader="kea-legal")
MAC, DUID = "02:00:00:00:00:01", "00:01:00:01:2a:2b:2c:2d:02:00:00:00:00:01"
AT = "2026-11-24 12:00:00 UTC "
DEVICE = f"a device with hardware address: hwtype=1 {MAC}, client-id: 01:61:62"
RELAY = (
    " connected via relay at address: 192.0.2.33, identified by circuit-id: 68:6f:77:64:79 (howdy)"
    " and remote-id: 87:f6:79:77:ef"
)


def by(account_from: str) -> LogConfig:
    return LogConfig(name="legal", reader="kea-legal", account_from=account_from)


LIFETIMES = {
    "1 hrs 52 min 15 secs": 6735,
    "0 hrs 11 mins 53 secs": 713,
    "1 days 0 hrs 0 mins 0 secs": 86_400,
    "713 seconds": 713,
    "infinite duration": 4_294_967_295,
}


def test_a_lease_given_says_for_how_long(engine: Engine) -> None:
    text = "".join(
        f"{AT}Address: 192.0.2.7 has been {verb} for {lifetime} to {DEVICE}{RELAY}\n"
        for verb in ("assigned", "renewed", "rebound")
        for lifetime in LIFETIMES
    )
    found = read_text(engine, text, LOG).events
    assert {(told.status, told.at, told.account, told.network) for told in found} == {("lease", 0, MAC, "192.0.2.7")}
    assert [told.until for told in found] == [*LIFETIMES.values()] * 3


def test_a_lease_given_back(engine: Engine) -> None:
    text = f"{AT}Address: 192.0.2.7 has been released from {DEVICE}{RELAY}\n"
    assert read_text(engine, text, LOG).brief() == [("release", 0, MAC, "192.0.2.7")]


def test_addresses_and_prefixes_of_ipv6_with_and_without_a_blank(engine: Engine) -> None:
    relay = (
        " connected via relay at address: fe80::abcd for client on link address: 2001:db8::1, hop count: 1, identified"
        " by remote-id: 01:02:03 and subscriber-id: 1a:2b, connected at location interface-id: 65:74:68:30"
    )
    device = f"a device with DUID: {DUID} and hardware address: hwtype=1 {MAC} (from Raw Socket)"
    text = (
        f"{AT}Address:2001:db8::7 has been assigned for 713 seconds to {device}{relay}\n"
        f"{AT}Prefix: 2001:db8:aa00::/56 has been assigned for 713 seconds to a device with DUID: {DUID}{relay}\n"
    )
    for account_from, accounts in (("duid", [DUID, DUID]), ("circuit-id", ["eth0", "eth0"]), ("", [MAC, DUID])):
        found = read_text(engine, text, by(account_from)).events
        assert [told.account for told in found] == accounts
        assert [told.network for told in found] == ["2001:db8::7", "2001:db8:aa00::/56"]


@pytest.mark.parametrize("who", ["Administrator", "HA partner"])
def test_leases_made_and_deleted_by_hand(engine: Engine, who: str) -> None:
    device = f"a device with hardware address: {MAC}"
    text = (
        f"{AT}{who} added a lease of address: 192.0.2.7 to {device} for 1 days 0 hrs 0 mins 0 secs\n"
        f"{AT}{who} updated information on the lease of address: 192.0.2.7 to {device}, client-id: 1234567890\n"
        f"2026-11-24 12:00:09 UTC {who} deleted the lease for address: 192.0.2.7\n"
        f"{AT}{who} deleted a lease for a device identified by: hw-address of {MAC}\n"
    )
    found = read_text(engine, text, LOG)
    assert found.brief() == [("lease", 0, MAC, "192.0.2.7"), ("release", 9, MAC, "192.0.2.7")]
    assert found.rejects == [(2, "a lease without an end"), (4, "it does not say which address was deleted")]


@pytest.mark.parametrize(
    ("account_from", "account"),
    [
        *[("client-id", "01:61:62"), ("circuit-id", "howdy"), ("remote-id", "87:f6:79:77:ef")],
        ("circuit-id/remote-id", "howdy/87:f6:79:77:ef"),
    ],
)
def test_a_client_is_known_by_what_the_log_is_told(engine: Engine, account_from: str, account: str) -> None:
    text = f"{AT}Address: 192.0.2.7 has been assigned for 713 seconds to {DEVICE}{RELAY}\n"
    assert read_text(engine, text, by(account_from)).events[0].account == account


def test_a_client_cannot_choose_his_circuit(engine: Engine) -> None:
    """Kea shows a client-id that can be printed, and the client wrote it."""
    chosen = "x) connected via relay at address: 192.0.2.33, identified by circuit-id: 41:42:43 ("
    octets = ":".join(f"{ord(letter):02x}" for letter in chosen)
    device = f"a device with hardware address: hwtype=1 {MAC}, client-id: {octets} ({chosen})"
    text = f"{AT}Address: 192.0.2.7 has been assigned for 713 seconds to {device}"
    assert read_text(engine, f"{text}{RELAY}\n", by("circuit-id")).events[0].account == "howdy"
    assert read_text(engine, f"{text}\n", by("circuit-id")).events[0].account is None


def test_a_zones_name_must_be_one_of_the_logs_zone(engine: Engine) -> None:
    said = f"Address: 192.0.2.7 has been assigned for 713 seconds to {DEVICE}\n"
    text = f"2026-11-24 13:00:00 CET {said}2026-11-24 13:00:00 IST {said}2026-11-24 13:00:00 +0100 {said}"
    found = read_text(engine, text, LogConfig(name="legal", reader="kea-legal", zone="Europe/Berlin"))
    assert [(told.line, told.at) for told in found.events] == [(1, 0), (3, 0)]
    assert found.rejects == [(2, "not a name of the configured zone at that time")]


def test_a_bad_line_is_a_reject(engine: Engine) -> None:
    reason_by_line = {
        f"Prefix: 2001:db8::/64 has been assigned for 713 seconds to a device with DUID: {DUID}": "no moment",
        f"{AT}Address: 192.0.2.7 has been assigned to {DEVICE}": "a lease without an end",
        f"{AT}Address: 192.0.2.7 has been eaten by {DEVICE}": "not a record of this log",
        f"{AT}something else": "not a record of this log",
        f"{AT}Address: 192.0.2.777 has been released from {DEVICE}": "not an IP address: 192.0.2.777",
    }
    text = "\n".join((*reason_by_line, f"{AT}Address: 192.0.2.8 has been released from {DEVICE}\n"))
    found = read_text(engine, text, LOG)
    assert [told.line for told in found.events] == [len(reason_by_line) + 1]
    assert found.rejects == list(enumerate(reason_by_line.values(), 1))
