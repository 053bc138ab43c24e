"""The table of the walled garden: who was asked to be put there, by whom, where his session was, how he got out."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata

quarantines = sa.Table(
    "quarantines",
    metadata,
    Column("quarantine", sa.String(20), primary_key=True),
    Column("case", sa.String(20), ForeignKey("cases.case", ondelete="CASCADE"), nullable=False),
    Column("subscriber", sa.Integer, ForeignKey("subscribers.number", ondelete="CASCADE"), nullable=False),
    Column("account", sa.Integer, nullable=False),
    Column("state", sa.String(20), nullable=False),  # book/quarantines.py draws them
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", sa.String(100), nullable=False),
    Column("reason", sa.String(300), nullable=False),
    Column("approved_at", Moment),
    Column("approved_by", sa.String(100)),
    Column("by_person", sa.Boolean, nullable=False),  # a person approved it, not a policy
    Column("nas", sa.String(253)),  # of the session to which it was done, as are the next two
    Column("session", sa.String(253)),
    Column("address", sa.String(45)),
    Column("starts_at", Moment),  # when the access server said that it was done
    Column("ends_at", Moment),  # then it ends by itself
    Column("due_at", Moment),  # when it is tried again
    Column("tries", sa.Integer, nullable=False),
    Column("error", sa.String(300)),  # what the access server, or the look before, said against it
    Column("way", sa.String(20)),  # out: self | clerk | desk | quiet | time | withdrawn
    Column("release_reason", sa.String(300)),
    Column("released_by", sa.String(100)),
    Column("release_asked_at", Moment),
    Column("released_at", Moment),
    Index(None, "state"),
    Index(None, "subscriber", "asked_at"),
    Index(None, "case"),
)
