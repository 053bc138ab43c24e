"""Tables of delivery: attempts, bounces, replies."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata

deliveries = sa.Table(  # the queue: a row for each queued notice, gone once its fate is known
    "deliveries",
    metadata,
    Column("notice", sa.String(24), ForeignKey("notices.notice"), primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("tries", sa.Integer, nullable=False),  # attempts that ended with "later"
    Column("claimed_by", sa.String(100)),  # the process that delivers it now
    Column("claimed_until", Moment),  # by the wall clock: after that it is taken from whoever holds it
    Index(None, "due_at"),
)

attempts = sa.Table(  # every conversation about a notice, for whoever asks what became of it
    "attempts",
    metadata,
    Column("notice", sa.String(24), ForeignKey("notices.notice"), primary_key=True),
    Column("number", sa.Integer, primary_key=True),
    Column("server", sa.String(300), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("dot_at", Moment),
    Column("ended_at", Moment),
    Column("outcome", sa.String(20)),  # a DeliveryResult, or `lost`; absent: it goes on, or its process died
    Column("code", sa.Integer),  # SMTP's reply code
    Column("enhanced", sa.String(12)),  # RFC 3463
    Column("reason", sa.String(300)),
)

arrivals = sa.Table(  # mails that came back, but those that have nothing to do with any notice
    "arrivals",
    metadata,
    Column("arrival", sa.String(64), primary_key=True),  # SHA-256 of its bytes
    Column("notice", sa.String(24), ForeignKey("notices.notice"), nullable=False),
    Column("kind", sa.String(20), nullable=False),  # bounce | reply | automatic | feedback
    Column("found_by", sa.String(20), nullable=False),  # verp | envelope-id | message-id | code
    Column("received_at", Moment, nullable=False),
    Column("sender", sa.String(320), nullable=False),
    Column("subject", sa.String(300), nullable=False),
    Column("said", sa.String(300), nullable=False),  # in a line, for the case's time line
    Column("raw", sa.LargeBinary),  # absent once it has been kept for long enough
    Index(None, "notice"),
    Index(None, "received_at"),
)

bounces = sa.Table(  # what a delivery status notification says of each recipient
    "bounces",
    metadata,
    Column("arrival", sa.String(64), ForeignKey("arrivals.arrival"), primary_key=True),
    Column("number", sa.Integer, primary_key=True),
    Column("recipient", sa.String(320), nullable=False),
    Column("action", sa.String(20), nullable=False),  # RFC 3464's words, or `unrecognised`
    Column("status", sa.String(12)),
    Column("diagnostic", sa.String(300)),
    Column("is_hard", sa.Boolean, nullable=False),
)

replies = sa.Table(  # what a person wrote back: read it as hostile text
    "replies",
    metadata,
    Column("arrival", sa.String(64), ForeignKey("arrivals.arrival"), primary_key=True),
    Column("text", sa.Text, nullable=False),
    Column("seen_at", Moment),  # when somebody at the desk took note of it
    Column("seen_by", sa.String(100)),
)

mailboxes = sa.Table(  # how far a mailbox has been read
    "mailboxes",
    metadata,
    Column("mailbox", sa.String(300), primary_key=True),
    Column("uid_validity", sa.BigInteger, nullable=False),
    Column("uid", sa.BigInteger, nullable=False),
)
