"""Every page in every language; keys that programs can read; words that are the same in number everywhere."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from html import unescape
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

import pytest

from tests.web.portal.portal_world import Client, look
from tocsin.mailcheck.alert_list import load_alerts
from tocsin.notices.number_mail import words as mail_words
from tocsin.proof.keylist import read_key_list
from tocsin.proof.keys import decode_key
from tocsin.proof.known import load_known
from tocsin.remedies.catalogue import threats
from tocsin.remedies.steps import ROLES, steps_by_role
from tocsin.terms.moments import parse_moment
from tocsin.web.portal.clean import DEVICES, _known
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES, flat

PAGES = (
    "/",
    "/code",
    "/check",
    "/connection",
    "/clean",
    "/without-code",
    "/kept",
    "/who",
    "/remedies",
    "/remedies/mirai",
    "/remedies/open-dns",
    "/alerts",
)
_WORDS = Path("src/tocsin/web/portal/words")


def words(language: str) -> dict[str, str]:
    return flat(tomllib.loads((_WORDS / f"{language}.toml").read_text("utf-8")))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_every_language(sqlite_client: Client, path: str, language: str) -> None:
    answer = sqlite_client.get(path, headers={"Accept-Language": f"{language};q=0.9, fr;q=0.8"})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert not re.search(r"\{[a-z_]+\}", answer.text)
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_language_has_the_same_words_with_the_same_names(language: str) -> None:
    ours, source = words(language), words("en")
    assert ours.keys() == source.keys()
    for key, text in source.items():
        assert _names(ours[key]) == _names(text), key
        assert ours[key].strip(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_shout_and_threaten_nobody(language: str) -> None:
    for key, text in words(language).items():
        assert "!" not in text, key
        assert "\N{FULLWIDTH EXCLAMATION MARK}" not in text, key
        assert not re.search(r"https?:|www\.", text), key


def test_the_words_of_english_are_short_enough_to_be_read_aloud() -> None:
    for key, text in words("en").items():
        if key != "connection.cert_letter":
            for sentence in re.split(r"[.:?]\s", text):
                assert len(sentence.split()) <= 32, (key, sentence)


def test_the_mail_with_the_number_is_there_in_every_language() -> None:
    assert mail_words().keys() == LANGUAGES.keys()
    for said in mail_words().values():
        assert _names(said.text) == {"number", "minutes", "issuer"}
        assert _names(said.subject) == {"issuer"}


def test_every_trouble_and_device_has_the_steps_of_the_remedies(sqlite_client: Client) -> None:
    for trouble in ROLES:
        for device in DEVICES:
            page = unescape(look(sqlite_client, f"/clean?trouble={trouble}&device={device}").text)
            steps = steps_by_role(trouble, _known(device), "en")
            assert len(steps) >= 5
            assert all(f"<li>{step}</li>" in page for step in steps)
            assert "You need not buy anything" in page


@pytest.mark.parametrize(("old", "new"), [("computer", "windows"), ("box", "small")])
def test_a_printed_address_of_before_still_shows_steps(sqlite_client: Client, old: str, new: str) -> None:
    pages = [look(sqlite_client, f"/clean?trouble=infected&device={each}").text for each in (old, new)]
    assert pages[0] == pages[1]
    assert "<ol>" in pages[0]


@pytest.mark.parametrize("key", threats())
def test_every_threat_has_its_page(sqlite_client: Client, key: str) -> None:
    page = unescape(look(sqlite_client, f"/remedies/{key}").text)
    words = threats()[key].words
    assert words.what in page
    assert all(f"<li>{own}</li>" in page for steps in words.steps.values() for own in steps)
    assert all(f'id="{device}"' in page for device in threats()[key].devices)
    assert '<a href="http' not in page, "a source is named, not linked"


def test_a_name_from_a_notice_leads_to_its_threat(sqlite_client: Client) -> None:
    answer = look(sqlite_client, "/remedies?name=avalanche-andromeda")
    assert (answer.status_code, answer.headers["location"]) == (302, "/remedies/andromeda")
    none = look(sqlite_client, "/remedies?name=<script>")
    assert none.status_code == 200
    assert "We have no page about &lt;script&gt;" in none.text
    assert look(sqlite_client, "/remedies/nobody").status_code == 404


def test_the_alerts_are_ones_own_and_the_catalogues(sqlite_client: Client, sqlite_site: Site, tmp_path: Path) -> None:
    own = sqlite_site.config_file.parent / "own-alerts.toml"
    own.write_text('[[alert]]\nthreat = "mozi"\nsince = 2026-11-20\nsource = "Example CERT"\nnote = "<b>New</b>"\n')
    before = look(sqlite_client, "/alerts").text
    assert "Example CERT" not in before
    with sqlite_site.config_file.open("a") as file:
        file.write('\n[portal]\nalerts = "own-alerts.toml"\n')
    page = look(sqlite_client, "/alerts").text
    assert "Example CERT: since 20 November 2026." in page
    assert "&lt;b&gt;New&lt;/b&gt;" in page
    assert page.index("Mozi") < page.index("BADBOX")
    answer = look(sqlite_client, "/alerts.json")
    (tmp_path / "alerts.json").write_bytes(answer.content)
    assert load_alerts(tmp_path / "alerts.json").alerts[0].malware == "Mozi"
    feed = look(sqlite_client, "/alerts.rss")
    assert feed.headers["content-type"].startswith("application/rss+xml")
    assert ElementTree.fromstring(feed.content).findtext("channel/item/title") == "Mozi (Example CERT)"
    own.write_text("[[alert]]\nthreat = 1\n")
    broken = look(sqlite_client, "/alerts")
    assert broken.status_code == 200
    assert "BADBOX" in broken.text
    assert "Example CERT" not in broken.text


@pytest.mark.parametrize("query", ["?trouble=x&device=y", "?trouble=infected", "?trouble=<script>&device=box"])
def test_other_troubles_have_no_steps(sqlite_client: Client, query: str) -> None:
    answer = look(sqlite_client, f"/clean{query}")
    assert answer.status_code == 200
    assert "<h2" not in answer.text
    assert "<script" not in answer.text


def test_the_key_document_is_read_by_the_programs_that_read_lists(portal_client: Client, site: Site) -> None:
    answer = look(portal_client, "/.well-known/tocsin-keys.json")
    keys = read_key_list(answer.content, site.keys.proof.raw_public)
    (listed,) = keys.keys
    assert decode_key(listed.key) == site.keys.proof.raw_public
    assert (listed.issuer, listed.not_after) == (site.issuer.domain, site.keys.proof.not_after)
    assert keys.issued_at <= site.clock() < keys.expires_at


def test_the_page_shows_the_key_and_a_file_that_the_checker_takes(
    sqlite_client: Client, sqlite_site: Site, tmp_path: Path
) -> None:
    from tocsin.proof.keys import fingerprint

    page = look(sqlite_client, "/who").text
    assert fingerprint(sqlite_site.keys.proof) in page
    text = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert text
    (tmp_path / "known.toml").write_text(unescape(text[1]), "utf-8")
    (known,) = load_known(tmp_path / "known.toml").keys
    assert known.fingerprint == fingerprint(sqlite_site.keys.proof)


def test_security_txt_is_by_the_rfc(sqlite_client: Client, sqlite_site: Site) -> None:
    answer = look(sqlite_client, "/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"].startswith(("http", "mailto:"))
    left = parse_moment(fields["Expires"]) - sqlite_site.clock()
    assert timedelta(days=30) < left < timedelta(days=365)
    assert fields["Canonical"].endswith("/.well-known/security.txt")


def test_the_sample_is_about_nobody(sqlite_client: Client) -> None:
    page = look(sqlite_client, "/who").text
    assert "Anna Example" in page
    assert "192.0.2.47" in page
    assert "203.0.113." not in page
    sample = re.search(r'class="code">([^<]+)<', page)
    assert sample
    assert "One letter or digit is not as it should be" in _typed(sqlite_client, sample[1])


def _typed(client: Client, code: str) -> str:
    from tests.web.portal.portal_world import check

    return check(client, code).text


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
