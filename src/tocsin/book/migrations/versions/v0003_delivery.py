"""The form with delivery: attempts, bounces, replies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("deliveries", "attempts", "arrivals", "bounces", "replies", "mailboxes")  # in the order of making


def upgrade() -> None:
    _deliveries()
    _arrivals()
    op.create_table(
        "mailboxes",
        sa.Column("mailbox", sa.String(300), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name="pk_mailboxes"),
    )
    op.execute(  # what waited before there was a queue
        "INSERT INTO deliveries (notice, due_at, tries) SELECT notice, decided_at, 0 FROM notices"
        " WHERE state = 'queued'"
    )


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("notice", sa.String(24), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(100)),
        sa.Column("claimed_until", _MOMENT),
        sa.ForeignKeyConstraint(["notice"], ["notices.notice"], name="fk_deliveries_notice_notices"),
        sa.PrimaryKeyConstraint("notice", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_due_at", "deliveries", ["due_at"])
    op.create_table(
        "attempts",
        sa.Column("notice", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("server", sa.String(300), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("dot_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", sa.String(20)),
        sa.Column("code", sa.Integer()),
        sa.Column("enhanced", sa.String(12)),
        sa.Column("reason", sa.String(300)),
        sa.ForeignKeyConstraint(["notice"], ["notices.notice"], name="fk_attempts_notice_notices"),
        sa.PrimaryKeyConstraint("notice", "number", name="pk_attempts"),
    )


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("arrival", sa.String(64), nullable=False),
        sa.Column("notice", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("found_by", sa.String(20), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("sender", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("said", sa.String(300), nullable=False),
        sa.Column("raw", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["notice"], ["notices.notice"], name="fk_arrivals_notice_notices"),
        sa.PrimaryKeyConstraint("arrival", name="pk_arrivals"),
    )
    op.create_index("ix_arrivals_notice", "arrivals", ["notice"])
    op.create_index("ix_arrivals_received_at", "arrivals", ["received_at"])
    op.create_table(
        "bounces",
        sa.Column("arrival", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("status", sa.String(12)),
        sa.Column("diagnostic", sa.String(300)),
        sa.Column("is_hard", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["arrival"], ["arrivals.arrival"], name="fk_bounces_arrival_arrivals"),
        sa.PrimaryKeyConstraint("arrival", "number", name="pk_bounces"),
    )
    op.create_table(
        "replies",
        sa.Column("arrival", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seen_at", _MOMENT),
        sa.Column("seen_by", sa.String(100)),
        sa.ForeignKeyConstraint(["arrival"], ["arrivals.arrival"], name="fk_replies_arrival_arrivals"),
        sa.PrimaryKeyConstraint("arrival", name="pk_replies"),
    )
