"""Tables of the follow-up: the steps of each case, and which days of silence can be counted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata

steps = sa.Table(  # what a case's policy has called for, step by step; never changed once it is decided
    "steps",
    metadata,
    Column("case", sa.String(20), ForeignKey("cases.case", ondelete="CASCADE"), primary_key=True),
    Column("number", sa.Integer, primary_key=True),  # from 1, in the order in which they were decided
    Column("step", sa.Integer, nullable=False),  # its place in the policy, from 1
    Column("channel", sa.String(10), nullable=False),  # mail | sms | letter | call | webhook | garden
    Column("due_at", Moment, nullable=False),  # when its wait was over
    Column("decided_at", Moment, nullable=False),
    Column(
        "notice", sa.String(24), ForeignKey("notices.notice", ondelete="CASCADE")
    ),  # absent of a garden, and where nothing was done
    Column("reason", sa.String(300), nullable=False),  # why it was taken, or passed over
    Index(None, "notice"),
)

delivered_days = sa.Table(  # of which days a source has told anything, of anybody
    "delivered_days",
    metadata,
    Column("source", sa.String(100), primary_key=True),
    Column("day", sa.Date, primary_key=True),
    Column("sightings", sa.BigInteger, nullable=False),
    Index(None, "day"),
)

empty_deliveries = sa.Table(  # a source that has seen nothing said so: the bytes may be any day's, the name is new
    "empty_deliveries",
    metadata,
    Column("source", sa.String(100), primary_key=True),
    Column("name", sa.String(300), primary_key=True),
    Column("received_at", Moment, nullable=False),
)

line_days = sa.Table(  # for how long of a day something seen at a subscriber's line would have been known as theirs
    "line_days",
    metadata,
    Column("subscriber", sa.Integer, ForeignKey("subscribers.number", ondelete="CASCADE"), primary_key=True),
    Column("day", sa.Date, primary_key=True),
    Column("accounts", sa.Text),  # those that were theirs for all of the day: numbers, sorted, commas between them
    Column("held_s", sa.Integer, nullable=False),  # seconds that a binding held and its log covers
    Column("blind_s", sa.Integer, nullable=False),  # seconds that no log of the line covers
    Index(None, "day"),
)
