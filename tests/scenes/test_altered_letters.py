"""A letter that left is genuine; every fact of it, changed in either of its twins, is caught and named."""

from __future__ import annotations

import email
import email.message
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenes import feeds
from tests.scenes.moments import moment
from tests.scenes.scene import ISP, Scene, copied, found
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check_mail
from tocsin.mailcheck.resolver import zone_resolver
from tocsin.proof.known import load_known

CHANGES = {  # what a letter says, and what it does not
    "address": ("198.51.100.7", "198.51.100.8"),
    "address of others": ("198.51.100.", "198.51.101."),
    "address of IPv6": ("2001:db8:1:142::9", "2001:db8:1:143::9"),
    "second": ("03:16:38", "03:16:39"),
    "day": ("2026-11-23", "2026-11-22"),
    "port": ("40512", "40513"),
    "malware": ("mirai", "mirei"),
    "reference": ("CERT-4711", "CERT-4712"),
    "other side": ("192.0.2.8", "192.0.2.9"),
    "source": ("Cert of Example", "Cart of Example"),
    "name": ("Anna Example", "Anne Example"),
    "name of the other": ("Bela Example", "Bele Example"),
    "name of a third": ("Dora Example", "Dara Example"),
    "month in German": (". November 2026", ". Oktober 2026"),
    "month in Hindi": (" नवंबर 2026", " अक्टूबर 2026"),
    "line": ("···· 000", "···· 100"),
    "notice": ("N-", "M-"),
}
TWINS = ("plain", "html")
LETTERS = {"anna": "en", "bela": "ja", "carl": "en", "dora": "de", "hari": "hi"}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """An infection; an attack from IPv6, in Japanese; an open service; infections told in German and in Hindi."""
    scene = copied(found(tmp_path_factory.mktemp("found"), ISP()), tmp_path_factory.mktemp("sent") / "isp")
    for name, language in LETTERS.items():
        scene.household(name, language=language)
    scene.online("anna", "198.51.100.7", "01:00", "05:00")
    scene.online("bela", "2001:db8:1:100::/56", "01:00", "05:00")
    scene.online("carl", "198.51.100.17", "01:00", "05:00")
    scene.sinkhole("03:16:38", "198.51.100.7", ref="CERT-4711")
    for name, address in (("dora", "198.51.100.27"), ("hari", "198.51.100.37")):
        scene.online(name, address, "01:00", "05:00")
        scene.sinkhole("03:16:38", address, ref="CERT-4711")
    scene.bring("event4_honeypot_brute_force", feeds.brute_force(moment("03:16:38"), "2001:db8:1:142::9"))
    scene.bring("scan_telnet", feeds.telnet(moment("03:16:38"), "198.51.100.17"))
    scene.run("14:00")
    return scene


@pytest.fixture(scope="module")
def mails(sent: Scene) -> dict[str, bytes]:
    return {letter.to: letter.raw for letter in sent.letters()}


def _judged(folder: Path, raw: bytes) -> Answer:
    """As a household that has pinned the provider's key checks it."""
    known, resolve = load_known(folder / "keys" / "known.toml"), zone_resolver(folder / "keys" / "zone.txt")
    return check_mail(raw, known=known, resolve=resolve, at=moment("Tue 14:00"))


def _changed(raw: bytes, twin: str, fact: str, other: str) -> bytes | None:
    """The mail with that fact changed in the words of one twin, not in its proof; None where it is not stated."""
    mail = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert isinstance(mail, email.message.EmailMessage)
    (part,) = (each for each in mail.walk() if each.get_content_subtype() == twin)
    words, fence, proof = part.get_content().partition("-----BEGIN TOCSIN PROOF-----")
    if fact not in words:
        return None
    part.set_content(words.replace(fact, other) + fence + proof, subtype=twin, cte="base64")
    return mail.as_bytes()


def _cases(mails: dict[str, bytes]) -> Iterator[tuple[str, str, str, bytes]]:
    for to, raw in mails.items():
        for twin in TWINS:
            for what, (fact, other) in CHANGES.items():
                changed = _changed(raw, twin, fact, other)
                if changed is not None:
                    yield to, twin, what, changed


def test_what_left_is_genuine(sent: Scene, mails: dict[str, bytes]) -> None:
    assert sorted(mails) == list(LETTERS)
    assert {_judged(sent.data, raw).verdict for raw in mails.values()} == {"genuine"}


def test_another_encoding_of_the_same_words_is_no_change(sent: Scene, mails: dict[str, bytes]) -> None:
    for raw in mails.values():
        for twin in TWINS:
            same = _changed(raw, twin, "N-", "N-")
            assert same is not None
            assert _judged(sent.data, same).verdict == "genuine"


def test_every_changed_fact_is_caught_in_every_twin_of_every_letter(sent: Scene, mails: dict[str, bytes]) -> None:
    cases = list(_cases(mails))
    let_pass = [(to, twin, what) for to, twin, what, raw in cases if _judged(sent.data, raw).verdict != "fake"]
    assert not let_pass
    tried = {(twin, what) for _, twin, what, _ in cases}
    assert tried == {(twin, what) for twin in TWINS for what in CHANGES}  # each is stated in some letter


def test_the_fact_that_was_changed_is_named_with_both_values(sent: Scene, mails: dict[str, bytes]) -> None:
    for what in ("address", "second", "port", "malware", "reference", "name"):
        fact, other = CHANGES[what]
        for twin in TWINS:
            raw = _changed(mails["anna"], twin, fact, other)
            assert raw is not None
            answer = _judged(sent.data, raw)
            assert answer.has("fact-changed")
            assert other.split()[0] in answer.answers.who


def test_a_letter_for_one_household_is_caught_when_it_reaches_another(sent: Scene, mails: dict[str, bytes]) -> None:
    replayed = mails["anna"].replace(b"To: anna@post.example", b"To: carl@post.example")
    assert _judged(sent.data, replayed).verdict == "fake"


def test_a_letter_from_a_key_that_nobody_has_pinned_is_not_genuine(
    sent: Scene, mails: dict[str, bytes], tmp_path: Path
) -> None:
    other = found(tmp_path / "other", ISP())
    assert _judged(other.data, mails["anna"]).verdict != "genuine"
