"""Dated alerts, as a clearing house publishes them: a file of TOML or JSON with `alert` tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec

from tocsin.terms.errors import BadConfig

ALERTS_BYTES_MAX = 4 * 1024 * 1024
ALERTS_MAX = 5_000
_NAMES_MAX = 20
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
_Name = Annotated[str, msgspec.Meta(min_length=3, max_length=60)]


class Alert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One threat and when it was current; the day of its end is open where `until` is absent."""

    malware: _Name
    names: Annotated[tuple[_Name, ...], msgspec.Meta(max_length=_NAMES_MAX)] = ()  # what others call it
    since: date
    until: date | None = None
    source: _Text
    devices: str = ""
    signs: str = ""
    remedy: str = ""
    tool: str = ""
    tool_sha256: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""

    def is_current(self, day: date) -> bool:
        return self.since <= day <= (self.until or day)


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alerts: Annotated[tuple[Alert, ...], msgspec.Meta(max_length=ALERTS_MAX)] = msgspec.field(default=(), name="alert")


def load_alerts(path: Path) -> Alerts:
    """The alerts of a file. BadConfig says what is wrong with it."""
    try:
        with path.open("rb") as file:
            raw = file.read(ALERTS_BYTES_MAX + 1)
    except OSError as error:
        raise BadConfig(f"{path}: the alerts cannot be read: {error.strerror or error}") from error
    if len(raw) > ALERTS_BYTES_MAX:
        raise BadConfig(f"{path}: more than {ALERTS_BYTES_MAX} bytes of alerts")
    decode = msgspec.json.decode if raw.lstrip()[:1] == b"{" else msgspec.toml.decode
    try:
        return decode(raw, type=Alerts)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: these are no alerts: {error}") from error
