"""Lines as each service's own source and documentation form them: what is an attack is found, what is none is not.

In forms.txt `!` stands before a line that accuses nobody. Attackers are at 192.0.2.0/24 and 2001:db8::/32, servers at
198.51.100.0/24 and 2001:db8:ffff::/48.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.witness.world import addresses, watched
from tocsin.engine import Engine

RFC3164, RFC5424 = "Nov 24 03:16:{:02} mx1 ", "<38>1 2026-11-24T03:16:{:02}.004512+00:00 mx1 "


def _forms() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("forms.txt").read_text().splitlines():
        if named := re.fullmatch(r"\[([a-z0-9]+)\]", line):
            lines = found.setdefault(named[1], [])
        elif line:
            lines.append(line)
    return found


FORMS = _forms()
_HOST = re.compile(r"192\.0\.2\.\d+|2001:0?db8:[0-9a-f:]+")
WHOLE = {"web", "nginx", "apache"}  # their lines have their own moments
NOBODY = {"192.0.2.215"}  # a statistic


def asked(line: str) -> set[str]:
    """Whom the line accuses: the first address that is no server's."""
    if line.startswith("!"):
        return set()
    found = [host for host in _HOST.findall(line) if not host.startswith("2001:db8:ffff")]
    return {found[0].replace("2001:0db8:0000:0000:0000:0000:0000:000", "2001:db8::")} - NOBODY if found else set()


@pytest.mark.parametrize("head", [RFC3164, RFC5424], ids=["rfc3164", "rfc5424"])
@pytest.mark.parametrize("service", FORMS)
def test_each_form_is_found_and_nobody_else(engine: Engine, service: str, head: str) -> None:
    text, wanted = "", set()
    for number, line in enumerate(FORMS[service]):
        wanted |= asked(line)
        if service in WHOLE:
            text += line.removeprefix("!") + "\n"
            continue
        if service == "exim":  # it writes its own log: a local moment, with its zone where log_timezone is on
            text += f"2026-11-24 03:16:{number:02} +0000 {line.removeprefix('!')}\n"
            continue
        begin = head.format(number)
        if head is RFC5424:
            found = re.match(r"!?([^\[: ]+)(?:\[(\d+)\])?: (.*)", line)
            assert found, line
            text += f"{begin}{found[1]} {found[2] or '-'} - - {found[3]}\n"
        else:
            text += begin + line.removeprefix("!") + "\n"
    found_lines = watched(engine, text, zone="UTC")
    assert [each for each in found_lines if "reject" in each] == []
    assert addresses(found_lines) == wanted
