"""Names that look like others. The domains of frauds end in .example; those of brands are data."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.mailcheck import hosts
from tocsin.mailcheck.directory import shipped
from tocsin.mailcheck.lookalike import is_mixed, skeleton
from tocsin.mailcheck.randomness import is_random, is_random_host

LOOKALIKES = shipped().lookalikes


def alike(host: str) -> tuple[str, str] | None:
    normal = hosts.normal(host)
    found = LOOKALIKES.of(normal, hosts.main_label(normal))
    return (found.label, found.way) if found else None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("mtn1", "mtnl"),
        ("rntnl", "mtnl"),
        ("\u0440\u0430\u0443\u0440\u0430l", "paypal"),
        ("\uff50\uff41\uff59\uff50\uff41\uff4c", "paypal"),
        ("vvalmart", "walmart"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(left: str, right: str) -> None:
    assert skeleton(left) == skeleton(right)


@pytest.mark.parametrize(
    ("host", "label", "way"),
    [
        ("mtn1.in", "mtnl", "letters"),
        ("rntnl.in", "mtnl", "letters"),
        ("xn--pypal-4ve.com", "paypal", "letters"),
        ("mcrosoft.com", "microsoft", "typo"),
        ("mircosoft.com", "microsoft", "typo"),
        ("cyberswachhtakndr.in", "cyberswachhtakendra", "typo"),
        ("paypal-secure-login.com", "paypal", "joined"),
        ("trustwalletsecure.com", "trustwallet", "joined"),
        ("support-exodus.com", "exodus", "joined"),
        ("paypal.com.evil-shop.com", "paypal", "inside"),
        ("netflix.tk", "netflix", "ending"),
    ],
)
def test_a_host_looks_like_a_brands(host: str, label: str, way: str) -> None:
    assert alike(host) == (label, way)


@pytest.mark.parametrize(
    "host",
    [
        "amazonas.com.br",
        "orange-juice.com",
        "free-shop.com",
        "sparkasse-musterstadt.de",
        "net.example",
        "csirt.example",
    ],
)
def test_names_of_their_own_look_like_nobodys(host: str) -> None:
    assert alike(host) is None


def test_scripts_that_nobody_writes_together_are_mixed() -> None:
    assert is_mixed("p\u0430ypal")
    assert not any(map(is_mixed, ("paypal", "яндекс", "東京カードjp", "müller", "ελλάδα")))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("XN--MLLER-KVA.Example.", "müller.example"),
        ("EVIL\u3002example", "evil.example"),
        ("pay\u200bpal.example", "paypal.example"),
        ("xn--99999999.example", "xn--99999999.example"),
        ("xn--.example", "xn--.example"),
    ],
)
def test_a_host_is_compared_in_its_letters(host: str, name: str) -> None:
    assert hosts.normal(host) == name


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("0xcb007105", "203.0.113.5"),
        ("3405803781", "203.0.113.5"),
        ("0313.0.0161.5", "203.0.113.5"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("1and1.com", None),
        ("999.1.1.1", None),
        ("", None),
    ],
)
def test_a_host_of_numbers_is_an_address(host: str, address: str | None) -> None:
    assert hosts.address_of(host) == address


def test_labels_of_machines_are_told_from_names() -> None:
    assert all(map(is_random, ("nkn5zun99r", "6d67dd855q", "a1b2c3d4e5f6")))
    assert not any(
        map(is_random, ("access-accsecurity", "freshrpms", "shadowserver", "t-online", "1and1", "mtnlmumbai"))
    )
    assert is_random_host("a.d.b.u.binps.example")


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_host_breaks_it(host: str) -> None:
    normal = hosts.normal(host)
    hosts.coded(normal), hosts.registrable(normal), hosts.is_name(normal), hosts.address_of(normal)
    LOOKALIKES.of(normal, hosts.main_label(normal))
    assert len(normal) <= hosts.HOST_CHARACTERS_MAX


@pytest.mark.parametrize("host", ["a" * 250, "a-" * 125, "xn--" + "9" * 59, ".".join("a" * 126), "paypal" * 42])
def test_long_hosts_take_no_time(host: str) -> None:
    started = time.process_time()
    for end in range(50):
        LOOKALIKES.of(f"{host}{end}", f"{host}{end}"[:63])
    assert time.process_time() - started < 1
