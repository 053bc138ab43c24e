"""Tables of people: who may sign in, their sessions and keys. Whatever opens a door stands here only as its digest."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata


def _of_person() -> ForeignKey:
    return ForeignKey("people.name", ondelete="CASCADE")


people = sa.Table(
    "people",
    metadata,
    Column("name", sa.String(100), primary_key=True),  # as typed at sign-in and written to the audit; lower case
    Column("role", sa.String(10), nullable=False),  # viewer | phone | agent | lead | admin
    Column("password", sa.String(200)),  # argon2id; absent until a link was used, and of who comes by OIDC alone
    Column("password_at", Moment),
    Column("totp", sa.LargeBinary),  # the second factor's secret, sealed; absent: there is none
    Column("totp_step", sa.BigInteger),  # the last time step that was used: a number opens once
    Column("oidc_issuer", sa.String(300)),
    Column("oidc_subject", sa.String(255)),
    Column("created_at", Moment, nullable=False),
    Column("created_by", sa.String(100), nullable=False),
    Column("disabled_at", Moment),
    Column("disabled_by", sa.String(100)),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
)

recovery_codes = sa.Table(  # each opens once in place of the second factor
    "recovery_codes",
    metadata,
    Column("person", sa.String(100), _of_person(), primary_key=True),
    Column("digest", sa.String(64), primary_key=True),
    Column("used_at", Moment),
)

links = sa.Table(  # sent to somebody so that they choose a password; each opens once
    "links",
    metadata,
    Column("digest", sa.String(64), primary_key=True),
    Column("person", sa.String(100), _of_person(), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", sa.String(100), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index(None, "person"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    Column("session", sa.String(64), primary_key=True),  # SHA-256 of what the cookie holds
    Column("handle", sa.String(16), nullable=False, unique=True),  # how a page names it; opens nothing
    Column("person", sa.String(100), _of_person(), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),  # whatever happens
    Column("stage", sa.String(10), nullable=False),  # factor | enrol | whole
    Column("by", sa.String(10), nullable=False),  # password | oidc
    Column("enrolling", sa.LargeBinary),  # a second factor that is being set up, sealed
    Column("tries", sa.Integer, nullable=False),  # numbers that were wrong while the second factor is missing
    Column("client", sa.String(45), nullable=False),
    Column("agent", sa.String(60), nullable=False),
    Index(None, "person"),
    Index(None, "expires_at"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    Column("key", sa.String(64), primary_key=True),  # SHA-256 of the key
    Column("handle", sa.String(16), nullable=False, unique=True),  # how pages and the audit name it; opens nothing
    Column("name", sa.String(100), nullable=False),  # for whom or what it is
    Column("scopes", sa.String(300), nullable=False),  # words, sorted, a blank between them
    Column("networks", sa.Text, nullable=False),  # of a constituent: prefixes and AS64500, a blank between; '': all
    Column("sources", sa.Text, nullable=False),  # as which it may push, a line each; '': as any
    Column("created_at", Moment, nullable=False),
    Column("created_by", sa.String(100), nullable=False),
    Column("expires_at", Moment),
    Column("used_at", Moment),  # to the day: a row that is written at each request would be a bottleneck
    Column("disabled_at", Moment),
    Column("disabled_by", sa.String(100)),
)

api_answers = sa.Table(  # what a program was answered: the same request again gets the same answer
    "api_answers",
    metadata,
    Column("request", sa.String(64), primary_key=True),  # SHA-256 of the key's handle and its Idempotency-Key
    Column("digest", sa.String(64), nullable=False),  # of what was asked: method, path, query, body
    Column("begun_at", Moment, nullable=False),
    Column("status", sa.Integer),  # absent while it is being done
    Column("answer", sa.LargeBinary),
    Column("answer_sha256", sa.String(64)),
    Index(None, "begun_at"),
)
