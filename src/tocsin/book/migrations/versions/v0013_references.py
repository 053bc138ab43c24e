"""The form with references: under which a report named each thing that it told, so that it can be confirmed later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "report_references",
        sa.Column("reference", sa.String(36), nullable=False),
        sa.Column("report", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("reference", "report", name="pk_report_references"),
        sa.ForeignKeyConstraint(["report"], ["reports.report"], name="fk_report_references_report_reports"),
    )


def downgrade() -> None:
    op.drop_table("report_references")
