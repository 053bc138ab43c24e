"""Whatever a feed or a customer list holds, the letter that is made of it passes our own check, and a stranger's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.mailcheck.mail_world import CODE, FACTS, TROUBLE
from tocsin.mailcheck.check import check_as_stranger, check_mail
from tocsin.mailcheck.leave import may_leave
from tocsin.mailcheck.resolver import Resolver, zone_resolver
from tocsin.mailcheck.spoken import Spoken
from tocsin.notices.compose import compose
from tocsin.notices.dkim_key import generate_dkim_key
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.notices.seal import seal
from tocsin.notices.zone import zone_text
from tocsin.proof.facts import Facts, Trouble
from tocsin.proof.keys import generate_key
from tocsin.proof.known import Known, pin
from tocsin.proof.words import html_words, text_words

ISSUER = Issuer(name="Example Broadband", domain="net.example", mail_from="notices@net.example")
EPOCH, END = datetime(2001, 9, 9, tzinfo=UTC), datetime(2096, 10, 2, tzinfo=UTC)


@cache
def keys() -> Keys:
    return Keys(proof=generate_key("net.example", EPOCH, END), dkim=generate_dkim_key(), secret=bytes(32))


@pytest.fixture(scope="module")
def resolve(tmp_path_factory: pytest.TempPathFactory) -> Resolver:
    path = tmp_path_factory.mktemp("zone") / "net.example.zone"
    path.write_text(zone_text(ISSUER, keys()), encoding="utf-8")
    return zone_resolver(path)


ODD = (
    *("mirai", "http://bad.example/x", "a@b.example", "bad.example", "123456789012", "+49 30 1234567", "---", "///"),
    *(
        "\u202e",
        "\u200b",
        "\x00",
        "\\\\x",
        "山田",
        "कंपनी.भारत",
        "अनिल",
        "ी",
        "ß",
        "太郎",
        " ",
        "\t",
        "\n",
        "é",
        "x" * 50,
        "Trojan.Win32.Agent",
        "10.0.0.1",
    ),
    *("192.168.1.1:80", "ftp:x", "<b>", "&amp;", "'", '"', "=", "…", "[.]", "hxxp"),
    *("00000-00000-0000", "2026-11-24 03:16:38"),
)
texts = st.lists(st.sampled_from(ODD), max_size=4).map("".join) | st.text(st.characters(codec="utf-8"), max_size=50)
moments = st.integers(1_000_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
ports = st.none() | st.integers(1, 65535)
troubles = st.builds(
    Trouble,
    kind=st.sampled_from(["infected-system", "brute-force", "another"]),
    role=st.sampled_from(["infected", "attacker", "exposed"]),
    address=st.ip_addresses().map(str),
    seen_at=moments,
    source=texts,
    count=st.integers(1, 1_000_000),
    first_at=moments,
    malware=st.none() | texts,
    port=ports,
    protocol=st.none() | texts,
    peer_address=st.none() | st.ip_addresses().map(str),
    peer_port=ports,
    source_ref=st.none() | texts,
)
any_facts = st.builds(
    lambda troubles, name, language, zone: replace(FACTS, troubles=troubles, name=name, language=language, zone=zone),
    st.lists(troubles, min_size=1, max_size=10).map(tuple),
    texts,
    st.sampled_from(LANGUAGES),
    st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "Asia/Kolkata", "UTC", "America/St_Johns"]),
)


@given(facts=any_facts)
@settings(max_examples=150, deadline=None)
def test_every_letter_that_can_be_made_may_leave(resolve: Resolver, facts: Facts) -> None:
    raw = seal(compose(facts, CODE, ISSUER), facts, ISSUER, keys()).raw
    known = Known(keys=(pin(keys().proof.public, ISSUER.name),))
    answer = check_mail(raw, known=known, resolve=resolve)
    assert answer.verdict == "genuine"
    assert may_leave(answer, check_as_stranger(raw, resolve=resolve)) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "changed",
    [
        {"address": "203.0.113.6"},
        {"port": 40513},
        {"seen_at": TROUBLE.seen_at + timedelta(seconds=1)},
        {"first_at": TROUBLE.first_at + timedelta(minutes=1)},
        {"malware": "mirei"},
        {"source_ref": "CERT-2026-4712"},
        {"peer_address": "2001:db8::8"},
        {"source": "Example CART"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_letter_that_tells_other_facts_than_its_proof_stays(
    resolve: Resolver, language: str, changed: dict[str, object]
) -> None:
    proved = replace(FACTS, language=language)
    told = replace(proved, troubles=(replace(TROUBLE, **changed),))
    raw = seal(compose(told, CODE, ISSUER), proved, ISSUER, keys()).raw
    known = Known(keys=(pin(keys().proof.public, ISSUER.name),))
    answer = check_mail(raw, known=known, resolve=resolve)
    assert answer.verdict == "fake"
    assert answer.findings[0].code == "fact-changed"
    assert may_leave(answer, check_as_stranger(raw, resolve=resolve)) is not None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("proved", "told"),
    [("अनिल वर्मा", "अनिला वर्मा"), ("Jörg Groß", "Jörg Großmann"), ("André", "Andrée"), ("山田太郎", "山田次郎")],
)
def test_a_name_in_any_script_is_compared_to_its_end(resolve: Resolver, language: str, proved: str, told: str) -> None:
    facts = replace(FACTS, language=language, name=proved)
    known = Known(keys=(pin(keys().proof.public, ISSUER.name),))
    for name, verdict in ((proved, "genuine"), (told, "fake")):
        raw = seal(compose(replace(facts, name=name), CODE, ISSUER), facts, ISSUER, keys()).raw
        assert check_mail(raw, known=known, resolve=resolve).verdict == verdict


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_is_read_in_every_language(language: str, month: int) -> None:
    seen_at = datetime(2026, month, 9, 20, 45, 7, tzinfo=UTC)
    trouble = replace(TROUBLE, seen_at=seen_at, first_at=seen_at, count=1)
    letter = compose(replace(FACTS, language=language, zone="Asia/Kolkata", troubles=(trouble,)), CODE, ISSUER)
    told = {seen_at.replace(tzinfo=None), seen_at.astimezone(ZoneInfo("Asia/Kolkata")).replace(tzinfo=None)}
    for words in (text_words(letter.text), html_words(letter.html)):
        assert set(Spoken("", words).moments) == told


def test_the_zone_file_of_a_provider_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zone"
    path.write_text(zone_text(ISSUER, keys()), encoding="utf-8")
    assert zone_resolver(path)("tocsin._domainkey.net.example")[0].startswith("v=DKIM1")
