"""The form with the portal and the phone: who came and what he proved, what people said of a notice, reported fakes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("visits", "statements", "reported_fakes", "mail_answers")


def upgrade() -> None:
    _visits()
    _statements()
    _reported_fakes()
    _mail_answers()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("visit", sa.String(64), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("notice", sa.String(24)),
        sa.Column("address", sa.String(45)),
        sa.Column("asked_at", _MOMENT),
        sa.Column("answer", sa.Text()),
        sa.Column("mail_digest", sa.String(64)),
        sa.Column("mail_at", _MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.Integer()),
        sa.Column("proven_by", sa.String(10)),
        sa.Column("proven_at", _MOMENT),
        sa.ForeignKeyConstraint(["notice"], ["notices.notice"], name="fk_visits_notice_notices", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscribers.number"], name="fk_visits_subscriber_subscribers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit", name="pk_visits"),
    )
    op.create_index("ix_visits_ends_at", "visits", ["ends_at"])
    op.create_index("ix_visits_notice", "visits", ["notice"])
    op.create_index("ix_visits_address", "visits", ["address"])


def _statements() -> None:
    op.create_table(
        "statements",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(24), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("proven_by", sa.String(10), nullable=False),
        sa.Column("read_at", _MOMENT),
        sa.Column("read_by", sa.String(100)),
        sa.ForeignKeyConstraint(
            ["notice"], ["notices.notice"], name="fk_statements_notice_notices", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_statements"),
    )
    op.create_index("ix_statements_notice", "statements", ["notice"])
    op.create_index("ix_statements_read_at_at", "statements", ["read_at", "at"])


def _reported_fakes() -> None:
    op.create_table(
        "reported_fakes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("sender", sa.String(300), nullable=False),
        sa.Column("hosts", sa.String(2000), nullable=False),
        sa.Column("phones", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_reported_fakes"),
    )
    op.create_index("ix_reported_fakes_at", "reported_fakes", ["at"])


def _mail_answers() -> None:
    op.create_table(
        "mail_answers",
        sa.Column("mail", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("result", sa.String(30), nullable=False),
        sa.PrimaryKeyConstraint("mail", name="pk_mail_answers"),
    )
    op.create_index("ix_mail_answers_sender_at", "mail_answers", ["sender", "at"])
    op.create_index("ix_mail_answers_at", "mail_answers", ["at"])
