"""Who touches a sinkhole, and who speaks a bot's protocol: only the second is infected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tocsin.engine import Engine
from tocsin.evidence.formats import recognise
from tocsin.evidence.read import stage
from tocsin.evidence.sinkhole_map import RULES_MAX, Rule, SinkholeMap
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Head, Settings
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.pipeline.config import told_of
from tocsin.terms.errors import BadConfig, BadRequest

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
GATE = Rule(malware="Gatebot", host=r"sinkhole\.example$", method="^POST$", path=r"^/gate\.php$")
TALK = Rule(malware="Talkbot", path="^/$", payload="^HELO [0-9a-f]+$")

Touch = Callable[..., dict[str, object]]


@pytest.fixture
def touch(engine: Engine, tmp_path: Path) -> Touch:
    """One touch, as the map has it: the sighting or reject that it makes."""

    def one(*rules: Rule, **fields: object) -> dict[str, object]:
        told: dict[str, object] = {"time": "2026-11-23T10:00:00Z", "client": "192.0.2.10", "client_port": 40000}
        path = tmp_path / "sinkhole.json"
        path.write_bytes(msgspec.json.encode({name: value for name, value in (told | fields).items() if value != ""}))
        settings = Settings(sinkhole_map=rules)
        staged = stage(engine, measure(path), name="sinkhole.json", source="example", settings=settings)
        [line] = jsonl_lines(engine, staged)
        staged.discard()
        found: dict[str, object] = msgspec.json.decode(line)
        return found

    return one


def call(**fields: object) -> dict[str, object]:
    """The gate bot's own call, with what is different."""
    own = {"host": "c2.sinkhole.example", "method": "POST", "path": "/gate.php", "user_agent": "gate/1.0"}
    return own | fields


def test_a_call_in_the_bots_protocol_is_an_infection(touch: Touch) -> None:
    found = touch(GATE, **call())
    assert (found["role"], found["kind"], found["malware"]) == ("infected", "infected-system", "gatebot")
    assert (found["address"], found["port"], found["protocol"]) == ("192.0.2.10", 40000, "tcp")
    assert "why_lead" not in str(found["extra"])


def test_without_a_map_every_touch_is_a_lead(touch: Touch) -> None:
    found = touch(**call(malware="Gatebot"))
    assert (found["role"], found["malware"]) == ("lead", "gatebot")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"method": "GET"}, "no rule of the map holds"),
        ({"path": "/gate.php/../x"}, "no rule of the map holds"),
        ({"host": "sinkhole.example.evil.example"}, "no rule of the map holds"),
        ({"host": ""}, "no rule of the map holds"),
        ({"user_agent": BROWSER}, "anybody's program"),
        ({"user_agent": "curl/8.1"}, "anybody's program"),
        ({"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "a scanner, by its own word"),
        ({"user_agent": "VirusTotal"}, "a scanner, by its own word"),
        ({"referer": "http://forum.example/thread"}, "a page led there"),
        ({"x_forwarded_for": "203.0.113.9"}, "a proxy called for somebody else"),
        ({"Via": "1.1 cache.example"}, "a proxy called for somebody else"),
        ({"Sec-Purpose": "prefetch"}, "fetched in advance"),
        ({"protocol": "udp"}, "not over TCP"),
        ({"protocol": "quic"}, None),
        ({"method": "", "path": "", "request": "POST /gate.php HTTP/3"}, "not over TCP"),
        ({"service": "dns", "protocol": "tcp", "qtype": "A"}, "a resolver asks for its clients"),
    ],
)
def test_whatever_speaks_against_it_makes_a_lead(touch: Touch, changed: dict[str, object], why: str | None) -> None:
    found = touch(GATE, **call(**changed))
    if why is None:
        assert found["reject"] == "not a transport protocol: quic"
    else:
        assert found["role"] == "lead"
        assert isinstance(found["extra"], dict)
        assert found["extra"]["why_lead"] == why


def test_the_forwarded_address_is_never_the_client(touch: Touch) -> None:
    found = touch(GATE, **call(x_forwarded_for="203.0.113.9", forwarded="for=203.0.113.9"))
    assert found["address"] == "192.0.2.10"


def test_what_everybody_asks_for_needs_more_than_a_path(touch: Touch) -> None:
    root = Rule(malware="rootbot", path="^/$")
    assert touch(root, method="GET", path="/", user_agent="rootbot")["role"] == "lead"
    named = Rule(malware="rootbot", path="^/$", user_agent="^rootbot$")
    assert touch(named, method="GET", path="/", user_agent="rootbot")["role"] == "infected"
    disguised = Rule(malware="rootbot", path="^/$", user_agent="Chrome/130")
    assert touch(disguised, method="GET", path="/", user_agent=BROWSER)["role"] == "lead"
    assert touch(TALK, method="GET", path="/", user_agent=BROWSER, payload="HELO 1f")["role"] == "infected"


