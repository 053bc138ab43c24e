"""The form with the follow-up: steps, channels, who has read, and which days of silence can be counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)
_OF_CONTRACTS: tuple[tuple[str, sa.String | sa.Boolean], ...] = (
    ("phone", sa.String(20)),
    ("postal_address", sa.String(500)),
    ("line_kind", sa.String(10)),
    ("care_alarm", sa.Boolean()),
    ("medical", sa.Boolean()),
)


def upgrade() -> None:
    for name, kind in _OF_CONTRACTS:
        op.add_column("contracts", sa.Column(name, kind))
    op.add_column("notices", sa.Column("channel", sa.String(10), nullable=False, server_default="mail"))
    op.add_column("notices", sa.Column("read_at", _MOMENT))
    op.add_column("notices", sa.Column("read_by", sa.String(10)))
    _steps()
    _days()


def downgrade() -> None:
    for table in ("line_days", "delivered_days", "steps"):
        op.drop_table(table)
    for name in ("read_by", "read_at", "channel"):
        op.drop_column("notices", name)
    for name, _ in reversed(_OF_CONTRACTS):
        op.drop_column("contracts", name)


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("case", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("notice", sa.String(24)),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.case"], name="fk_steps_case_cases", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["notice"], ["notices.notice"], name="fk_steps_notice_notices", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case", "number", name="pk_steps"),
    )
    op.create_index("ix_steps_notice", "steps", ["notice"])


def _days() -> None:
    op.create_table(
        "delivered_days",
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name="pk_delivered_days"),
    )
    op.create_index("ix_delivered_days_day", "delivered_days", ["day"])
    op.create_table(
        "line_days",
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("held_s", sa.Integer(), nullable=False),
        sa.Column("blind_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscribers.number"], name="fk_line_days_subscriber_subscribers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber", "day", name="pk_line_days"),
    )
    op.create_index("ix_line_days_day", "line_days", ["day"])
