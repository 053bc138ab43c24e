"""ISC dhcpd's lease files: a journal of leases given, renewed, ended."""

from __future__ import annotations

import pytest

from tests.attribution.bindings.log_text import Told, read_text
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine

LOG = LogConfig(name="dhcp", reader="dhcpd")
MAC = "02:00:00:00:00:01"


def lease(**changes: str | None) -> str:
    """A block as dhcpd writes it: a lease of ten minutes from noon; None leaves a statement out."""
    usual: dict[str, str | None] = {
        "address": "192.0.2.7",
        "starts": "2 2026/11/24 12:00:00",
        "ends": "2 2026/11/24 12:10:00",
        "cltt": "2 2026/11/24 12:00:00",
        "state": "active",
        "mac": MAC,
        "more": "",
    }
    told = usual | changes
    lines = [f"  {name} {told[name]};\n" for name in ("starts", "ends", "cltt") if told[name]]
    state = f"  binding state {told['state']};\n" if told["state"] else ""
    mac = f"  hardware ethernet {told['mac']};\n" if told["mac"] else ""
    return f"lease {told['address']} {{\n{''.join(lines)}{state}  next binding state free;\n{mac}{told['more']}}}\n"


def test_an_active_lease_is_held_from_starts_to_ends(engine: Engine) -> None:
    [told] = read_text(engine, lease(), LOG).events
    assert told == Told(line=1, status="lease", at=0, account=MAC, network="192.0.2.7", until=600)


def test_a_renewal_is_another_lease_of_the_same_client(engine: Engine) -> None:
    renewed = lease(starts="2 2026/11/24 12:05:00", ends="2 2026/11/24 12:15:00")
    found = read_text(engine, lease() + renewed, LOG)
    assert [(told.at, told.until, told.account) for told in found.events] == [(0, 600, MAC), (300, 900, MAC)]


def test_a_lease_that_is_over_says_since_when_and_until_when_it_was_held(engine: Engine) -> None:
    """What it was while it was active may have been cleared away before we read."""
    states = ("free", "expired", "released", "backup")
    text = "".join(lease(state=state, ends="2 2026/11/24 12:04:00") for state in states)
    found = read_text(engine, text, LOG)
    assert [(told.status, told.at, told.until) for told in found.events] == [
        *[("lease", 0, 240), ("release", 240, None)] * len(states)
    ]


def test_an_abandoned_address_is_no_longer_his_who_declined_it(engine: Engine) -> None:
    """dhcpd forgets the client then; it was the one of the address's latest lease."""
    abandoned = lease(state="abandoned", mac=None, cltt="2 2026/11/24 12:00:03", ends="3 2026/11/25 12:00:03")
    found = read_text(engine, lease() + abandoned, LOG)
    assert found.brief()[1:] == [("release", 4, MAC, "192.0.2.7")]
    assert read_text(engine, abandoned, LOG).brief() == [], "without the lease before it nobody can be named"


def test_a_freed_lease_has_the_circuit_of_the_same_clients_lease_before_it(engine: Engine) -> None:
    by_circuit = LogConfig(name="dhcp", reader="dhcpd", account_from="circuit-id")
    active = lease(more='  option agent.circuit-id "dslam-7 1/0/11";\n')
    freed = lease(state="free", ends="2 2026/11/24 12:04:00")
    found = read_text(engine, active + freed, by_circuit)
    assert [(told.status, told.account) for told in found.events] == [
        *[("lease", "dslam-7 1/0/11"), ("lease", "dslam-7 1/0/11"), ("release", "dslam-7 1/0/11")]
    ]
    other = lease(state="free", mac="02:00:00:00:00:02")
    assert len(read_text(engine, active + other, by_circuit).events) == 1
    assert read_text(engine, freed, by_circuit).rejects == []


@pytest.mark.parametrize(
    ("account_from", "account_by_statement"),
    [
        (
            "client-id",
            {
                r'uid "\001\002\000\000\000\000\007"': "01:02:00:00:00:00:07",
                r'uid "\001a\"b\\"': "01:61:22:62:5c",
                "uid 01:02:0:0:0:0:7": "01:02:00:00:00:00:07",
            },
        ),
        (
            "circuit-id",
            {
                'option agent.circuit-id "Vlan99"': "Vlan99",
                "option agent.circuit-id 0:4:0:63:1:2": "00:04:00:63:01:02",
                "option agent.circuit-id 68:6f:77:64:79": "howdy",
                'option agent.circuit-id "68:6f"': "68:6f",
            },
        ),
        ("remote-id", {'option agent.remote-id "20:04:0f:06:44:b4"': "20:04:0f:06:44:b4"}),
        ("hostname", {'client-hostname "meter"': "meter"}),
    ],
)
def test_a_client_is_known_by_what_the_log_is_told(
    engine: Engine, account_from: str, account_by_statement: dict[str, str]
) -> None:
    log = LogConfig(name="dhcp", reader="dhcpd", account_from=account_from)
    text = "".join(lease(more=f"  {statement};\n") for statement in account_by_statement)
    assert [told.account for told in read_text(engine, text, log).events] == list(account_by_statement.values())