def test_a_scanner_that_speaks_the_protocol_stays_a_lead(touch: Touch) -> None:
    asked = Rule(malware="zbot", path="^/z$", user_agent="zgrab")
    assert touch(asked, method="GET", path="/z", user_agent="zgrab/0.x")["role"] == "lead"


def test_the_first_rule_that_holds_names_the_malware(touch: Touch) -> None:
    second = Rule(malware="second", path=r"^/gate\.php$", user_agent="gate")
    assert touch(GATE, second, **call())["malware"] == "gatebot"
    assert touch(second, GATE, **call())["malware"] == "second"


def test_a_payload_is_compared_in_bytes_however_it_is_written(touch: Touch) -> None:
    knock = Rule(malware="knock", payload_hex="4b4e00", port=4444)
    own = {"service": "tcp", "protocol": "tcp", "server_port": 4444}
    for written in ({"payload_hex": "4B4E00ff"}, {"payload_base64": "S04A/w=="}, {"payload": "KN\0"}):
        assert touch(knock, **own, **written)["role"] == "infected", written
    for written in ({"payload_hex": "4B4E"}, {"payload_base64": "!!"}, {"payload": "kn"}, {}):
        assert touch(knock, **own, **written)["role"] == "lead", written
    assert touch(knock, **(own | {"server_port": 4445}), payload_hex="4b4e00")["role"] == "lead"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"time": 1795428000}, "2026-11-23T10:00:00Z"),
        ({"time": 1795428000.25}, "2026-11-23T10:00:00.25Z"),
        ({"time": "1795428000123"}, "2026-11-23T10:00:00.123Z"),
        ({"time": "", "@timestamp": "2026-11-23T15:30:00+05:30"}, "2026-11-23T10:00:00Z"),
    ],
)
def test_moments_come_in_several_forms(touch: Touch, fields: dict[str, object], expected: str) -> None:
    assert touch(**fields)["seen_at"] == expected


def test_a_client_with_its_port_in_one_is_parted(touch: Touch) -> None:
    assert touch(client="192.0.2.7:1234", client_port="")["port"] == 1234
    six = touch(client="[2001:db8::7]:1234", client_port="")
    assert (six["address"], six["port"]) == ("2001:db8::7", 1234)
    assert "reject" in touch(client="192.0.2.7:99999", client_port="")


def test_text_in_a_rule_stays_text(touch: Touch) -> None:
    quote = Rule(malware="o'malley'); DROP TABLE x; --", path="^/o'clock$")
    assert touch(quote, method="GET", path="/o'clock", user_agent="x")["malware"] == quote.malware.lower()


def test_a_pattern_that_re2_does_not_take_is_named(touch: Touch) -> None:
    with pytest.raises(BadRequest, match=r"sinkhole_map, backbot, path: not a pattern that RE2 takes"):
        touch(Rule(malware="backbot", path=r"(a)\1"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"malware": "x", "host": "a"}, "a rule needs the bot's speech"),
        ({"malware": " ", "path": "a"}, "without a malware's name"),
        ({"malware": "x", "path": "a" * 501}, "longer than 500"),
        ({"malware": "x", "payload_hex": "abc"}, "not bytes in hexadecimal"),
        ({"malware": "x", "path": "a", "port": 70000}, "not a port"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        Rule(**wrong)  # type: ignore[arg-type]


def test_a_map_is_bounded() -> None:
    with pytest.raises(BadConfig, match="at most 500 are read"):
        SinkholeMap(rules=(GATE,) * (RULES_MAX + 1))


def test_a_map_is_told_in_a_file_or_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text("[[rules]]\nmalware = 'gatebot'\npath = '^/gate'\n")
    config = tmp_path / "tocsin.toml"
    head = (
        "[issuer]\nname = 'Example'\ndomain = 'isp.example'\nmail_from = 'abuse@isp.example'\n"
        "[provider]\nprefixes = ['192.0.2.0/24']\n[[sources]]\nname = 'hole'\n"
    )
    rule = Rule(malware="gatebot", path="^/gate")
    for told in (
        "sinkhole_map = 'map.toml'\n",
        "[[sources.sinkhole_map]]\nmalware = 'gatebot'\npath = '^/gate'\n",
    ):
        config.write_text(head + told)
        assert told_of(config, "hole")[1].sinkhole_map == (rule,)
    assert told_of(config, "another") == (None, Settings())
    config.write_text(head + "sinkhole_map = 'none.toml'\n")
    with pytest.raises(BadConfig, match=r"none\.toml"):
        told_of(config, "hole")


def test_only_a_file_that_says_sinkhole_is_taken_for_one() -> None:
    line = b'{"time":"2026-11-23T10:00:00Z","client":"192.0.2.10","path":"/"}\n'
    choice = recognise(Head("http-sinkhole-2026.log", line))
    assert choice is not None
    assert choice.full_name() == "sinkhole"
    assert recognise(Head("access.log", line)) is None
    assert recognise(Head("sinkhole.log", b'{"a":1}\n')) is None
