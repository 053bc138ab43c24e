"""FreeRADIUS 3 `detail` files as an accounting server writes them, one a local day and log.

The layout is `rlm_detail`'s: a header line of ctime in the server's local time, attributes behind a tab, a blank line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from random import Random
from time import gmtime, strftime

import msgspec

from tocsin.pipeline.demo.planning import LOCAL_OFFSET_S, Timetable
from tocsin.pipeline.demo.plant import INTERIM_S
from tocsin.pipeline.demo.world import Reboot, Session, World

ZONE = "Asia/Tokyo"
_ZONE_NAME = "JST"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    log: str
    at: int
    received_at: int
    place: int  # what the file is sorted by; unlike received_at where two servers' files were merged
    text: str


def detail_files(world: World, times: Timetable, rng: Random) -> tuple[dict[str, str], int]:
    """The texts of `radius/<log>/detail-YYYYMMDD` by their paths, and how many records they have."""
    pages: dict[str, list[Record]] = {}
    for record in _all_records(world, rng):
        if not times.begins_at <= record.received_at < times.cuts[record.log]:
            continue
        if any(times.is_lost(record.log, at) for at in (record.at, record.received_at)):
            continue
        day = strftime("%Y%m%d", gmtime(record.received_at + LOCAL_OFFSET_S))
        pages.setdefault(f"radius/{record.log}/detail-{day}", []).append(record)
    for records in pages.values():
        records.sort(key=lambda record: (record.place, record.received_at, record.text))
    texts = {path: "".join(record.text for record in records) for path, records in sorted(pages.items())}
    return texts, sum(map(len, pages.values()))


def _all_records(world: World, rng: Random) -> Iterator[Record]:
    for session in world.sessions:
        if not session.flaws.hidden:
            yield from _session_records(session, rng, world.now)
    for reboot in world.reboots:
        if reboot.orderly:
            yield _reboot_record(reboot, "Accounting-Off", reboot.off_at)
        yield _reboot_record(reboot, "Accounting-On", reboot.on_at)


def _session_records(session: Session, rng: Random, until: int) -> Iterator[Record]:
    head, tail = _constant_parts(session)
    for status, at in _reports(session, until):
        yield from _arrivals(session, rng, status, at, (head, tail))


def _reports(session: Session, until: int) -> Iterator[tuple[str, int]]:
    """What the access server sends, less what is lost on the way."""
    flaws, ends_at = session.flaws, session.ends_at
    reports = [("Start", session.starts_at)] if "start" not in flaws.lost else []
    last = until if ends_at is None else ends_at
    interim_s = session.account.interim_s
    reports += [("Interim-Update", at) for at in range(session.starts_at + interim_s, last, interim_s)]
    if ends_at is not None and "stop" not in flaws.lost:
        reports.append(("Stop", ends_at))
    return (each for each in reports if flaws.lost_from is None or each[1] < flaws.lost_from)


def _arrivals(session: Session, rng: Random, status: str, at: int, parts: tuple[str, str]) -> Iterator[Record]:
    """One report, as often and as late as it arrives."""
    flaws = session.flaws
    delays = [flaws.delay_s + (rng.randrange(4, 40) if flaws.disorder and status != "Stop" else 0)]
    if (status == "Start" and "start" in flaws.late) or (status == "Stop" and "stop" in flaws.late):
        delays = [_next_midnight(at) + rng.randrange(600, 9_000) - at]
    if flaws.duplicate:
        delays += [delays[0] + wait for wait in rng.sample(range(5, 40), rng.randrange(1, 3))]
    for delay_s in delays:
        received_at = at + delay_s + rng.randrange(2)
        shift = rng.randrange(-1_500, 1_500) if flaws.disorder else 0
        text = _record_text(session, rng, (status, at), (received_at, delay_s), parts)
        yield Record(log=session.nas.log, at=at, received_at=received_at, place=received_at + shift, text=text)


def _next_midnight(at: int) -> int:
    return (at + LOCAL_OFFSET_S) // 86_400 * 86_400 + 86_400 - LOCAL_OFFSET_S


def _constant_parts(session: Session) -> tuple[str, str]:
    """The attributes that stay the same: those before Acct-Status-Type and those after the counters."""
    nas, account = session.nas, session.account
    head = (
        f'\tUser-Name = "{account.login}"\n'
        f"\tNAS-IP-Address = {nas.address}\n"
        f'\tNAS-Identifier = "{nas.name}"\n'
        f'\tNAS-Port-Id = "{session.line.port_id}"\n'
        "\tNAS-Port-Type = PPPoEoVLAN\n"
        "\tService-Type = Framed-User\n"
        "\tFramed-Protocol = PPP\n"
        f"\tFramed-IP-Address = {session.address}\n"
        f"\tFramed-IPv6-Prefix = {session.framed}\n"
        f"\tDelegated-IPv6-Prefix = {session.delegated}\n"
        f'\tCalling-Station-Id = "{session.mac}"\n'
        f'\tAcct-Session-Id = "{session.session_id}"\n'
    )
    # freeradius 3 policy.d/accounting: over these attributes, so that two servers' equal numbers differ
    seed = f"{account.login},{session.session_id},{nas.address},{nas.name},{session.line.port_id}"
    unique = hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()
    tail = "" if session.session_max_s is None else f"\tSession-Timeout = {session.session_max_s}\n"
    if account.interim_s != INTERIM_S[nas.log]:
        tail += f"\tAcct-Interim-Interval = {account.interim_s}\n"
    return head, tail + f'\tTmp-String-9 = "ai:"\n\tAcct-Unique-Session-Id = "{unique}"\n'


def _record_text(
    session: Session, rng: Random, report: tuple[str, int], arrival: tuple[int, int], parts: tuple[str, str]
) -> str:
    (status, at), (received_at, delay_s), (head, tail) = report, arrival, parts
    flaws = session.flaws
    lines = [_header(received_at + flaws.header_off_s), head, f"\tAcct-Status-Type = {status}\n"]
    if status != "Start":
        online_s = at - session.starts_at
        octets = online_s * rng.randrange(800, 90_000)
        lines.append(
            f"\tAcct-Session-Time = {online_s}\n"
            f"\tAcct-Input-Octets = {octets // 9 & 0xFFFFFFFF}\n"
            f"\tAcct-Output-Octets = {octets & 0xFFFFFFFF}\n"
            f"\tAcct-Output-Gigawords = {octets >> 32}\n"
        )
    if status == "Stop":
        lines.append(f"\tAcct-Terminate-Cause = {session.cause}\n")
    lines.append(f"\tAcct-Delay-Time = {delay_s}\n")
    if session.account.event_timestamp and not flaws.plain:
        lines.append(_event_timestamp(at + session.nas.skew_s))
    lines += [tail, f"\tTimestamp = {received_at}\n\n"]
    return "".join(lines)


def _reboot_record(reboot: Reboot, status: str, at: int) -> Record:
    nas = reboot.nas
    text = (
        f"{_header(at)}\tNAS-IP-Address = {nas.address}\n"
        f'\tNAS-Identifier = "{nas.name}"\n'
        f"\tAcct-Status-Type = {status}\n"
        '\tAcct-Session-Id = "00000000"\n'
        "\tAcct-Terminate-Cause = NAS-Reboot\n"
        "\tAcct-Delay-Time = 0\n"
        f"{_event_timestamp(at + nas.skew_s)}\tTimestamp = {at}\n\n"
    )
    return Record(log=nas.log, at=at, received_at=at, place=at, text=text)


def _event_timestamp(at: int) -> str:
    local = gmtime(at + LOCAL_OFFSET_S)
    month, clock = _MONTHS[local.tm_mon - 1], strftime("%Y %H:%M:%S", local)
    return f'\tEvent-Timestamp = "{month} {local.tm_mday:2} {clock} {_ZONE_NAME}"\n'


def _header(at: int) -> str:
    """ctime(3): English names whatever the locale, the day padded with a blank."""
    local = gmtime(at + LOCAL_OFFSET_S)
    day, month = _DAYS[local.tm_wday], _MONTHS[local.tm_mon - 1]
    return f"{day} {month} {local.tm_mday:2} {strftime('%H:%M:%S %Y', local)}\n"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
