"""Findings by dated alerts: is the threat that a mail names a current one? That no alert names it shows nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.mailcheck.alert_list import Alert
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.identity import day_of
from tocsin.mailcheck.inspection import Inspection

_TOLD_MAX = 2
_WORDS_CHARACTERS_MAX = 20_000


def look(seen: Inspection) -> Iterator[Finding]:
    alerts = seen.setup.alerts
    if alerts is None or not (seen.wording.has("malware") or seen.wording.has("abuse")):
        return
    day = day_of(seen) or (seen.setup.at.date() if seen.setup.at else None)
    named = [alert for alert in alerts.alerts if _names(alert, seen)][:_TOLD_MAX]
    for alert in named:
        period = f"{alert.since}/{alert.until or '..'}"  # ISO 8601-2 §4.4: an open end
        if day is None or alert.is_current(day):
            yield found("alert-current", malware=alert.malware, source=alert.source, period=period)
            yield from _remedy(alert)
        else:
            yield found("alert-past", malware=alert.malware, source=alert.source, period=period)
    if not named:
        yield found("alert-none")


def _names(alert: Alert, seen: Inspection) -> bool:
    words = f"{seen.wording.subject} {seen.wording.body[:_WORDS_CHARACTERS_MAX]}".casefold()
    return any(
        name.casefold() in words and re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", words) is not None
        for name in (alert.malware, *alert.names)
    )


def _remedy(alert: Alert) -> Iterator[Finding]:
    if alert.remedy or alert.tool:
        remedy = alert.remedy or alert.tool
        yield found("alert-remedy", remedy=remedy, devices=alert.devices or "?", tool=alert.tool_sha256 or alert.tool)
