"""Who looks at a household leaves a trace; who gets a letter can have it checked."""

from __future__ import annotations

import pytest

from tests.scenes import feeds
from tests.scenes.moments import moment
from tests.scenes.scene import Scene
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check_mail
from tocsin.mailcheck.resolver import zone_resolver
from tocsin.pipeline.looks import look_case, look_held, look_who
from tocsin.proof.known import load_known
from tocsin.terms.addresses import parse_address, parse_network
from tocsin.terms.errors import BadRequest

ADDRESS = "198.51.100.7"


@pytest.fixture
def sent(scene: Scene) -> Scene:
    """Three letters: an infection, an attack in Japanese, an open service."""
    for name, language in (("anna", "en"), ("bela", "ja"), ("carl", "en")):
        scene.household(name, language=language)
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.online("bela", "2001:db8:1:100::/56", "01:00", "05:00")
    scene.assigned("203.0.113.9", "carl")
    scene.sinkhole("03:16:38", ADDRESS, ref="CERT-4711")
    scene.bring("event4_honeypot_brute_force", feeds.brute_force(moment("03:20"), "2001:db8:1:142::9"))
    scene.bring("scan_telnet", feeds.telnet(moment("03:30"), "203.0.113.9"))
    scene.run("14:00")
    assert len(scene.letters()) == 3
    return scene


def test_each_look_at_a_household_is_in_the_audit_with_its_reason(sent: Scene) -> None:
    before = len(sent.audit())
    case = sent.cases()[0].case
    with sent.house() as house:
        look_who(house, parse_address(ADDRESS), at=moment("03:16"), port=None, protocol=None, reason="ticket 1")
        list(look_held(house, parse_network(ADDRESS), since=moment("01:00"), until=moment("05:00"), reason="ticket 2"))
        look_case(house, case, reason="ticket 3")
    looks = sent.audit()[before:]
    assert [(entry.action, entry.reason) for entry in looks] == [
        ("who", "ticket 1"),
        ("held", "ticket 2"),
        ("case", "ticket 3"),
    ]
    assert all(entry.actor for entry in looks)
    assert ADDRESS in looks[0].object
    assert case == looks[2].object


def test_a_look_that_finds_nobody_is_in_the_audit_too(sent: Scene) -> None:
    before = len(sent.audit())
    with sent.house() as house:
        look_who(house, parse_address("198.51.100.99"), at=moment("03:16"), port=None, protocol=None, reason="ticket")
        with pytest.raises(BadRequest):
            look_case(house, "C-NOBODY", reason="ticket")
    assert [entry.action for entry in sent.audit()[before:]] == ["who"]


def test_each_letter_that_has_left_is_in_the_audit(sent: Scene) -> None:
    told = [entry.object for entry in sent.audit() if entry.action == "notice sent"]
    assert sorted(told) == sorted(notice.notice for notice in sent.notices())


def _checked(scene: Scene, raw: bytes) -> Answer:
    """As a household that has pinned the provider's key checks it, a day later."""
    keys = scene.data / "keys"
    return check_mail(
        raw, known=load_known(keys / "known.toml"), resolve=zone_resolver(keys / "zone.txt"), at=moment("Tue 14:00")
    )


def test_every_letter_that_left_is_genuine(sent: Scene) -> None:
    assert [_checked(sent, letter.raw).verdict for letter in sent.letters()] == ["genuine"] * 3


@pytest.mark.parametrize(
    ("fact", "other"),
    [
        (b"198.51.100.7", b"198.51.100.8"),
        (b"03:16:38", b"03:16:39"),
        (b"40512", b"40513"),
        (b"mirai", b"mozi2"),
        (b"CERT-4711", b"CERT-4712"),
        (b"Cert of Example", b"Dert of Example"),
        (b"Anna Example", b"Bela Example"),
        (b"anna@post.example", b"bela@post.example"),
        (b"0001", b"0002"),
    ],
)
def test_a_letter_of_which_one_fact_was_changed_is_not_genuine(sent: Scene, fact: bytes, other: bytes) -> None:
    (raw,) = (letter.raw for letter in sent.letters() if letter.to == "anna")
    assert fact in raw
    answer = _checked(sent, raw.replace(fact, other))
    assert answer.verdict in ("fake", "likely-fake")
    assert any(finding.effect == "contradicts" for finding in answer.findings)
