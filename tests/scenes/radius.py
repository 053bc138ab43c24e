"""FreeRADIUS detail, record by record, as an access server's life would write it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

NASES = {"nas-1": "100.64.0.1", "nas-2": "100.64.0.2"}
INTERIM_S = 1_800


def record(
    status: str,
    at: datetime,
    *,
    account: str = "",
    session: str = "",
    nas: str = "nas-1",
    began_at: datetime | None = None,
    arrived_at: datetime | None = None,
    header_at: datetime | None = None,
    **attributes: str,
) -> str:
    """One record. What arrives later than it happened says so in Acct-Delay-Time; `header_at` is the line above.

    Attributes are named as RADIUS names them, with `_` for `-`.
    """
    arrived_at = arrived_at or at
    values = {
        "User-Name": f'"{account}"' if account else "",
        "NAS-Identifier": f'"{nas}"',
        "NAS-IP-Address": NASES[nas],
        "Acct-Session-Id": f'"{session}"' if session else "",
        "Acct-Status-Type": status,
        "Acct-Session-Time": str(int((at - began_at).total_seconds())) if began_at else "",
        **{name.replace("_", "-"): value for name, value in attributes.items()},
        "Acct-Delay-Time": str(int((arrived_at - at).total_seconds())),
        "Timestamp": str(int(arrived_at.timestamp())),
    }
    lines = "".join(f"\t{name} = {value}\n" for name, value in values.items() if value)
    return f"{header_at or arrived_at:%a %b %d %H:%M:%S %Y}\n{lines}\n"


def session_records(
    at: datetime,
    until: datetime,
    *,
    account: str,
    session: str,
    nas: str = "nas-1",
    start: bool = True,
    stop: bool = True,
    every_s: int = INTERIM_S,
    **attributes: str,
) -> Iterator[str]:
    """Start, an interim every half hour, Stop. Without the Stop the last record is the last interim before `until`."""
    told: dict[str, Any] = {"account": account, "session": session, "nas": nas, **attributes}
    if start:
        yield record("Start", at, began_at=at, **told)
    now = at + timedelta(seconds=every_s)
    while now < until:
        yield record("Interim-Update", now, began_at=at, **told)
        now += timedelta(seconds=every_s)
    if stop:
        yield record("Stop", until, began_at=at, **told)
