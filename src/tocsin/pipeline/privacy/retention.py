"""What has been kept for long enough goes: days of the lake, evidence, cases that are over, mails, pseudonyms.

May be killed at any step and run again: each step is one transaction, and what it leaves on disk the next one sweeps.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from tocsin.book import Transaction, pseudonyms, retention, sessions
from tocsin.evidence.store import evidence_path
from tocsin.lake import UNDATED
from tocsin.pipeline.house import House
from tocsin.pipeline.privacy.erase import finish_all

KIND = "retention"  # of the job
_Step = Callable[[Transaction], int]
# Bindings are read for the days around a sighting's, and further back for "since when": they go later, so that no
# answer that stands is ever made again from half of what it rested on.
MARGIN_BY_TABLE = {"sightings": 0, "pieces": 0, "attributions": 0, "rejects": 0}
MARGIN_BY_TABLE |= {"bindings": 40, "coverage": 40, "lease_events": 40}


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """What went."""

    lake_days: int = 0
    evidence: int = 0
    cases: int = 0
    mails: int = 0
    visits: int = 0
    sessions: int = 0
    pseudonyms: int = 0
    erasures: int = 0


def retain(house: House) -> Removed:
    """Everything once. Busy while another process writes to the lake: what was done until then stays done."""
    kept, now = house.config.retention, house.now
    cases_before = now - timedelta(days=kept.cases_days)
    erased = finish_all(house)
    cases = 0
    while some := _in_book(house, lambda tx: retention.remove_cases(tx, cases_before)):
        cases += some
    _in_book(house, lambda tx: retention.remove_days(tx, cases_before))
    idle = timedelta(minutes=house.config.people.idle_minutes)
    return Removed(
        erasures=erased,
        cases=cases,
        mails=_in_book(house, lambda tx: retention.blank_mails(tx, now - timedelta(days=kept.mails_days))),
        visits=_in_book(house, lambda tx: retention.remove_visits(tx, now - timedelta(days=1))),
        sessions=_in_book(house, lambda tx: sessions.sweep(tx, at=now, seen_since=now - idle)),
        pseudonyms=_in_book(
            house, lambda tx: pseudonyms.destroy_before(tx, now - timedelta(days=kept.pseudonyms_days))
        ),
        evidence=_evidence(house),
        lake_days=_lake(house),
    )


def do(house: House, payload: bytes) -> bytes:
    """The job."""
    return msgspec.json.encode(retain(house))


def do_erase(house: House, payload: bytes) -> bytes:
    """The job that follows an erasure asked for at the desk."""
    return msgspec.json.encode({"erased": finish_all(house)})


def _in_book(house: House, step: _Step) -> int:
    with house.book.write() as tx:
        return step(tx)


def _evidence(house: House) -> int:
    """Its row stays: what was read once is not read again."""
    with house.book.read() as tx:
        old = retention.old_evidence(tx, house.now - timedelta(days=house.config.retention.evidence_days))
    there = [path for path in (evidence_path(house.data, sha256) for sha256 in old) if path.exists()]
    for path in there:
        path.unlink(missing_ok=True)
    return len(there)


def _lake(house: House) -> int:
    last = (house.now - timedelta(days=house.config.lake.retention_days)).date()
    old = {table: _older(house, table, last - timedelta(days=days)) for table, days in MARGIN_BY_TABLE.items()}
    # Flows have a retention of their own; where nobody may look at flows any more it is 0, and they go.
    flows = (house.now - timedelta(days=house.config.traffic.retention_days)).date()
    old["flows"] = _older(house, "flows", max(last, flows))
    gone = {day for days in old.values() for day in days}
    if not gone:
        return 0
    with house.lake.writing(*old) as writing:
        batch = writing.batch(f"retention-{last:%Y%m%d}", kind="retention", at=house.now)
        for table, days in old.items():
            batch.replace(table, days)
        batch.commit()
    with house.lake.writing(*old):  # the files that nothing lists any more are deleted as this begins
        pass
    return len(gone)


def _older(house: House, table: str, first: date) -> list[date]:
    return [day for day in house.lake.days(table) if UNDATED < day < first]
