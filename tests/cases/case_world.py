"""A small provider: who its subscribers are, what was seen on their lines, and one moment at which all is decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_DNS, uuid5

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.book.quiet_days import LineDay
from tocsin.cases.decide import Decision, Withheld, decide
from tocsin.cases.follow import follow
from tocsin.cases.freeze import Sender
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import Reason
from tocsin.cases.rules import Standing, View
from tocsin.cases.silence import Watch
from tocsin.terms.roles import CASE_ROLES, Trust

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SENDER = Sender(domain="isp.example", name="Example Broadband", secret=b"s" * 32)
TRUST = {"own": Trust.OWN, "cert": Trust.KNOWN, "alice": Trust.STRANGER, "bob": Trust.STRANGER}
TITLES = {"cert": "National CERT"}
SENDING = Policy(send=True)


def seen(at: datetime = AT - HOUR, **fields: object) -> CaseDay:
    """One day of trouble whose last sighting was at `at`."""
    source = str(fields.get("source", "cert"))
    name = f"{source} {at} {sorted((key, str(value)) for key, value in fields.items())}"
    values: dict[str, object] = {
        "subscriber": 1,
        "kind": "infected-system",
        "malware": "mirai",
        "role": "infected",
        "day": at.date(),
        "source": source,
        "account": 10,
        "log": "radius",
        "sightings": 1,
        "first_at": at,
        "last_at": at,
        "last_sighting": str(uuid5(NAMESPACE_DNS, name)),
        "observers": (source,),
        "generation": "g1",
        "address": "192.0.2.7",
        "port": 40_000,
    }
    return msgspec.convert(values | fields, CaseDay)


def contract(**fields: object) -> Contract:
    values: dict[str, object] = {
        "number": 100,
        "subscriber": 1,
        "account": 10,
        "name": "Asha Rao",
        "email": "asha@mail.example",
        "language": "en",
        "zone": "Asia/Kolkata",
        "line": "L-00004711",
        "starts_at": datetime(2025, 1, 1, tzinfo=UTC),
    }
    return Contract(**(values | fields))  # type: ignore[arg-type]


def opened(days: Sequence[CaseDay], *, at: datetime = AT, policy: Policy = SENDING) -> list[Case]:
    """The cases that these days open; also, as no run would, those of roles that may open none."""
    refs = {day.subscriber: f"K-{day.subscriber}" for day in days}
    found: list[Case] = []
    for role in sorted({day.role for day in days}):
        stand_in = role if role in CASE_ROLES else "infected"
        these = [msgspec.structs.replace(day, role=stand_in) for day in days if day.role == role]
        changes = follow([], these, {}, refs, at=at, policy=policy)
        named = [f"{change.after.case}{'' if role in CASE_ROLES else role}" for change in changes]
        found += [
            msgspec.structs.replace(change.after, role=role, case=name)
            for change, name in zip(changes, named, strict=True)
        ]
    return found


def standing(*days: CaseDay, **fields: object) -> Standing:
    """Subscriber 1 with cases opened by these days (as of the first of them) and one contract."""
    first = min((day.first_at for day in days), default=AT)
    values: dict[str, object] = {
        "subscriber": 1,
        "ref": "K-1",
        "cases": opened(days, at=first),
        "days": days,
        "contracts": [contract()],
    }
    return Standing(**(values | fields))  # type: ignore[arg-type]


def view(**fields: object) -> View:
    values: dict[str, object] = {
        "at": AT,
        "policy": SENDING,
        "trust": TRUST,
        "titles": TITLES,
        "seasoned": frozenset({*TRUST, "radius", "static"}),
    }
    return View(**(values | fields))  # type: ignore[arg-type]


def verdict(these: Standing, **fields: object) -> Decision | Withheld:
    return decide(these, view(**fields), SENDER)


def reason(these: Standing, **fields: object) -> Reason | None:
    """Why there is no notice; None when there is one."""
    found = verdict(these, **fields)
    return found.reason if isinstance(found, Withheld) else None


def facts_of(found: Decision | Withheld) -> Decision:
    assert isinstance(found, Decision), found
    return found


def watch(until: datetime, *, sources: Sequence[str] = ("cert",), days: int = 120) -> Watch:
    """Each of so many days before then the sources delivered, the logs were whole, and subscribers 1 and 2 were on."""
    these = [(until - number * DAY).date() for number in range(days)]
    lines = {
        subscriber: {
            day: LineDay(subscriber=subscriber, day=day, accounts="10", held_s=86_400, blind_s=0) for day in these
        }
        for subscriber in (1, 2)
    }
    return Watch(delivered={source: frozenset(these) for source in sources}, lines=lines)


def utc_date(day: int) -> date:
    return date(2026, 11, day)
