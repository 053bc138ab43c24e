"""The form with what comes back about reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "report_arrivals",
        sa.Column("arrival", sa.String(64), nullable=False),
        sa.Column("report", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("found_by", sa.String(20), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("sender", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("said", sa.String(300), nullable=False),
        sa.Column("is_hard", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("raw", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("arrival", name="pk_report_arrivals"),
        sa.ForeignKeyConstraint(["report"], ["reports.report"], name="fk_report_arrivals_report_reports"),
    )
    op.create_index("ix_report_arrivals_report", "report_arrivals", ["report"])
    op.create_index("ix_report_arrivals_received_at", "report_arrivals", ["received_at"])
    op.create_table(
        "report_contacts",
        sa.Column("contact", sa.String(320), nullable=False),
        sa.Column("revived_at", _MOMENT, nullable=False),
        sa.Column("revived_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("contact", name="pk_report_contacts"),
    )


def downgrade() -> None:
    op.drop_table("report_contacts")
    op.drop_table("report_arrivals")
