"""Lines that other people's tests call attacks or not: every attacker is found, and nobody else is named."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path

import pytest

from tests.witness.world import addresses, watched
from tocsin.engine import Engine

pytestmark = pytest.mark.shared

SERVICES = (
    *(
        "apache-auth",
        "apache-badbots",
        "apache-botsearch",
        "apache-noscript",
        "apache-overflows",
        "asterisk",
        "dovecot",
    ),
    *("named-refused", "nginx-bad-request", "nginx-botsearch", "nginx-http-auth", "php-url-fopen", "phpmyadmin-syslog"),
    *("postfix", "roundcube-auth", "sshd", "sshd-journal", "vsftpd"),
)
_SAID = re.compile(r"# ?failJSON: (?P<said>\{.*\})\s*")


def annotated(log: Path) -> list[tuple[int, bool, str, str]]:
    """(line, whether it is an attack, the host, the line's text) of each annotated line."""
    found, said = [], None
    for number, line in enumerate(log.read_text(errors="surrogateescape").split("\n"), 1):
        if match := _SAID.fullmatch(line):
            said = json.loads(match["said"])
        elif line and not line.startswith("#"):
            if said is not None:
                found.append((number, bool(said["match"]), str(said.get("host") or ""), line))
            said = None
    return found


def canonical(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host  # a name, or an address that inet_pton refuses


def named_in(lines: list[dict[str, object]]) -> set[str]:
    """Whom the witness names, in sightings and in the lines that it cannot date."""
    return {
        canonical(str(line.get("address") or line.get("host"))) for line in lines if "address" in line or "host" in line
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_attacker_is_found(engine: Engine, shared: Path, name: str) -> None:
    log = shared / "server_logs/fail2ban" / name
    lines = watched(engine, log.read_bytes(), zone="Europe/Berlin")
    wanted = {canonical(host) for _, is_attack, host, _ in annotated(log) if is_attack and host}
    assert wanted
    assert wanted <= named_in(lines)
    if name != "sshd-journal":  # whose lines have no moment at all, so that none of them can be a sighting
        assert {host for host in wanted if _is_address(host)} <= addresses(lines)


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_else_is_named(engine: Engine, shared: Path, name: str) -> None:
    log = shared / "server_logs/fail2ban" / name
    rows = annotated(log)
    attackers = {canonical(host) for _, is_attack, host, _ in rows if is_attack and host}
    unnamed = {canonical(each) for _, is_attack, host, text in rows if is_attack and not host for each in text.split()}
    assert named_in(watched(engine, log.read_bytes(), zone="Europe/Berlin")) <= attackers | unnamed


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def test_all_services_are_looked_at(shared: Path) -> None:
    assert {path.name for path in (shared / "server_logs/fail2ban").iterdir()} - {"COPYING"} == set(SERVICES)
