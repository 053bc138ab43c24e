"""A provider of ten households, so small that its whole life can be cut short dozens of times.

Two files of RADIUS detail, two feeds: the first of each is there before the first run, the second comes before the
second. What the second run must do: open, follow and withdraw cases, and send the first notices.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAY = datetime(2026, 11, 23, tzinfo=UTC)
FIRST_RUN = DAY + timedelta(hours=13)
STEP = timedelta(hours=1)
RUNS = (FIRST_RUN, FIRST_RUN + STEP)  # the first is dry; the second sends
DYNAMIC = {f"u{n:02}@isp.example": f"198.51.100.{10 + n}" for n in range(1, 7)}
STATIC = {f"s{n:02}@isp.example": f"203.0.113.{n}" for n in range(1, 5)}
INTERIM_S = 1800
NOTICES = 5  # that the second run sends

_SINKHOLE = (
    *("timestamp", "protocol", "src_ip", "src_port", "src_asn", "src_geo", "src_region", "src_city", "src_hostname"),
    *("dst_ip", "dst_port", "infection", "family", "tag", "event_id"),
)
_TELNET = ("timestamp", "ip", "protocol", "port", "hostname", "tag", "asn", "geo", "region", "city", "banner")
_CONFIG = """data = "data"
[issuer]
name = "Small Net"
domain = "isp.example"
mail_from = "abuse@isp.example"
[provider]
prefixes = ["198.51.100.0/24", "203.0.113.0/24"]
[[sources]]
name = "cert"
title = "Example CERT"
trust = "known"
paths = ["feeds/*.csv"]
[[logs]]
name = "radius"
reader = "freeradius"
paths = ["radius/detail-*"]
prefixes = ["198.51.100.0/24"]
interim_s = 1800
[[logs]]
name = "static"
reader = "static"
paths = ["static.csv"]
prefixes = ["203.0.113.0/24"]
[subscribers]
paths = ["subscribers.csv"]
[networks]
paths = ["prefixes.csv"]
[notices]
send = true
share_max = 1.0
[lake]
threads = 1
"""


def found(folder: Path) -> None:
    """Everything that stands before the first run."""
    for name in ("radius", "feeds"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "tocsin.toml").write_text(_CONFIG, "utf-8")
    (folder / "static.csv").write_text(
        "network,account\n" + "".join(f"{address},{account}\n" for account, address in STATIC.items()), "utf-8"
    )
    (folder / "prefixes.csv").write_text(
        "prefix,origin,country,abuse_contact\n"
        "198.51.100.0/24,64500,JP,abuse@isp.example\n203.0.113.0/24,64500,JP,abuse@isp.example\n",
        "utf-8",
    )
    (folder / "subscribers.csv").write_text("".join(_subscribers()), "utf-8")
    _write_detail(folder, 1, hours=(8, 12.75))
    sinkhole = [(9.5, DYNAMIC[f"u{n:02}@isp.example"], 40_000 + n) for n in (1, 2, 3)]
    sinkhole += [(10, STATIC["s01@isp.example"], 40_010), (11, "198.51.100.99", 40_011), (11.5, "not-an-address", 1)]
    write_sinkhole(folder / "feeds" / "1-event4_sinkhole.csv", sinkhole)


def more(folder: Path) -> None:
    """What comes in between the two runs; among it a line that is late, and makes an earlier answer doubtful."""
    late = _record(9, "u03@isp.example", "198.51.100.60", "Start", "late-1", 0)
    _write_detail(folder, 2, hours=(12.75, 13.75), before=late)
    _write_telnet(folder / "feeds" / "2-scan_telnet.csv", [(13, DYNAMIC["u04@isp.example"])])
    write_sinkhole(
        folder / "feeds" / "2-event4_sinkhole.csv",
        [(9.5, DYNAMIC["u01@isp.example"], 40_001), (12.9, STATIC["s02@isp.example"], 40_020)],
    )


def live_on(folder: Path, first: int, last: int) -> None:
    """So many days after the first: the lines stay on, and the sinkhole tells of an address that is nobody's."""
    _write_detail(folder, 10 + first, hours=(24 * first - 10.25, 24 * last + 14.5))
    for day in range(first, last + 1):
        write_sinkhole(folder / "feeds" / f"day-{day}-event4_sinkhole.csv", [(24 * day + 4, "198.51.100.99", 40_011)])


def write_sinkhole(path: Path, seen: list[tuple[float, str, int]]) -> None:
    """Rows of Shadowserver's sinkhole report: (hour of the day, address, port)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_SINKHOLE)
        for hour, address, port in seen:
            seen_by = ("192.0.2.8", 80, "mirai", "mirai", "mirai", f"S-{int(hour * 100)}-{port}")
            rows.writerow((_stamp(hour), "tcp", address, port, 64500, "JP", "", "", "", *seen_by))


def _write_telnet(path: Path, seen: list[tuple[float, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_TELNET)
        for hour, address in seen:
            rows.writerow((_stamp(hour), address, "tcp", 23, "", "telnet", 64500, "JP", "", "", "login:"))


def _subscribers() -> Iterator[str]:
    yield "subscriber,account,name,email,language,zone,line,line_id,starts_at,ends_at\n"
    for number, account in enumerate((*DYNAMIC, *STATIC)):
        language, zone = ("ja", "Asia/Tokyo") if number % 3 == 2 else ("en", "Europe/London")
        yield (
            f"C-{number:03},{account},Robin Example {number},robin{number}@post.example,{language},{zone},"
            f"00-5550-{number:04},,2020-01-01T00:00:00Z,\n"
        )


def _write_detail(folder: Path, number: int, *, hours: tuple[float, float], before: str = "") -> None:
    """Sessions that began before the log, reporting every half hour."""
    first, last = (int(hour * 3600) for hour in hours)
    records = [before]
    for second in range(first, last, INTERIM_S):
        for place, (account, address) in enumerate(DYNAMIC.items()):
            hour = (second + place * 60) / 3600
            records.append(_record(hour, account, address, "Interim-Update", f"{place:08X}", second - 3600))
    (folder / "radius" / f"detail-{number}").write_text("".join(records), "utf-8")


def _record(hour: float, account: str, address: str, status: str, session: str, session_s: int) -> str:
    at = DAY + timedelta(hours=hour)
    return (
        f'{at:%a %b %d %H:%M:%S %Y}\n\tUser-Name = "{account}"\n\tNAS-IP-Address = 100.64.0.1\n'
        f'\tFramed-IP-Address = {address}\n\tAcct-Session-Id = "{session}"\n\tAcct-Status-Type = {status}\n'
        f"\tAcct-Session-Time = {session_s}\n\tAcct-Delay-Time = 0\n\tTimestamp = {int(at.timestamp())}\n\n"
    )


def _stamp(hour: float) -> str:
    return f"{DAY + timedelta(hours=hour):%Y-%m-%d %H:%M:%S}"
