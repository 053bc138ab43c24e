"""Only an infected, attacking or exposed address is written about, each in its own words."""

from __future__ import annotations

import pytest

from tests.scenes import feeds
from tests.scenes.feeds import Row
from tests.scenes.moments import moment
from tests.scenes.scene import Scene

ADDRESS = "198.51.100.7"
AT = moment("03:16:38")
HARMLESS: dict[str, tuple[str, Row]] = {
    "the victim of a flood": ("event4_honeypot_ddos_amp", feeds.ddos_victim(AT, ADDRESS)),
    "a site that referred to a sinkhole": ("event4_sinkhole_http_referer", feeds.referer(AT, ADDRESS)),
    "a datagram to a sinkhole": ("event4_sinkhole", feeds.sinkhole(AT, ADDRESS, protocol="udp")),
    "a touch of no known protocol": ("event4_sinkhole", feeds.sinkhole(AT, ADDRESS, protocol="")),
}


@pytest.fixture
def home(scene: Scene) -> Scene:
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    return scene


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_no_proof_against_an_address_opens_no_case(home: Scene, what: str) -> None:
    report, row = HARMLESS[what]
    home.bring(report, row)
    home.run("14:00")
    assert not home.cases()
    assert not home.letters()


def test_a_report_type_that_nobody_knows_is_kept_and_never_told(home: Scene) -> None:
    text = feeds.text_of(feeds.SINKHOLE, [feeds.sinkhole(AT, ADDRESS)])
    home.bring_text("2026-11-23-event4_brand_new-example-asn.csv", text)
    report = home.run("14:00")
    assert home.outcome().startswith("subscriber")  # it is known whose it was
    assert any("leads" in warning for came in report.came for warning in came.warnings)
    assert not home.cases()
    assert not home.letters()


ROLES_IN_INTELMQ = {
    '{"classification.type":"ddos"': "a flood's source address may be the forged victim",
    '{"classification.type":"c2-server"': "infrastructure",
    '{"classification.type":"phishing"': "infrastructure",
    '{"classification.type":"scanner"': "a bare SYN",
    '{"classification.type":"other"': "nothing in particular",
    '{"classification.type":"blacklist"': "somebody's opinion",
}


@pytest.mark.parametrize("event", ROLES_IN_INTELMQ)
def test_an_intelmq_event_that_accuses_nobody_is_never_told(home: Scene, event: str) -> None:
    when = '"time.source":"2026-11-23T03:16:38+00:00"'
    rest = f',"source.ip":"{ADDRESS}","source.port":40512,"protocol.transport":"tcp",{when}}}\n'
    home.bring_text("events.csv", event + rest)
    home.run("14:00")
    assert home.outcome().startswith("subscriber")
    assert not home.cases()
    assert not home.letters()


def test_an_infected_line_is_told_that_it_is_infected(home: Scene) -> None:
    home.bring("event4_sinkhole", feeds.sinkhole(AT, ADDRESS, ref="CERT-4711"))
    home.run("14:00")
    (letter,) = home.letters()
    assert letter.told == ("anna", ADDRESS)
    assert (letter.seen, letter.ports, letter.refs) == (("2026-11-23 03:16:38",), (40_512,), ("CERT-4711",))
    assert "is infected" in letter.text


def test_an_attacking_line_is_told_what_it_did_and_not_that_it_is_infected(home: Scene) -> None:
    home.bring("event4_honeypot_brute_force", feeds.brute_force(AT, ADDRESS))
    home.run("14:00")
    (letter,) = home.letters()
    assert "guessing passwords" in letter.text
    assert "infected" not in letter.text.lower()


def test_an_open_service_is_never_called_an_infection(home: Scene) -> None:
    home.bring("scan_telnet", feeds.telnet(AT, ADDRESS))
    home.run("14:00")
    (letter,) = home.letters()
    words = (letter.subject + letter.text).lower()
    assert "open service" in words
    for word in ("infected", "virus", "malware", "unwanted program"):
        assert word not in words


def test_three_kinds_of_trouble_are_one_letter_that_keeps_them_apart(home: Scene) -> None:
    home.bring("event4_sinkhole", feeds.sinkhole(AT, ADDRESS))
    home.bring("event4_honeypot_brute_force", feeds.brute_force(moment("03:20"), ADDRESS))
    home.bring("scan_telnet", feeds.telnet(moment("03:25"), ADDRESS))
    home.run("14:00")
    (letter,) = home.letters()
    assert len(letter.addresses) == 3
    assert {case.state for case in home.cases()} == {"notified"}
