"""Which session of a login is open at this moment, at which access server: what a garden must know to the second.

Attribution asks about the past and may wait for a later line. Here somebody is about to be struck: so a session counts
as open only while its server still vouches for it, and any second one that could be meant makes all of it doubtful.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import read_sql
from tocsin.lake import Lake
from tocsin.terms.addresses import format_address, format_network

DAYS = timedelta(days=3)  # how far back it is looked: a session that was silent for longer vouches for nothing
ROWS_MAX = 2_000
_ONE = 128  # bits of a network of one address


class OpenSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that its server vouches for. `address` is IPv4 where there is one, else the address or prefix."""

    log: str
    nas: str
    session: str
    address: str
    last_at: datetime


class Doubt(msgspec.Struct, frozen=True):
    """Why no session can be named, in words."""

    why: str


class _Seen(msgspec.Struct, frozen=True):
    log: str
    nas: str
    session: str
    account: int | None
    network: UUID
    prefix_bits: int
    last_at: datetime
    stopped_at: datetime | None
    restarted_at: datetime | None
    interim_s: int | None

    @property
    def place(self) -> tuple[str, str, str]:
        return self.log, self.nas, self.session

    @property
    def address(self) -> str:
        return (
            format_address(self.network) if self.prefix_bits == _ONE else format_network(self.network, self.prefix_bits)
        )


def the_open_session(
    lake: Lake, logs: Sequence[LogConfig], account: int, *, at: datetime, log_age_max: timedelta
) -> OpenSession | Doubt | None:
    """The only open session of that account; None when it has none. A doubt says why nobody may be struck."""
    by_name = {log.name: log for log in logs}
    days = [day for day in lake.days("lease_events") if (at - DAYS).date() <= day <= at.date()]
    events = f"WITH lease_events AS NOT MATERIALIZED {lake.scan('lease_events', days)} "
    asked = read_sql(__package__, "open_sessions")
    rows = lake.engine.rows(
        events + f"SELECT asked.* FROM ({asked}) asked", account=account, moment=at, rows_max=ROWS_MAX
    )
    seen = [msgspec.convert(dict(zip(_Seen.__struct_fields__, row, strict=True)), _Seen) for row in rows]
    if len(seen) == ROWS_MAX:
        return Doubt("too many sessions have had the same address")
    vouched = [each for each in seen if _is_open(each, by_name, at)]
    mine = [each for each in vouched if each.account == account]
    if not mine:
        return None
    if len({each.place for each in mine}) > 1:
        return Doubt("the login has several sessions at once")
    if any(each.account != account for each in vouched):
        return Doubt("another login's session has the same address")
    newest = _newest(lake, events, mine[0].log)
    if newest is None or newest < at - log_age_max:
        return Doubt("the binding log is not read up to now: the address may be somebody else's since")
    first = min(mine, key=lambda each: (":" in each.address, each.prefix_bits != _ONE, each.address))
    last_at = max(each.last_at for each in mine)
    return OpenSession(log=first.log, nas=first.nas, session=first.session, address=first.address, last_at=last_at)


def _is_open(seen: _Seen, logs: Mapping[str, LogConfig], at: datetime) -> bool:
    log = logs.get(seen.log)
    if log is None or (seen.stopped_at is not None and seen.stopped_at >= seen.last_at):
        return False
    if seen.restarted_at is not None and seen.restarted_at >= seen.last_at:
        return False
    vouches = timedelta(seconds=(seen.interim_s or log.interim_s) + log.accuracy_s)
    return at <= seen.last_at + vouches


def _newest(lake: Lake, events: str, log: str) -> datetime | None:
    [(newest,)] = lake.engine.rows(f'{events}SELECT max("at") FROM lease_events WHERE log = $log', log=log)
    assert newest is None or isinstance(newest, datetime)
    return newest
