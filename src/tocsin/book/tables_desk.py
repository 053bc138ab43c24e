"""Tables of the desk: what cases are listed by, notes, saved views, verdicts, uploads, jobs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata


def _of_case() -> ForeignKey:
    """What is said of a case goes when the case is erased."""
    return ForeignKey("cases.case", ondelete="CASCADE")


case_sources = sa.Table(  # which sources ever spoke of a case; the case's own columns again, so that lists need no join
    "case_sources",
    metadata,
    Column("case", sa.String(20), _of_case(), primary_key=True),
    Column("source", sa.String(100), primary_key=True),
    Column("state", sa.String(20), nullable=False),
    Column("kind", sa.String(40), nullable=False),
    Column("malware", sa.String(200), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("sightings", sa.BigInteger, nullable=False),
    # Kind and malware last, so that a list by source and kind looks at the index alone.
    Index("ix_case_sources_seen", "source", "state", "last_at", "case", "opened_at", "kind", "malware"),
    Index("ix_case_sources_opened", "source", "state", "opened_at", "case", "kind", "malware"),
    Index("ix_case_sources_sightings", "source", "state", "sightings", "case", "kind", "malware"),
)

case_notes = sa.Table(
    "case_notes",
    metadata,
    Column("note", sa.String(24), primary_key=True),
    Column("case", sa.String(20), _of_case(), nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", sa.String(100), nullable=False),
    Column("audience", sa.String(20), nullable=False),  # colleagues | subscriber
    Column("text", sa.String(4000), nullable=False),
    Index(None, "case", "at"),
)

case_views = sa.Table(  # a list that somebody wants to see again
    "case_views",
    metadata,
    Column("person", sa.String(100), primary_key=True),
    Column("name", sa.String(60), primary_key=True),
    Column("query", sa.String(1000), nullable=False),  # of the list's address
    Column("at", Moment, nullable=False),
)

verdicts = sa.Table(  # what a person found of a source's word, case by case
    "verdicts",
    metadata,
    Column("case", sa.String(20), _of_case(), primary_key=True),
    Column("source", sa.String(100), primary_key=True),
    Column("verdict", sa.String(20), nullable=False),  # false-positive
    Column("sightings", sa.BigInteger, nullable=False),
    Column("source_ref", sa.String(200)),  # the source's name for the last of them, to tell it by
    Column("at", Moment, nullable=False),
    Column("actor", sa.String(100), nullable=False),
    Column("reason", sa.String(300), nullable=False),
    Column("lifted_at", Moment),  # somebody has changed their mind
    Index(None, "source", "at"),
)

ticks = sa.Table(  # how often something has changed: whoever watches asks for one number
    "ticks",
    metadata,
    Column("name", sa.String(40), primary_key=True),
    Column("number", sa.BigInteger, nullable=False),
)

done_once = sa.Table(  # forms that have been acted on: a second click finds its form here
    "done_once",
    metadata,
    Column("form", sa.String(40), primary_key=True),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

# --- what the start page shows, counted when something has changed ---------------------------------------------

outcome_days = sa.Table(  # what became of the sightings of a day
    "outcome_days",
    metadata,
    Column("day", sa.Date, primary_key=True),
    Column("outcome", sa.String(20), primary_key=True),
    Column("reason", sa.String(60), primary_key=True),
    Column("sightings", sa.BigInteger, nullable=False),
)

log_reaches = sa.Table(  # how far each binding log has been read, and where it was silent
    "log_reaches",
    metadata,
    Column("log", sa.String(100), primary_key=True),
    Column("read_from", Moment),  # absent, as the next, of a list that holds for all of time
    Column("read_until", Moment),
    Column("gaps", sa.Text, nullable=False),  # JSON: [from, until] each, the newest last
)

# --- what was sent through the browser -------------------------------------------------------------------------

uploads = sa.Table(
    "uploads",
    metadata,
    Column("upload", sa.String(32), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("sent_by", sa.String(100), nullable=False),
    Column("source", sa.String(100), nullable=False),
    Column("reader", sa.String(80)),  # that was asked for; absent: it is recognised
    Column("name", sa.String(300), nullable=False),
    Column("bytes", sa.BigInteger, nullable=False),
    Column("sha256", sa.String(64), nullable=False),
    Column("state", sa.String(20), nullable=False),  # waiting | reading | read | refused
    Column("bytes_done", sa.BigInteger, nullable=False),
    Column("read_at", Moment),  # the clock of its reading: what it brought in bears the same
    Column("records", sa.BigInteger),
    Column("pieces", sa.BigInteger),
    Column("rejects", sa.BigInteger),
    Column("already", sa.Boolean),
    Column("read_as", sa.String(200)),
    Column("told", sa.Text),  # JSON: warnings; of one that was refused, why
    Index(None, "at"),
)

# --- work that a process behind the pages does -------------------------------------------------------------------

jobs = sa.Table(
    "jobs",
    metadata,
    Column("job", sa.String(32), primary_key=True),  # digest of its kind and key: the same is not asked for twice
    Column("kind", sa.String(30), nullable=False),
    Column("payload", sa.Text, nullable=False),  # JSON
    Column("state", sa.String(10), nullable=False),  # waiting | taken | done | failed
    Column("made_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("tries", sa.Integer, nullable=False),
    Column("claimed_by", sa.String(100)),  # the process that does it now
    Column("claimed_until", Moment),  # after that it is taken from whoever holds it
    Column("ended_at", Moment),
    Column("result", sa.Text, nullable=False),  # JSON of what was done; of one that failed or waits again, why
    Index(None, "state", "due_at"),
    Index(None, "kind", "made_at"),
)
