from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.mailcheck.limits import ZONE_BYTES_MAX
from tocsin.mailcheck.resolver import NotLookedUp, map_resolver, offline, zone_resolver
from tocsin.terms.errors import BadRequest

ZONE = """\
$ORIGIN net.example.
$TTL 3600
@ IN TXT "v=spf1 -all"
s1._domainkey IN TXT "v=DKIM1; " "p=abc"
two IN TXT "one"
two IN TXT "two"
host IN A 192.0.2.1
"""


def zone_file(folder: Path, text: str) -> Path:
    path = folder / "a.zone"
    path.write_text(text, encoding="latin-1")
    return path


def test_a_zone_file_answers_for_its_names(tmp_path: Path) -> None:
    resolve = zone_resolver(zone_file(tmp_path, ZONE))
    assert resolve("s1._domainkey.net.example") == ("v=DKIM1; p=abc",)
    assert resolve("S1._DomainKey.NET.example.") == ("v=DKIM1; p=abc",)
    assert sorted(resolve("two.net.example")) == ["one", "two"]
    assert resolve("host.net.example") == ()


def test_a_name_that_is_absent_from_a_domain_it_speaks_for_does_not_exist(tmp_path: Path) -> None:
    resolve = zone_resolver(zone_file(tmp_path, ZONE))
    assert resolve("s2._domainkey.net.example") == ()


def test_a_domain_of_which_it_says_nothing_is_not_looked_up(tmp_path: Path) -> None:
    resolve = zone_resolver(zone_file(tmp_path, ZONE))
    for name in ("s1._domainkey.other.example", "other.example", "_domainkey.example"):
        with pytest.raises(NotLookedUp, match="says nothing"):
            resolve(name)


def test_a_zone_file_may_hold_several_domains(tmp_path: Path) -> None:
    text = ZONE + '$ORIGIN other.example.\nx._domainkey 60 IN TXT "p=1"\ny._domainkey.third.example. 60 IN TXT "p=2"\n'
    resolve = zone_resolver(zone_file(tmp_path, text))
    assert resolve("x._domainkey.other.example") == ("p=1",)
    assert resolve("y._domainkey.third.example") == ("p=2",)
    assert resolve("y._domainkey.other.example") == ()


@pytest.mark.parametrize(
    "text",
    [
        "what is this",
        "$INCLUDE /etc/passwd\n",
        "$GENERATE 1-4000000000 a$ A 192.0.2.1\n",
        "a IN TXT",
        '\xff\xfe IN TXT "\n',
        ";" * (ZONE_BYTES_MAX + 1),
    ],
)
def test_a_file_that_is_no_zone_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadRequest, match=r"a\.zone"):
        zone_resolver(zone_file(tmp_path, text))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"absent\.zone"):
        zone_resolver(tmp_path / "absent.zone")


def test_without_dns_nothing_is_looked_up() -> None:
    with pytest.raises(NotLookedUp):
        offline("net.example")
    with pytest.raises(NotLookedUp):
        map_resolver({})("net.example")
