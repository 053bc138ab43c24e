"""Dated alerts: what a clearing house warns of now, and what others warned of before. The words are the catalogue's.

Of its own it needs a file with a line for each: which threat, since when, until when, who says so. Everything that
stands in an alert beyond that (names, devices, signs, what to do) comes from the threat.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec

from tocsin.remedies.catalogue import threats
from tocsin.remedies.steps import brief_steps, devices_text
from tocsin.remedies.threat import Name, Threat
from tocsin.remedies.words import words_of
from tocsin.terms.errors import BadConfig

ALERTS_BYTES_MAX = 1024 * 1024
ALERTS_MAX = 2_000
# What `tocsin check --alerts` takes of an alert's names (mailcheck/alert_list.py).
_NAMES_MAX = 20
_NAME_CHARS = range(3, 61)


class Alert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One threat in one time. `until` is the last day of it, open while it is absent."""

    threat: str  # its key in the catalogue
    since: date
    until: date | None = None
    source: Name
    note: Annotated[str, msgspec.Meta(max_length=600)] = ""  # of the one who warns, as it is

    def is_current(self, day: date) -> bool:
        return self.since <= day <= (self.until or day)


class _OwnAlerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alerts: Annotated[tuple[Alert, ...], msgspec.Meta(max_length=ALERTS_MAX)] = msgspec.field(default=(), name="alert")


class PublishedAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert as programs read it: the form of `tocsin check --alerts`."""

    malware: str
    names: tuple[str, ...]
    since: date
    until: date | None = None
    source: str
    devices: str
    signs: str
    remedy: str


class _Published(msgspec.Struct, frozen=True):
    alert: tuple[PublishedAlert, ...]


def all_alerts(own: Path | None) -> tuple[Alert, ...]:
    """Those of the file and those of the catalogue, the newest first. BadConfig says what is wrong with the file."""
    shipped = (
        Alert(threat=key, since=each.since, until=each.until, source=each.source)
        for key, threat in threats().items()
        for each in threat.alerts
    )
    found = {*shipped, *(_read_own(own) if own else ())}
    return tuple(sorted(found, key=lambda each: (-each.since.toordinal(), each.threat, each.source)))


def as_json(alerts: tuple[Alert, ...], language: str) -> bytes:
    """The list as one JSON document, which `tocsin check --alerts` reads."""
    return msgspec.json.encode(_Published(tuple(_published(each, language) for each in alerts))) + b"\n"


def advice(threat: Threat, language: str) -> str:
    """What to do, in one paragraph."""
    role = "exposed" if threat.is_exposure else "infected"
    return " ".join(brief_steps(role, threat, language))


def _published(alert: Alert, language: str) -> PublishedAlert:
    threat = threats()[alert.threat]
    return PublishedAlert(
        malware=threat.name,
        names=_names(threat),
        since=alert.since,
        until=alert.until,
        source=alert.source,
        devices=devices_text(threat.devices, language),
        signs=" ".join(words_of(alert.threat, language).signs),
        remedy=advice(threat, language),
    )


def _names(threat: Threat) -> tuple[str, ...]:
    """What people call it, its own name left out, the best known first."""
    aliases = threat.aliases
    by_case = {each.casefold(): each for each in (*aliases.misp, *aliases.others, *aliases.shadowserver)}
    by_case.pop(threat.name.casefold(), None)
    return tuple(each for each in by_case.values() if len(each) in _NAME_CHARS)[:_NAMES_MAX]


def _read_own(path: Path) -> tuple[Alert, ...]:
    try:
        with path.open("rb") as file:
            raw = file.read(ALERTS_BYTES_MAX + 1)
    except OSError as error:
        raise BadConfig(f"the alerts cannot be read: {error.strerror or error}", where=str(path)) from error
    if len(raw) > ALERTS_BYTES_MAX:
        raise BadConfig(f"more than {ALERTS_BYTES_MAX} bytes of alerts", where=str(path), remedy="take the oldest out")
    try:
        alerts = msgspec.toml.decode(raw, type=_OwnAlerts).alerts
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadConfig(f"no alerts: {error}", where=str(path), remedy="see docs/remedies.md for their form") from error
    for each in alerts:
        if each.threat not in threats():
            known = "`tocsin remedies` lists the names"
            raise BadConfig(f"no threat is called {each.threat!r:.80}", where=str(path), remedy=known)
        if each.until and each.until < each.since:
            raise BadConfig(f"{each.threat}: until {each.until}, before since {each.since}", where=str(path))
    return alerts
