"""dnsmasq: what its lease file can say, and what its log says better."""

from __future__ import annotations

from tests.attribution.bindings.log_text import NOON_EPOCH, read_text
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine

MAC, DUID = "02:00:00:00:00:07", "00:01:00:01:2a:2b:2c:2d:02:00:00:00:00:07"
FILE = LogConfig(name="dhcp", reader="dnsmasq", lease_s=600)
SYSLOG = LogConfig(name="dhcp", reader="dnsmasq-log", lease_s=600, zone="Asia/Tokyo")
AT = "Nov 24 21:00:00 gw dnsmasq-dhcp[12]: "
LEASES = f"""{NOON_EPOCH + 600} {MAC} 192.0.2.7 meter 01:{MAC}
{NOON_EPOCH + 600} {MAC} 192.0.2.8 * *
duid 00:01:00:01:2a:2b:2c:2d:02:00:00:00:00:fe
{NOON_EPOCH + 600} 412781733 2001:db8::7 meter {DUID}
{NOON_EPOCH + 600} T12 2001:db8::8 * {DUID}
"""


def test_a_held_lease_was_given_its_length_before_its_end(engine: Engine) -> None:
    found = read_text(engine, LEASES, FILE)
    assert {(told.status, told.at, told.until) for told in found.events} == {("lease", 0, 600)}
    assert [(told.account, told.network) for told in found.events] == [
        *[(MAC, "192.0.2.7"), (MAC, "192.0.2.8"), (DUID, "2001:db8::7"), (DUID, "2001:db8::8")]
    ]
    assert found.rejects == []


def test_without_its_length_a_held_lease_began_nobody_knows_when(engine: Engine) -> None:
    """Held from the end of time before: a guess would blame who had not come yet."""
    found = read_text(engine, LEASES, LogConfig(name="dhcp", reader="dnsmasq"))
    assert found.events == []
    assert [line for line, reason in found.rejects if "lease_s" in reason] == [1, 2, 4, 5]


def test_a_bad_line_of_the_file_is_a_reject(engine: Engine) -> None:
    text = f"0 {MAC} 192.0.2.7 * *\nx\n{NOON_EPOCH} {MAC} 192.0.2.777 * *\n99 {MAC} 192.0.2.7 * *\n"
    found = read_text(engine, text, FILE)
    assert found.events == []
    assert [reason for _, reason in found.rejects] == [
        "a lease without end does not say since when: give it to a `static` log",
        *["not a line of dnsmasq's lease file", "not an IP address: 192.0.2.777", "a lease that ends before it starts"],
    ]


def test_the_log_says_when_a_lease_was_given_and_given_back(engine: Engine) -> None:
    text = (
        f"{AT}DHCPDISCOVER(eth0) {MAC}\n{AT}DHCPACK(eth0) 192.0.2.7 {MAC} meter\n"
        f"Nov 24 21:00:00 gw kernel: DHCPACK(eth0) 192.0.2.9 {MAC}\n"
        f"Nov 24 21:00:05 dnsmasq-dhcp[12]: DHCPRELEASE(eth0) 192.0.2.7 {MAC} \n"
        f"2026-11-24T21:00:07.5+09:00 gw dnsmasq-dhcp[12]: DHCPREPLY(eth0) 2001:db8::7 {DUID} meter\n"
        f"{AT}DHCPDECLINE(eth0) 192.0.2.8 {MAC} \n{AT}DHCPRELEASE(eth0) {DUID} \n"
    )
    found = read_text(engine, text, SYSLOG)
    assert [(told.line, told.status, told.at, told.until, told.network) for told in found.events] == [
        *[(2, "lease", 0, 600, "192.0.2.7"), (4, "release", 5, None, "192.0.2.7")],
        *[(5, "lease", 7.5, 607.5, "2001:db8::7"), (6, "release", 0, None, "192.0.2.8")],
    ]
    assert {told.account for told in found.events} == {MAC, DUID}
    assert found.rejects == []


def test_log_dhcp_says_how_long_each_lease_lasts(engine: Engine) -> None:
    """Two exchanges at once are told apart by their numbers."""
    text = (
        f"{AT}1 DHCPACK(eth0) 192.0.2.7 {MAC} meter\n{AT}2 DHCPACK(eth0) 192.0.2.8 {MAC} meter\n"
        f"{AT}2 sent size:  4 option: 51 lease-time  12h\n{AT}1 sent size:  4 option: 51 lease-time  1h2m3s\n"
        f"{AT}3 DHCPREPLY(eth0) 2001:db8::7 {DUID} \n{AT}3 DHCPREPLY(eth0) 2001:db8::8 {DUID} \n"
        f"{AT}3 nest size: 24 option:  5 iaaddr  2001:db8::7 PL=50 VL=60\n"
        f"{AT}3 nest size: 24 option:  5 iaaddr  2001:db8::8 PL=60 VL=70\n"
        f"{AT}4 DHCPACK(eth0) 192.0.2.9 {MAC} meter\n{AT}4 sent size:  4 option: 51 lease-time  infinite\n"
    )
    found = read_text(engine, text, SYSLOG)
    assert [told.until for told in found.events] == [3723, 43_200, 60, 70, 4_294_967_295]


def test_a_bad_line_of_the_log_is_a_reject(engine: Engine) -> None:
    text = f"{AT}DHCPACK(eth0) 192.0.2.7 {MAC}\n{AT}DHCPRELEASE(eth0) 192.0.2.7 {MAC}\ndnsmasq-dhcp: torn\n"
    found = read_text(engine, text, LogConfig(name="dhcp", reader="dnsmasq-log", zone="UTC"))
    assert [told.line for told in found.events] == [2]
    assert [(line, reason[:33]) for line, reason in found.rejects] == [
        *[(1, "nothing says how long the lease l"), (3, "not a record of this log")]
    ]
