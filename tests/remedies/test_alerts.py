"""Alerts: dated, from the catalogue and from a file, the same in JSON, RSS and for the mail check."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tocsin.mailcheck.alert_list import load_alerts
from tocsin.mailcheck.check import check
from tocsin.mailcheck.setup import Setup
from tocsin.remedies.alerts import ALERTS_BYTES_MAX, ALERTS_MAX, Alert, all_alerts, as_json
from tocsin.remedies.catalogue import threats
from tocsin.remedies.feed import ITEMS_MAX, Channel, rss
from tocsin.remedies.words import LANGUAGES, words_of
from tocsin.terms.errors import BadConfig

OWN = """
[[alert]]
threat = "mirai"
since = 2026-11-01
until = 2026-12-31
source = "Example CERT"
note = "A new kind <b>& more</b> is going round."
"""
CHANNEL = Channel(title="Alerts", about="What is going round", url="https://help.net.example", language="en")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_ones_own_alerts_come_among_those_of_the_catalogue_the_newest_first(own: Path) -> None:
    shipped, found = all_alerts(None), all_alerts(own)
    assert len(shipped) >= 8
    assert found[0] == Alert(
        threat="mirai",
        since=date(2026, 11, 1),
        until=date(2026, 12, 31),
        source="Example CERT",
        note="A new kind <b>& more</b> is going round.",
    )
    assert found[1:] == shipped
    assert [each.since for each in shipped] == sorted((each.since for each in shipped), reverse=True)


def test_an_alert_is_current_from_its_first_day_to_its_last() -> None:
    alert = Alert(threat="mirai", since=date(2026, 11, 1), until=date(2026, 11, 30), source="x y")
    assert [alert.is_current(date(2026, *day)) for day in ((10, 31), (11, 1), (11, 30), (12, 1))] == [
        False,
        True,
        True,
        False,
    ]
    assert Alert(threat="mirai", since=date(2026, 11, 1), source="x y").is_current(date(2030, 1, 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_check_reads_what_we_publish(own: Path, tmp_path: Path, language: str) -> None:
    path = tmp_path / "alerts.json"
    path.write_bytes(as_json(all_alerts(own), language))
    read = load_alerts(path).alerts
    assert len(read) == len(all_alerts(own))
    assert (read[0].malware, read[0].source, read[0].until) == ("Mirai", "Example CERT", date(2026, 12, 31))
    assert "Satori" in read[0].names
    assert words_of("mirai", language).signs[0] in read[0].signs
    assert all(each.remedy and each.devices and each.signs for each in read)


def test_a_mail_that_names_the_threat_is_told_that_it_is_a_current_one(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "alerts.json"
    path.write_bytes(as_json(all_alerts(own), "en"))
    mail = (
        "From: Abuse <abuse@net.example>\nTo: robin@mail.example\nSubject: infection\n"
        "Date: Tue, 24 Nov 2026 04:00:00 +0000\nMessage-ID: <1@x.example>\n\n"
        "A device on your line is infected with the malware Satori.\n"
    )
    at = datetime(2026, 11, 24, 5, tzinfo=UTC)
    answer = check(mail.encode(), Setup(at=at, alerts=load_alerts(path)))
    current = [each.text for each in answer.findings if each.code == "alert-current"]
    assert any("Example CERT warned of Mirai" in text for text in current)
    assert "router" in next(each.text for each in answer.findings if each.code == "alert-remedy")


def test_the_feed_is_rss_that_reads_back(own: Path) -> None:
    alerts = all_alerts(own)
    root = ElementTree.fromstring(rss(alerts, CHANNEL))
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    head = root.find("channel")
    assert head is not None
    assert {"title", "link", "description"} <= {each.tag for each in head}  # RSS 2.0: the three that are required
    items = head.findall("item")
    assert len(items) == min(len(alerts), ITEMS_MAX)
    first = items[0]
    assert first.findtext("title") == "Mirai (Example CERT)"
    assert first.findtext("link") == "https://help.net.example/remedies/mirai"
    assert (first.findtext("description") or "").startswith("A new kind <b>& more</b> is going round.")
    moments = [parsedate_to_datetime(each.findtext("pubDate") or "") for each in items]
    assert moments[0] == datetime(2026, 11, 1, tzinfo=UTC)
    assert moments == sorted(moments, reverse=True)
    guids = [each.findtext("guid") for each in items]
    assert len(set(guids)) == len(guids)
    assert rss(alerts, CHANNEL) == rss(alerts, CHANNEL)


def test_a_feed_without_alerts_is_a_feed() -> None:
    assert ElementTree.fromstring(rss((), CHANNEL)).find("channel/item") is None


def test_a_feed_ends_somewhere() -> None:
    many = tuple(Alert(threat="mirai", since=date(2026, 1, 1), source=f"CERT {n}") for n in range(ITEMS_MAX + 1))
    assert rss(many, CHANNEL).count(b"<item>") == ITEMS_MAX


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[alert]]\nthreat = "nobody"\nsince = 2026-01-01\nsource = "CERT"\n', "no threat is called 'nobody'"),
        (OWN.replace("until = 2026-12-31", "until = 2026-10-31"), "until 2026-10-31, before since 2026-11-01"),
        (OWN.replace("since", "from"), "no alerts: "),
        ("\xff", "no alerts: "),
        ("#" * (ALERTS_BYTES_MAX + 1), "more than 1048576 bytes"),
        (OWN * (ALERTS_MAX + 1), "no alerts: .*2000"),
    ],
)
def test_a_broken_file_of_alerts_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(text, "latin-1")
    with pytest.raises(BadConfig, match=told):
        all_alerts(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read: No such file"):
        all_alerts(tmp_path / "none.toml")


def test_every_shipped_alert_has_a_day_that_is_past_and_a_source() -> None:
    for each in all_alerts(None):
        assert date(2005, 1, 1) < each.since < date(2026, 11, 1)
        assert each.threat in threats()
