"""Tables of reports to networks: what was sent to whom, about which addresses."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata

reports = sa.Table(
    "reports",
    metadata,
    Column("report", sa.String(24), primary_key=True),  # R-…, as it stands in the subject
    Column("contact", sa.String(320), nullable=False),
    Column("composed_at", Moment, nullable=False),
    Column("message_id", sa.String(200), nullable=False),
    Column("envelope_from", sa.String(320), nullable=False),
    Column("raw", sa.LargeBinary, nullable=False),
    Column("state", sa.String(20), nullable=False),  # waiting | sent | refused | bounced | uncertain
    Column("dot_at", Moment),  # from then on it may have left (RFC 5321 §4.1.1.4)
    Column("ended_at", Moment),
    Column("said", sa.String(300)),
    Index(None, "contact"),
    Index(None, "state"),
)

report_addresses = sa.Table(
    "report_addresses",
    metadata,
    Column("report", sa.String(24), ForeignKey("reports.report"), primary_key=True),
    Column("address", sa.String(45), primary_key=True),
    Column("kind", sa.String(40), primary_key=True),
    Column("last_at", Moment, nullable=False),
    Index(None, "address"),
)

report_references = sa.Table(
    "report_references",
    metadata,
    Column("reference", sa.String(36), primary_key=True),  # a sighting's id, or what else the report calls it
    Column("report", sa.String(24), ForeignKey("reports.report"), primary_key=True),
)