def test_times_may_be_epochs_and_ends_may_be_never(engine: Engine) -> None:
    text = lease(starts="epoch 1795521600", ends="never", more="  # Tue Nov 24 12:00:00 2026\n")
    [told] = read_text(engine, text, LOG).events
    assert told.at == 0
    assert told.until is not None
    assert told.until > 1e11


IA = r"""ia-na "\245\214\232\030\000\003\000\001\002\000\000\000\000\007" {
  cltt 2 2026/11/24 12:00:03;
  iaaddr 2001:db8::7 {
    binding state active;
    preferred-life 500;
    max-life 600;
    ends 2 2026/11/24 12:10:00;
    on expiry {
      execute ("/bin/true");
    }
  }
  iaaddr 2001:db8::8 {
    binding state expired;
    max-life 600;
    ends 2 2026/11/24 11:50:00;
  }
}

ia-pd "\245\214\232\030\000\003\000\001\002\000\000\000\000\007" {
  cltt 2 2026/11/24 12:03:00;
  iaprefix 2001:db8:aa00::/56 {
    binding state released;
    max-life 600;
    ends 2 2026/11/24 12:10:00;
  }
}
"""


def test_addresses_and_prefixes_of_ipv6_are_the_duids(engine: Engine) -> None:
    found = read_text(engine, IA, LOG)
    assert {told.account for told in found.events} == {"00:03:00:01:02:00:00:00:00:07"}
    assert [(told.line, told.status, told.at, told.until, told.network) for told in found.events] == [
        (3, "lease", 0, 600, "2001:db8::7"),
        (12, "lease", -1200, -600, "2001:db8::8"),
        (12, "release", -600, None, "2001:db8::8"),
        (21, "lease", 0, 180, "2001:db8:aa00::/56"),
        (21, "release", 180, None, "2001:db8:aa00::/56"),
    ]
    assert found.rejects == []


def test_a_torn_block_costs_itself_alone(engine: Engine) -> None:
    torn = "lease 192.0.2.8 {\n  starts 2 2026/11/24 12:00:00;\n"
    found = read_text(engine, torn + lease() + torn, LOG)
    assert [told.line for told in found.events] == [3]
    assert [line for line, _ in found.rejects] == [1, 11]


def test_what_is_no_lease_is_passed_over(engine: Engine) -> None:
    text = (
        "# The format of this file\n\nauthoring-byte-order little-endian;\n\n"
        'failover peer "two" state {\n  my state normal at 2 2026/11/24 11:00:00;\n}\n'
        'server-duid "\\000\\001";\n\n'
    )
    found = read_text(engine, text + lease(), LOG)
    assert [told.line for told in found.events] == [10]
    assert found.rejects == []


def test_a_bad_lease_is_a_reject(engine: Engine) -> None:
    bad: list[tuple[dict[str, str | None], str]] = [
        ({"state": None}, "a lease without its binding state"),
        ({"ends": None}, "a lease that does not say when it ends"),
        ({"starts": None}, "no moment"),
        ({"starts": "2 2026/02/31 12:00:00"}, "no moment"),
        ({"ends": "2 2026/11/24 11:00:00"}, "a lease that ends before it starts"),
    ]
    blocks = [lease(**changes) for changes, _ in bad]
    found = read_text(engine, "".join(blocks) + lease(), LOG)
    assert len(found.events) == 1
    starts = [1 + "".join(blocks[:place]).count("\n") for place in range(len(bad))]
    assert found.rejects == list(zip(starts, (reason for _, reason in bad), strict=True))


def test_an_endless_block_is_bounded_and_what_follows_is_read(engine: Engine) -> None:
    text = "lease 192.0.2.8 {\n" + "  set x = 1;\n" * 30_000 + "}\n" + lease()
    found = read_text(engine, text, LOG, block_bytes=1 << 16)
    assert [told.network for told in found.events] == ["192.0.2.7"]
    assert [(line, "longer" in reason) for line, reason in found.rejects] == [(1, True)]
