"""FreeRADIUS linelog: the recommended line, and the accounting lines of FreeRADIUS's own example."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from tests.attribution.bindings.log_text import NOON_EPOCH, read_text
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.readers.detail import COLUMN_BY_ATTRIBUTE
from tocsin.engine import Engine

LOG = LogConfig(name="radius", reader="linelog", zone="Asia/Tokyo")
USUAL = {
    "Timestamp": str(NOON_EPOCH),
    "Acct-Status-Type": "Start",
    "Acct-Delay-Time": "",
    "NAS-Identifier": "bng-1",
    "Acct-Session-Id": "A1",
    "User-Name": "anna@dsl.example",
    "Framed-IP-Address": "192.0.2.7",
}


def line(**changes: str) -> str:
    """As FreeRADIUS writes it; `changes` name attributes with `_` for `-`."""
    told = USUAL | {name.replace("_", "-"): value for name, value in changes.items()}
    return "tocsin " + " ".join(f"{name}={quote(value, safe='')}" for name, value in told.items()) + "\n"


def test_the_recommended_line_says_what_a_detail_file_says(engine: Engine) -> None:
    text = line() + line(
        Acct_Status_Type="Stop",
        Acct_Session_Time="600",
        Acct_Delay_Time="7",
        Framed_IPv6_Prefix="2001:db8:1::/64,2001:db8:2::/64",
    )
    found = read_text(engine, text, LOG)
    assert [(told.line, told.status, told.at, told.session_s, told.network) for told in found.events] == [
        (1, "start", 0, None, "192.0.2.7"),
        *((2, "stop", -7, 600, network) for network in ("192.0.2.7", "2001:db8:1::/64", "2001:db8:2::/64")),
    ]
    assert {(told.nas, told.session, told.account) for told in found.events} == {("bng-1", "A1", "anna@dsl.example")}


def test_the_recommended_line_has_every_attribute_that_is_read_and_quotes_what_a_client_may_choose() -> None:
    text = (Path(__file__).parents[3] / "docs" / "bindings.md").read_text("utf-8")
    [format_] = re.findall(r'format = "(tocsin .*)"', text)
    named = dict(field.split("=", 1) for field in format_.removeprefix("tocsin ").split(" "))
    not_there = {"Agent-Circuit-Id", "Acct-Interim-Interval", "Event-Timestamp"}
    assert set(named) == set(COLUMN_BY_ATTRIBUTE) - not_there
    plain = {name for name, value in named.items() if "urlquote" not in value}
    assert plain == {
        *("Timestamp", "Acct-Status-Type", "Acct-Delay-Time", "Acct-Session-Time", "Session-Timeout"),
        *("NAS-IP-Address", "NAS-IPv6-Address", "Framed-IP-Address"),
    }


def test_syslog_may_stand_before_it(engine: Engine) -> None:
    found = read_text(engine, "<30>Nov 24 09:00:00 aaa radiusd[7]: " + line(), LOG)
    assert [told.at for told in found.events] == [0]


def test_a_name_is_what_the_client_sent(engine: Engine) -> None:
    names = ["anna tv", "a=b c", "müller", "50%25", "DOMAIN\\anna"]
    found = read_text(engine, "".join(line(User_Name=name) for name in names), LOG)
    assert [told.account for told in found.events] == names


def test_the_lines_of_freeradius_own_example_are_read_from_syslog(engine: Engine) -> None:
    at = "Nov 24 21:00:00 aaa radiusd[7]: "
    said = "(did 12 cli 02-00-00-00-00-07 port 7 ip 192.0.2.7)"
    text = (
        f"{at}Connect: [anna] {said}\n2026-11-24T21:10:00+09:00 aaa radiusd[7]: Disconnect: [anna] {said} 600 seconds\n"
        f"{at}Connect: [eve] (did 1 cli 2 port 3 ip 192.0.2.9)] {said}\n"
    )
    found = read_text(engine, text, LOG)
    assert [(told.status, told.at, told.account, told.network, told.session_s) for told in found.events] == [
        ("start", 0, "anna", "192.0.2.7", None),
        ("stop", 600, "anna", "192.0.2.7", 600),
        ("start", 0, "eve] (did 1 cli 2 port 3 ip 192.0.2.9)", "192.0.2.7", None),
    ]
    assert len({(told.nas, told.session) for told in found.events}) == 1


def test_a_bad_line_is_a_reject(engine: Engine) -> None:
    reason_by_line = {
        "Connect: [anna] (did 1 cli 2 port 3 ip 192.0.2.9)\n": "the line says neither when nor on which server:",
        "rubbish\n": "not a line of this log",
        line(User_Name="eve\ntocsin"): "a control character in a name",
        line().rstrip() + " User-Name=eve\n": "User-Name stands twice with different values",
        line().rstrip() + " torn\n": "a field without its attribute's name: 'torn'",
        line(Framed_IP_Address="192.0.2.777"): "an address or prefix that is none, or shorter than /32",
        line(Timestamp="0"): "the moment lies too far in the past",
    }
    found = read_text(engine, "".join((*reason_by_line, line())), LOG)
    assert [told.line for told in found.events] == [len(reason_by_line) + 1]
    for (number, reason), expected in zip(found.rejects, reason_by_line.values(), strict=True):
        assert reason.startswith(expected), number
