"""What is printed for other programs is taken by them: dnsmasq, Kea and dhcpd check their own configuration."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tocsin.garden import allowed, signals
from tocsin.garden.config import GardenSection
from tocsin.terms.errors import BadConfig, BadRequest

GARDEN = GardenSection(
    url="https://garden.isp.example",
    open_prefixes=("192.0.2.0/28", "2001:db8:1::/64"),
    resolvers=("192.0.2.53", "2001:db8::53"),
    help_urls=("https://help.isp.example/clean",),
)
URI = signals.api_uri(GARDEN)


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def taken(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs("dnsmasq")
def test_dnsmasq_takes_the_open_names_and_the_signal(tmp_path: Path) -> None:
    path = tmp_path / "dnsmasq.conf"
    path.write_text(allowed.as_dnsmasq(GARDEN) + signals.FORMS["dnsmasq"](URI))
    taken("dnsmasq", "--test", f"--conf-file={path}")


@needs("kea-dhcp4")
def test_kea_takes_the_signal(tmp_path: Path) -> None:
    v4, v6 = (json.loads(line) for line in signals.FORMS["kea"](URI).splitlines())
    for family, option in ((4, v4), (6, v6)):
        if shutil.which(f"kea-dhcp{family}") is None:
            continue
        subnet = {"id": 1, "subnet": "192.0.2.0/24" if family == 4 else "2001:db8::/64", "option-data": [option]}
        store = {"type": "memfile", "persist": False}
        config = {f"Dhcp{family}": {"lease-database": store, f"subnet{family}": [subnet]}}
        path = tmp_path / f"kea{family}.conf"
        path.write_text(json.dumps(config))
        taken(f"kea-dhcp{family}", "-t", str(path))


@needs("dhcpd")
def test_dhcpd_takes_the_signal(tmp_path: Path) -> None:
    path = tmp_path / "dhcpd.conf"
    path.write_text(signals.FORMS["dhcpd"](URI) + "subnet 192.0.2.0 netmask 255.255.255.0 { }\n")
    taken("dhcpd", "-t", "-cf", str(path))


def test_the_bare_options_have_the_form_of_rfc_8910() -> None:
    """Code and length, then the URI with no zero at its end; an advertisement's counts eights and is filled up."""
    v4, v6, ra = (bytes.fromhex(line.split()[1]) for line in signals.FORMS["octets"](URI).splitlines())
    assert (v4[0], v4[1], v4[2:]) == (114, len(URI), URI.encode())
    assert (v6[:2], v6[2:4], v6[4:]) == (b"\0\x67", len(URI).to_bytes(2, "big"), URI.encode())
    assert (ra[0], ra[1] * 8, len(ra) % 8) == (37, len(ra), 0)
    assert ra[2:].rstrip(b"\0") == URI.encode()


def test_without_https_there_is_no_signal() -> None:
    with pytest.raises(BadRequest, match="https"):
        signals.api_uri(GardenSection(url="http://garden.isp.example"))


def test_the_longest_uri_is_the_options() -> None:
    longest = "https://" + "a" * (255 - len("https:///captive"))
    assert len(signals.api_uri(GardenSection(url=longest))) == 255
    with pytest.raises(BadRequest, match="255"):
        signals.api_uri(GardenSection(url=longest + "a"))


def test_every_group_that_the_law_and_the_rfc_name_is_open() -> None:
    """RFC 6561 §5.4: updates, help, the provider's own; and emergency alerts and payment."""
    assert {group.name for group in allowed.groups()} >= {"emergency", "updates", "security", "help", "payment"}
    hosts = allowed.open_hosts(GARDEN)
    assert hosts[:2] == ("garden.isp.example", "help.isp.example")
    assert len(hosts) == len(set(hosts))
    assert all("/" not in host and host == host.lower() for host in hosts)


def test_a_firewall_opens_what_is_open_before_it_closes() -> None:
    text = allowed.as_nftables(GARDEN)
    assert "elements = { 192.0.2.0/28, 192.0.2.53 }" in text
    assert "elements = { 2001:db8:1::/64, 2001:db8::53 }" in text
    assert text.index("@open4 accept") < text.index("reject")


def test_a_radius_filter_permits_first_and_denies_last() -> None:
    lines = allowed.as_radius(GARDEN).splitlines()
    assert lines[0] == 'NAS-Filter-Rule += "permit in ip from assigned to 192.0.2.0/28"'
    assert lines[-1] == 'NAS-Filter-Rule += "deny in ip from assigned to any"'
    assert len(lines) == 5


def test_a_prefix_that_is_none_is_told_where_it_stands() -> None:
    with pytest.raises(BadConfig, match=r"garden\.open_prefixes"):
        GardenSection(open_prefixes=("192.0.2.1/24",))
