"""Tables of the portal and the phone: who came and what he proved, what people said of a notice, reported fakes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata

visits = sa.Table(  # a browser at the portal, for as long as it takes to prove something; never who it is
    "visits",
    metadata,
    Column("visit", sa.String(64), primary_key=True),  # SHA-256 of what its cookie holds
    Column("started_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("notice", sa.String(24), ForeignKey("notices.notice", ondelete="CASCADE")),  # whose code was typed
    Column("address", sa.String(45)),  # that it came from when it asked about its connection
    Column("asked_at", Moment),
    Column("answer", sa.Text),  # JSON: what may be told by the address alone
    Column("mail_digest", sa.String(64)),  # of the number that was mailed to the contract's address
    Column("mail_at", Moment),  # when that mail was asked for
    Column("tries", sa.Integer, nullable=False),  # of that number
    Column(
        "subscriber", sa.Integer, ForeignKey("subscribers.number", ondelete="CASCADE")
    ),  # whose line or mail it has proved to have
    Column("proven_by", sa.String(10)),  # line | mail
    Column("proven_at", Moment),
    Index(None, "ends_at"),
    Index(None, "notice"),
    Index(None, "address"),
)

statements = sa.Table(  # what people said of their notice; it moves no case, a person reads it
    "statements",
    metadata,
    Column("number", sa.Integer, primary_key=True),
    Column("notice", sa.String(24), ForeignKey("notices.notice", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", sa.String(20), nullable=False),  # did-it | objection | erase
    Column("text", sa.String(2000), nullable=False),
    Column("proven_by", sa.String(10), nullable=False),  # code | line | mail
    Column("read_at", Moment),  # when somebody at the desk took it up
    Column("read_by", sa.String(100)),
    Index(None, "notice"),
    Index(None, "read_at", "at"),
)

reported_fakes = sa.Table(  # what callers told the clerk of mails that were not ours; about the fake, never the caller
    "reported_fakes",
    metadata,
    Column("number", sa.Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", sa.String(100), nullable=False),  # the clerk, or `mail`
    Column("subject", sa.String(300), nullable=False),
    Column("sender", sa.String(300), nullable=False),
    Column("hosts", sa.String(2000), nullable=False),  # that its links lead to, one a line
    Column("phones", sa.String(300), nullable=False),  # that it tells one to ring, one a line
    Index(None, "at"),
)

mail_answers = sa.Table(  # mails that were sent in to be checked: no word of them, only that they were answered or not
    "mail_answers",
    metadata,
    Column("mail", sa.String(64), primary_key=True),  # HMAC of its bytes
    Column("sender", sa.String(64), nullable=False),  # HMAC of the address
    Column("at", Moment, nullable=False),
    Column("result", sa.String(30), nullable=False),  # answered, or why not
    Index(None, "sender", "at"),
    Index(None, "at"),
)
