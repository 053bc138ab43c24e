"""Tables of what came back about reports: bounces and replies, and contacts that are written to again."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata

report_arrivals = sa.Table(
    "report_arrivals",
    metadata,
    Column("arrival", sa.String(64), primary_key=True),  # SHA-256 of its bytes
    Column("report", sa.String(24), ForeignKey("reports.report"), nullable=False),
    Column("kind", sa.String(20), nullable=False),  # bounce | reply | automatic | feedback
    Column("found_by", sa.String(20), nullable=False),  # verp | envelope-id | message-id | number
    Column("received_at", Moment, nullable=False),
    Column("sender", sa.String(320), nullable=False),
    Column("subject", sa.String(300), nullable=False),
    Column("said", sa.String(300), nullable=False),
    Column("is_hard", sa.Boolean, nullable=False),  # a bounce that says there is no such mailbox
    Column("text", sa.Text),  # what a person wrote: read it as hostile
    Column("raw", sa.LargeBinary),  # absent once it has been kept for long enough
    Index(None, "report"),
    Index(None, "received_at"),
)

report_contacts = sa.Table(  # contacts that a person has found to be alive again
    "report_contacts",
    metadata,
    Column("contact", sa.String(320), primary_key=True),
    Column("revived_at", Moment, nullable=False),  # what came back before that moment no longer counts
    Column("revived_by", sa.String(100), nullable=False),
)
