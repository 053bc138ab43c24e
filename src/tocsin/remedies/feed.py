"""Alerts as an RSS 2.0 feed, for readers of news."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from xml.etree import ElementTree

import msgspec

from tocsin.remedies.alerts import Alert, advice
from tocsin.remedies.catalogue import threats
from tocsin.remedies.words import called, words_of

ITEMS_MAX = 50
_ATOM = "http://www.w3.org/2005/Atom"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """What the feed says of itself; `url` is the portal's address without a slash at its end."""

    title: str
    about: str
    url: str
    language: str


def rss(alerts: tuple[Alert, ...], channel: Channel) -> bytes:
    """The newest alerts. The same alerts give the same bytes: no clock is asked."""
    ElementTree.register_namespace("atom", _ATOM)
    root = ElementTree.Element("rss", version="2.0")
    head = ElementTree.SubElement(root, "channel")
    for name, text in (("title", channel.title), ("link", f"{channel.url}/alerts"), ("description", channel.about)):
        ElementTree.SubElement(head, name).text = text
    ElementTree.SubElement(head, "language").text = channel.language
    own = {"href": f"{channel.url}/alerts.rss", "rel": "self", "type": "application/rss+xml"}
    ElementTree.SubElement(head, f"{{{_ATOM}}}link", own)
    if alerts:
        ElementTree.SubElement(head, "lastBuildDate").text = _day(max(each.since for each in alerts))
    for each in alerts[:ITEMS_MAX]:
        _item(head, each, channel)
    raw: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return raw + b"\n"


def _item(head: ElementTree.Element, alert: Alert, channel: Channel) -> None:
    item, threat = ElementTree.SubElement(head, "item"), threats()[alert.threat]
    words = words_of(alert.threat, channel.language)
    parts = (alert.note, words.what, " ".join(words.signs), advice(threat, channel.language))
    ElementTree.SubElement(item, "title").text = f"{called(alert.threat, channel.language)} ({alert.source})"
    ElementTree.SubElement(item, "link").text = f"{channel.url}/remedies/{alert.threat}"
    ElementTree.SubElement(item, "description").text = "\n\n".join(part for part in parts if part)
    ElementTree.SubElement(item, "pubDate").text = _day(alert.since)
    name = f"tocsin:alert:{alert.threat}:{alert.since.isoformat()}:{alert.source}"
    ElementTree.SubElement(item, "guid", isPermaLink="false").text = name


def _day(day: date) -> str:
    return format_datetime(datetime.combine(day, time(), UTC), usegmt=True)
