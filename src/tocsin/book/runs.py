"""Runs that reached their end, and what each source brought into each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables import batches, evidence, files, notices, runs, source_days

# Beside the outcomes, and no part of `sightings`: what shows that a source's columns or clock are not what they say.
FUTURE = "future"  # records that were rejected because they tell of the future
ONE_PORT = "one-port"  # clients of many addresses that are said to have used the same few ports
SIGNS = (FUTURE, ONE_PORT)


class SourceRun(msgspec.Struct, frozen=True, kw_only=True):
    """How much one source brought into one run, and what became of it: sightings by outcome."""

    source: str
    run_at: datetime
    sightings: int
    outcomes: dict[str, int]  # and SIGNS


def finish(tx: Transaction, at: datetime, summary: str) -> None:
    """Note that the run of that moment reached its end; `summary` is JSON."""
    tx.execute(runs.delete().where(runs.c.at == at))
    tx.execute(runs.insert().values(at=at, summary=summary))


def summary_of(tx: Transaction, at: datetime) -> str:
    """What the run of that moment did, as the book has it: a run that was killed and repeated says the same."""
    came = sa.select(sa.func.sum(evidence.c.records), sa.func.sum(evidence.c.rejects))
    records, rejects = tx.execute(came.where(evidence.c.received_at == at)).one()
    told = sa.select(sa.func.count()).select_from(notices)
    counts = {
        "records": int(records or 0),
        "rejects": int(rejects or 0),
        "decided": tx.execute(told.where(notices.c.decided_at == at)).scalar_one(),
        "sent": tx.execute(told.where(notices.c.sent_at == at)).scalar_one(),
    }
    return json.dumps(counts, separators=(",", ":"))


def finished(tx: Transaction) -> list[datetime]:
    """The moments of every run that reached its end, oldest first."""
    return list(tx.execute(sa.select(runs.c.at).order_by(runs.c.at)).scalars())


def last_finished(tx: Transaction) -> datetime | None:
    """The newest run that reached its end."""
    return tx.execute(sa.select(runs.c.at).order_by(runs.c.at.desc()).limit(1)).scalar_one_or_none()


def note_sources(tx: Transaction, counted: Sequence[SourceRun]) -> None:
    """What those runs brought from those sources; counted again, the new count stands."""
    for each in counted:
        same = (source_days.c.source == each.source) & (source_days.c.run_at == each.run_at)
        tx.execute(source_days.delete().where(same))
    if counted:
        tx.execute(source_days.insert(), [_values(each) for each in counted])


def source_runs(tx: Transaction) -> list[SourceRun]:
    """Every count, oldest first."""
    query = sa.select(source_days).order_by(source_days.c.run_at, source_days.c.source)
    return [SourceRun(**{**row, "outcomes": json.loads(row["outcomes"])}) for row in tx.execute(query).mappings()]


def source_runs_since(tx: Transaction, since: datetime) -> list[SourceRun]:
    """The counts of the runs since then, oldest first."""
    query = sa.select(source_days).where(source_days.c.run_at >= since)
    query = query.order_by(source_days.c.run_at, source_days.c.source)
    return [SourceRun(**{**row, "outcomes": json.loads(row["outcomes"])}) for row in tx.execute(query).mappings()]


def paths_by_run(tx: Transaction, table: str) -> dict[datetime, list[str]]:
    """The files of sightings or rejects that each run added by reading evidence, by the run's moment."""
    query = sa.select(batches.c.made_at, files.c.path).join(files, files.c.batch == batches.c.batch)
    query = query.where(files.c.table_name == table).order_by(batches.c.made_at, files.c.path)
    found: dict[datetime, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.made_at, []).append(row.path)
    return found


def _values(run: SourceRun) -> dict[str, object]:
    return {**msgspec.structs.asdict(run), "outcomes": json.dumps(run.outcomes, sort_keys=True)}
