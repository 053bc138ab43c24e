"""Every table of the book, on one page. Alembic's migrations make them; a test holds the two alike."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint

from tocsin.book.columns import Moment

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- what has come in, and which files exist ----------------------------------------------------------------

evidence = sa.Table(
    "evidence",
    metadata,
    Column("sha256", sa.String(64), primary_key=True),
    Column("source", sa.String(100), primary_key=True),  # a source's or a log's name
    Column("reader", sa.String(40), primary_key=True),
    Column("name", sa.String(300), nullable=False),
    Column("bytes", sa.BigInteger, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("batch", sa.String(40)),  # absent until it has been read to its end
    Column("records", sa.BigInteger),  # sightings or lease events
    Column("pieces", sa.BigInteger),  # records that an earlier evidence had already
    Column("rejects", sa.BigInteger),
    Index(None, "source", "received_at"),
)

batches = sa.Table(
    "batches",
    metadata,
    Column("batch", sa.String(40), primary_key=True),
    Column("kind", sa.String(20), nullable=False),
    Column("made_at", Moment, nullable=False),
)

files = sa.Table(
    "files",
    metadata,
    Column("path", sa.String(200), primary_key=True),  # below <data>/lake
    Column("batch", sa.String(40), ForeignKey("batches.batch"), nullable=False),
    Column("table_name", sa.String(20), nullable=False),
    Column("day", sa.Date, nullable=False),
    Column("rows", sa.BigInteger, nullable=False),
    Column("schema_number", sa.Integer, nullable=False),
    Index(None, "table_name", "day"),
)

writer_leases = sa.Table(
    "writer_leases",
    metadata,
    Column("table_name", sa.String(20), primary_key=True),
    Column("holder", sa.String(80), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("fence", sa.BigInteger, nullable=False),
)

made = sa.Table(  # which inputs a day of a derived table was made from
    "made",
    metadata,
    Column("table_name", sa.String(20), primary_key=True),
    Column("day", sa.Date, primary_key=True),
    Column("inputs", sa.String(64), nullable=False),
    Column("generation", sa.String(40), nullable=False),
)

sources = sa.Table(
    "sources",
    metadata,
    Column("name", sa.String(100), primary_key=True),  # a source's or a log's name
    Column("first_at", Moment, nullable=False),  # the run that met it first: that run is dry for it
)

source_days = sa.Table(  # what a source brought in, by the day of the run: its usual volume and mix
    "source_days",
    metadata,
    Column("source", sa.String(100), primary_key=True),
    Column("run_at", Moment, primary_key=True),
    Column("sightings", sa.BigInteger, nullable=False),
    Column("outcomes", sa.Text, nullable=False),  # JSON: outcome to count
    Index(None, "run_at"),
)

runs = sa.Table(
    "runs",
    metadata,
    Column("at", Moment, primary_key=True),
    Column("summary", sa.Text, nullable=False),  # JSON; a row stands only for a run that reached its end
)

# --- who the subscribers are ---------------------------------------------------------------------------------

accounts = sa.Table(
    "accounts",
    metadata,
    Column("number", sa.Integer, primary_key=True),
    Column("name", sa.String(255), nullable=False, unique=True),  # the login in the binding logs
)

subscribers = sa.Table(
    "subscribers",
    metadata,
    Column("number", sa.Integer, primary_key=True),
    Column("ref", sa.String(100), nullable=False, unique=True),  # the provider's customer number
)

contracts = sa.Table(  # whose account it was, from when until when
    "contracts",
    metadata,
    Column("number", sa.Integer, primary_key=True),
    Column("subscriber", sa.Integer, ForeignKey("subscribers.number"), nullable=False),
    Column("account", sa.Integer, ForeignKey("accounts.number"), nullable=False),
    Column("name", sa.String(300), nullable=False),
    Column("email", sa.String(320), nullable=False),
    Column("language", sa.String(10), nullable=False),
    Column("zone", sa.String(60), nullable=False),
    Column("line", sa.String(60), nullable=False),
    Column("line_id", sa.String(200)),  # the account's usual circuit id or NAS port
    Column("phone", sa.String(20)),  # E.164; absent, as the next four, where the subscriber file does not say
    Column("postal_address", sa.String(500)),  # its lines, the name not among them
    Column("line_kind", sa.String(10)),  # private | business
    Column("care_alarm", sa.Boolean),  # somebody's emergency call hangs on the line
    Column("medical", sa.Boolean),  # a doctor's flag: a device that somebody's health needs
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment),
    Index(None, "account", "starts_at"),
    Index(None, "subscriber"),
    Index(None, "line"),
    Index(None, "line_id"),
)

# --- cases ---------------------------------------------------------------------------------------------------

case_days = sa.Table(  # what the lake says of a subscriber's trouble on one day, from one source by one log
    "case_days",
    metadata,
    Column("subscriber", sa.Integer, ForeignKey("subscribers.number"), primary_key=True),
    Column("kind", sa.String(40), primary_key=True),
    Column("malware", sa.String(200), primary_key=True),  # '' where the source named none
    Column("role", sa.String(20), primary_key=True),
    Column("day", sa.Date, primary_key=True),
    Column("source", sa.String(100), primary_key=True),
    Column("account", sa.Integer, primary_key=True, autoincrement=False),
    Column("log", sa.String(100), primary_key=True),  # the log of the bindings that it rests on
    Column("sightings", sa.BigInteger, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("last_sighting", sa.String(36), nullable=False),
    Column("address", sa.String(45), nullable=False),  # of the last sighting, as are the next five
    Column("port", sa.Integer),
    Column("protocol", sa.String(20)),
    Column("peer_address", sa.String(45)),
    Column("peer_port", sa.Integer),
    Column("source_ref", sa.String(200)),
    Column("observers", sa.Text, nullable=False),  # JSON, sorted: who saw it first; two mirrors of one count once
    Column("generation", sa.String(64), nullable=False),
    Index(None, "day"),
    Index(None, "address", "day"),
)

cases = sa.Table(
    "cases",
    metadata,
    Column("case", sa.String(20), primary_key=True),
    Column("subscriber", sa.Integer, ForeignKey("subscribers.number"), nullable=False),
    Column("kind", sa.String(40), nullable=False),
    Column("malware", sa.String(200), nullable=False),
    Column("role", sa.String(20), nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("sightings", sa.BigInteger, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Index(None, "subscriber"),
    *(  # the desk's lists: a state, at most one more filter, an order (book/case_list.py)
        Index(None, "state", *also, *order)
        for also in ([], ["kind"], ["malware"])
        for order in (["last_at", "case", "opened_at"], ["opened_at", "case"], ["sightings", "case"])
    ),
    UniqueConstraint("subscriber", "kind", "malware", "role", "opened_at"),
)

case_moves = sa.Table(
    "case_moves",
    metadata,
    Column("case", sa.String(20), ForeignKey("cases.case"), primary_key=True),
    Column("number", sa.Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("state", sa.String(20), nullable=False),  # the state it moved to
    Column("actor", sa.String(100), nullable=False),
    Column("reason", sa.String(300), nullable=False),
)

holds = sa.Table(  # a brake that stopped notices, until somebody releases it
    "holds",
    metadata,
    Column("hold", sa.String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("brake", sa.String(40), nullable=False),
    Column("source", sa.String(100)),
    Column("reason", sa.String(300), nullable=False),
    Column("notices", sa.Integer, nullable=False),  # how many it stopped
    Column("released_at", Moment),
    Column("released_by", sa.String(100)),
    Column("spent_at", Moment),  # when the notices that the release let go were decided
)

# --- notices -------------------------------------------------------------------------------------------------

notices = sa.Table(  # the outbox: a decision, then its bytes, then its deliveries
    "notices",
    metadata,
    Column("notice", sa.String(24), primary_key=True),
    Column("subscriber", sa.Integer, ForeignKey("subscribers.number"), nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("facts", sa.Text, nullable=False),  # canonical JSON, frozen
    Column("code_sha256", sa.String(64), nullable=False, unique=True),
    Column("channel", sa.String(10), nullable=False, server_default="mail"),  # mail | sms | letter | call | webhook
    Column("state", sa.String(20), nullable=False),  # decided | queued | sent | refused | uncertain | bounced
    Column("reason", sa.String(300)),
    Column("message_id", sa.String(200), unique=True),
    Column("envelope_from", sa.String(320)),
    Column("raw", sa.LargeBinary),
    Column("dot_at", Moment),
    Column("sent_at", Moment),
    Column("read_at", Moment),  # when it is first known that somebody has it
    Column("read_by", sa.String(10)),  # how that is known: code | phone | reply | garden
    Column("letter_version", sa.String(20)),  # of the texts that it was written with; absent until it is composed
    Index(None, "subscriber", "decided_at"),
    Index(None, "decided_at", "state"),
    Index(None, "state"),
)

notice_cases = sa.Table(
    "notice_cases",
    metadata,
    Column("notice", sa.String(24), ForeignKey("notices.notice"), primary_key=True),
    Column("case", sa.String(20), ForeignKey("cases.case"), primary_key=True),
    Index(None, "case"),
)

# --- who looked ----------------------------------------------------------------------------------------------

audit = sa.Table(  # append-only; each row's hash covers the row before it
    "audit",
    metadata,
    Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", sa.String(100), nullable=False),
    Column("action", sa.String(40), nullable=False),
    Column("object", sa.String(300), nullable=False),
    Column("reason", sa.String(300), nullable=False),
    Column("hash", sa.String(64), nullable=False),
)
