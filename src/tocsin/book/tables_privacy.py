"""Tables of privacy: pseudonyms of the audit, what is being erased and was."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index

from tocsin.book.columns import Moment
from tocsin.book.tables import metadata

pseudonyms = sa.Table(  # whom the audit means: without its row a pseudonym means nobody
    "pseudonyms",
    metadata,
    Column("pseudonym", sa.String(30), primary_key=True),  # by chance, so that nothing leads back
    Column("object", sa.String(300), nullable=False, unique=True),
    Column("subscriber", sa.Integer),  # absent of an address: at the look nobody knew whose it was
    Column("made_at", Moment, nullable=False),
    Index(None, "subscriber"),
    Index(None, "made_at"),
)

erasures = sa.Table(  # asked for, and how far: what was begun is finished by whoever comes next
    "erasures",
    metadata,
    Column("subscriber", sa.Integer, primary_key=True, autoincrement=False),
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", sa.String(100), nullable=False),
    Column("accounts", sa.Text, nullable=False),  # JSON: [account, starts_at, ends_at] each; '[]' once it is done
    Column("done_at", Moment),
)
