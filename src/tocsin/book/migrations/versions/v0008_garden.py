"""The form with the walled garden: who was asked to be put there, and how he got out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "quarantines",
        sa.Column("quarantine", sa.String(20), nullable=False),
        sa.Column("case", sa.String(20), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("approved_at", _MOMENT),
        sa.Column("approved_by", sa.String(100)),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("nas", sa.String(253)),
        sa.Column("session", sa.String(253)),
        sa.Column("address", sa.String(45)),
        sa.Column("starts_at", _MOMENT),
        sa.Column("ends_at", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(300)),
        sa.Column("way", sa.String(20)),
        sa.Column("release_reason", sa.String(300)),
        sa.Column("released_by", sa.String(100)),
        sa.Column("release_asked_at", _MOMENT),
        sa.Column("released_at", _MOMENT),
        sa.PrimaryKeyConstraint("quarantine", name="pk_quarantines"),
        sa.ForeignKeyConstraint(["case"], ["cases.case"], name="fk_quarantines_case_cases", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscribers.number"], name="fk_quarantines_subscriber_subscribers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_quarantines_state", "quarantines", ["state"])
    op.create_index("ix_quarantines_subscriber_asked_at", "quarantines", ["subscriber", "asked_at"])
    op.create_index("ix_quarantines_case", "quarantines", ["case"])


def downgrade() -> None:
    op.drop_table("quarantines")
