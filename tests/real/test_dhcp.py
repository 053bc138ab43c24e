"""Real DHCP servers write the lease files and logs that we read: ISC dhcpd, Kea and dnsmasq, Debian's packages."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.real.dhcp import WIRE, Link, link, serving, why_not
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import TABLES, read_log
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake

_WHY_NOT = why_not("dhcpd", "dhclient", "kea-dhcp4", "kea-dhcp6", "dnsmasq")
pytestmark = pytest.mark.skipif(_WHY_NOT is not None, reason=_WHY_NOT or "")

ANNA, BELA, CORA = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"
LEASE_S = 600


@pytest.fixture
def wire() -> Iterator[Link]:
    with link() as made:
        yield made


def _read(lake: Lake, path: Path, log: LogConfig) -> list[tuple[object, ...]]:
    """Its events in the order of their lines: (status, address, bits, lasts, age of the moment)."""
    now = datetime.now(UTC)  # noqa: TID251 - the real server stamps its records with the real time
    kept = keep(lake.root.parent, path)
    with lake.writing(*TABLES) as writing:
        found = read_log(writing, kept, log, name=path.name, at=now, window=window_at(now))
    assert found.rejects == 0
    rows = lake.engine.rows(
        'SELECT status, network, prefix_bits, until, "at", account, line'
        f" FROM {lake.scan('lease_events')} WHERE log = '{log.name}' ORDER BY evidence_line, status"
    )
    for row in rows:
        assert isinstance(row[4], datetime)
        assert abs(now - row[4]) < timedelta(minutes=1)
    return list(rows)


def _lasts(row: tuple[object, ...]) -> float | None:
    until, at = row[3], row[4]
    return (until - at).total_seconds() if isinstance(until, datetime) and isinstance(at, datetime) else None


def _three_clients(wire: Link) -> None:
    """Anna keeps her lease, Bela gives his back, Cora finds that somebody else has her address."""
    wire.client_v4(ANNA, "dslam-7 eth 1/0/11", "lease")
    wire.client_v4(BELA, "dslam-7 eth 1/0/12", "lease", "release")
    wire.client_v4(CORA, "dslam-7 eth 1/0/13", "lease", "decline")
    time.sleep(0.3)


def _check_three_clients(rows: list[tuple[object, ...]]) -> None:
    """Three leases of their full length to three accounts on three lines, and the two that are over are over."""
    full = [row for row in rows if row[0] == "lease" and _lasts(row) == LEASE_S]
    assert len({row[1] for row in full}) == len({row[5] for row in full}) == len({row[6] for row in full}) == 3
    ends = [(row[1], row[5]) for row in rows if row[0] == "release"]
    assert ends == [(row[1], row[5]) for row in full[1:]]


@pytest.mark.parametrize("account_from", ["", "circuit-id"])
def test_what_isc_dhcpd_wrote_is_read_without_loss(wire: Link, lake: Lake, tmp_path: Path, account_from: str) -> None:
    (tmp_path / "conf").write_text(
        f"default-lease-time {LEASE_S}; max-lease-time {LEASE_S}; authoritative; stash-agent-options true;"
        " ping-check false; subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.50 192.0.2.60; }\n"
    )
    leases = tmp_path / "dhcpd.leases"
    leases.touch()
    command = ("dhcpd", "-4", "-f", "-d", "-cf", str(tmp_path / "conf"), "-lf", str(leases),
               "-pf", str(tmp_path / "pid"), WIRE)  # fmt: skip
    with serving(wire, command, tmp_path / "log"):
        _three_clients(wire)
    rows = _read(lake, leases, LogConfig(name="dhcp", reader="dhcpd", account_from=account_from))
    if account_from:
        assert len({row[5] for row in rows}) == 3
    else:
        _check_three_clients(rows)


def test_what_isc_dhcpd_wrote_of_ipv6_is_read_without_loss(wire: Link, lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "conf").write_text(
        f"default-lease-time {LEASE_S}; server-duid LL ethernet 02:00:00:00:00:fe; subnet6 2001:db8:1::/64 {{"
        " range6 2001:db8:1::100 2001:db8:1::200; prefix6 2001:db8:100:: 2001:db8:1ff:: /56; }\n"
    )
    leases = tmp_path / "dhcpd6.leases"
    leases.touch()
    command = ("dhcpd", "-6", "-f", "-d", "-cf", str(tmp_path / "conf"), "-lf", str(leases),
               "-pf", str(tmp_path / "pid"), WIRE)  # fmt: skip
    with serving(wire, command, tmp_path / "log"):
        time.sleep(0.5)
        wire.client_v6(tmp_path, "-P")
    rows = _read(lake, leases, LogConfig(name="dhcp", reader="dhcpd"))
    _check_given_back(rows)


def _check_given_back(rows: list[tuple[object, ...]]) -> None:
    """An address and a prefix, of one account, given for the full length and given back."""
    full = {(row[1], row[2], row[5]) for row in rows if row[0] == "lease" and _lasts(row) == LEASE_S}
    assert sorted(str(bits) for _, bits, _ in full) == ["128", "56"]
    assert full == {(row[1], row[2], row[5]) for row in rows if row[0] == "release"}
    assert len({row[5] for row in rows}) == 1


def _kea(tmp_path: Path, family: int, **more: object) -> tuple[str, ...]:
    leases = {"type": "memfile", "persist": True, "name": str(tmp_path / "leases.csv"), "lfc-interval": 0}
    settings = {"lease-database": leases, "valid-lifetime": LEASE_S, **more}
    (tmp_path / "conf").write_text(json.dumps({f"Dhcp{family}": settings}))
    return (f"kea-dhcp{family}", "-c", str(tmp_path / "conf"))


def test_what_kea_wrote_is_read_without_loss(wire: Link, lake: Lake, tmp_path: Path) -> None:
    command = _kea(
        tmp_path,
        4,
        **{
            "interfaces-config": {"interfaces": [WIRE], "dhcp-socket-type": "udp"},
            "store-extended-info": True,
            "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.50-192.0.2.60"}]}],
        },
    )
    folder = str(tmp_path)
    with serving(wire, command, tmp_path / "log", KEA_PIDFILE_DIR=folder, KEA_LOCKFILE_DIR=folder):
        _three_clients(wire)
    _check_three_clients(_read(lake, tmp_path / "leases.csv", LogConfig(name="dhcp", reader="kea")))


def test_what_kea_wrote_of_ipv6_is_read_without_loss(wire: Link, lake: Lake, tmp_path: Path) -> None:
    subnet = {
        "id": 1,
        "subnet": "2001:db8:1::/64",
        "interface": WIRE,
        "pools": [{"pool": "2001:db8:1::100-2001:db8:1::200"}],
        "pd-pools": [{"prefix": "2001:db8:100::", "prefix-len": 40, "delegated-len": 56}],
    }
    identity = {"type": "EN", "enterprise-id": 64496, "identifier": "0102", "persist": False}
    command = _kea(
        tmp_path,
        6,
        **{
            "interfaces-config": {"interfaces": [WIRE]},
            "server-id": identity,
            "preferred-lifetime": LEASE_S,  # RFC 8415 §21.6: no longer than the lease
            "subnet6": [subnet],
        },
    )
    folder = str(tmp_path)
    with serving(wire, command, tmp_path / "log", KEA_PIDFILE_DIR=folder, KEA_LOCKFILE_DIR=folder):
        time.sleep(1)
        wire.client_v6(tmp_path, "-P")
    _check_given_back(_read(lake, tmp_path / "leases.csv", LogConfig(name="dhcp", reader="kea")))


def test_what_dnsmasq_wrote_is_read_without_loss(wire: Link, lake: Lake, tmp_path: Path) -> None:
    command = ("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", f"--interface={WIRE}", "--log-dhcp",
               f"--dhcp-range=192.0.2.50,192.0.2.60,{LEASE_S}",
               f"--dhcp-range=2001:db8:1::100,2001:db8:1::200,64,{LEASE_S}",
               "--bind-interfaces", "--no-ping", "--user=root", f"--pid-file={tmp_path / 'pid'}",
               f"--dhcp-leasefile={tmp_path / 'leases'}", f"--log-facility={tmp_path / 'dnsmasq.log'}")  # fmt: skip
    with serving(wire, command, tmp_path / "log"):
        wire.client_v4(ANNA, "dslam-7 eth 1/0/11", "lease")
        wire.client_v4(BELA, "dslam-7 eth 1/0/12", "lease", "release")
        wire.client_v6(tmp_path)
    zone = _zone()
    told = _read(lake, tmp_path / "dnsmasq.log", LogConfig(name="told", reader="dnsmasq-log", zone=zone))
    assert [(row[0], _lasts(row)) for row in told] == [
        *[("lease", LEASE_S), ("lease", LEASE_S), ("release", None), ("lease", LEASE_S)],
    ]
    held = _read(lake, tmp_path / "leases", LogConfig(name="held", reader="dnsmasq", lease_s=LEASE_S))
    assert [(row[0], row[1], _lasts(row), row[5]) for row in held] == [("lease", told[0][1], LEASE_S, told[0][5])]


def _zone() -> str:
    """The zone of this machine's clock, by which dnsmasq writes its log."""
    link = Path("/etc/localtime")
    name = str(link.resolve()).partition("zoneinfo/")[2] if link.exists() else ""
    return name or "UTC"
