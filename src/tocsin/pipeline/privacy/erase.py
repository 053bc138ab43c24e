"""Erasing a subscriber. Asked for in one transaction, done in another; whatever is killed in between is finished later.

The sightings of their line go. The lease events stay without account and line: that somebody held the address then is
what keeps others from being taken for them. In the book everything that refers to them goes. The audit keeps its
lines, and nobody can say any more whom they mean. The unchanged evidence goes by its own retention.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from tocsin.book import Transaction, audit, subject
from tocsin.book.subject import Erasure
from tocsin.engine import read_sql
from tocsin.lake.lake import Batch
from tocsin.notices.deliver import maildir_name
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House
from tocsin.pipeline.privacy.subject import traces
from tocsin.terms.errors import BadRequest
from tocsin.terms.identity import digest

KIND = "erase"  # of the job
TABLES = ("attributions", "bindings", "flows", "lease_events", "pieces", "rejects", "sightings")
_KEY = {"sightings": "id", "pieces": "sighting", "attributions": "sighting", "flows": "sighting"}


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What one erasure has touched in the lake."""

    sightings: int
    days: int


def ask(house: House, ref: str, *, reason: str, actor: str | None = None) -> Erasure:
    """Note that this subscriber is to be erased. Asked twice it is the same erasure.

    BadRequest when no subscriber has that customer number, or when nobody says why.
    """
    if not reason.strip():
        raise BadRequest("nobody says why", remedy="give a reason: it is written to the audit")
    with house.book.write() as tx:
        number = subject.number_of(tx, ref)
        if number is None:
            raise BadRequest(f"no subscriber has the customer number {ref!r:.80}")
        by = actor or worker()
        audit.append(tx, at=house.now, actor=by, action="erase", object=ref, reason=reason, subscriber=number)
        return subject.begin_erasure(tx, number, list(subject.accounts_of(tx, number)), at=house.now, by=by)


def finish(house: House, this: Erasure) -> Erased:
    """Do what was asked for, from wherever an earlier attempt has come to. Busy while another process writes."""
    with house.book.read() as tx:
        known = subject.find_erasure(tx, this.subscriber)
        forgotten = subject.is_forgotten(tx, this.subscriber)
    assert known is not None
    erased = Erased(sightings=0, days=0) if forgotten else _forget(house, known)
    with house.lake.writing(*TABLES):  # the files that nothing lists any more are deleted as this begins
        pass
    with house.book.write() as tx:
        subject.end_erasure(tx, this.subscriber, house.now)
    return erased


def _forget(house: House, known: Erasure) -> Erased:
    """The mails, then lake and book in one transaction."""
    with house.book.read() as tx:
        names = subject.names_of(tx, {old for old, _ in known.accounts})
        message_ids = subject.message_ids_of(tx, known.subscriber)
    _remove_mails(house.maildir, message_ids)
    with house.lake.writing(*TABLES) as writing:
        name = f"erase-{known.subscriber}-{digest(*sorted(_paths(house)))[:12]}"
        batch = writing.batch(name, kind="erase", at=house.now)
        erased = _rewrite(house, batch, known, sorted(names.values()))

        def forget(tx: Transaction) -> None:
            subject.erase(tx, known)

        batch.commit(also=forget)
    return erased


def finish_all(house: House) -> int:
    """Every erasure that was begun; how many they were."""
    with house.book.read() as tx:
        waiting = subject.unfinished(tx)
    for each in waiting:
        finish(house, each)
    return len(waiting)


def _rewrite(house: House, batch: Batch, this: Erasure, names: list[str]) -> Erased:
    with house.book.read() as tx:
        others = subject.others_spans(tx, this.subscriber, [old for old, _ in this.accounts])
    with traces(house, this.subscriber, this.accounts, others):
        days = [day for (day,) in house.engine.rows("SELECT DISTINCT day FROM subject_sightings ORDER BY day")]
        [(sightings,)] = house.engine.rows("SELECT count(*) FROM subject_sightings")
        touched = {day for day in days if isinstance(day, date)}
        for day in sorted(touched):
            _without_sightings(house, batch, day)
        for table, query in (("lease_events", "erased_events"), ("bindings", "erased_bindings")):
            for day in _days_with_accounts(house, table):
                touched.add(day)
                _replaced(house, batch, table, day, read_sql(__package__, query))
    for day in _days_of_rejects(house, names):
        touched.add(day)
        keep = "SELECT * FROM old WHERE NOT list_bool_or(list_transform($names, lambda name: contains(excerpt, name)))"
        _replaced(house, batch, "rejects", day, keep, names=names)
    return Erased(sightings=int(str(sightings)), days=len(touched))


def _without_sightings(house: House, batch: Batch, day: date) -> None:
    for table, key in _KEY.items():
        _replaced(house, batch, table, day, f"SELECT old.* FROM old ANTI JOIN subject_sightings e ON e.id = old.{key}")


def _replaced(house: House, batch: Batch, table: str, day: date, query: str, **params: list[str]) -> None:
    """The day's files become one, which holds what the query makes of the view `old`."""
    house.engine.run(f"CREATE OR REPLACE TEMP VIEW old AS SELECT * FROM {house.lake.scan(table, [day])}")
    batch.replace(table, [day])
    batch.add(table, day, query, **params)
    house.engine.run("DROP VIEW old")


def _days_with_accounts(house: House, table: str) -> Iterator[date]:
    for day in house.lake.days(table):
        relation = house.lake.scan(table, [day])
        if house.engine.rows(f"SELECT 1 FROM {relation} SEMI JOIN subject_accounts USING (account) LIMIT 1"):
            yield day


def _days_of_rejects(house: House, names: list[str]) -> Iterator[date]:
    """An unreadable line may show a login."""
    for day in house.lake.days("rejects") if names else []:
        relation = house.lake.scan("rejects", [day])
        shows = "list_bool_or(list_transform($names, lambda name: contains(excerpt, name)))"
        if house.engine.rows(f"SELECT 1 FROM {relation} WHERE {shows} LIMIT 1", names=names):
            yield day


def _paths(house: House) -> list[str]:
    return [file.path for table in TABLES for file in house.lake.files(table)]


def _remove_mails(maildir: Path, message_ids: list[str]) -> None:
    """Notices that stand in the outbox; a reader may have added flags to their names."""
    wanted = {maildir_name(each) for each in message_ids}
    for folder in ("new", "cur"):
        for path in (maildir / folder).glob("*") if wanted else ():
            if path.name.partition(":")[0] in wanted:
                path.unlink(missing_ok=True)
