"""The form with reports to networks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("report", sa.String(24), nullable=False),
        sa.Column("contact", sa.String(320), nullable=False),
        sa.Column("composed_at", _MOMENT, nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("envelope_from", sa.String(320), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("dot_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("said", sa.String(300)),
        sa.PrimaryKeyConstraint("report", name="pk_reports"),
    )
    op.create_index("ix_reports_contact", "reports", ["contact"])
    op.create_index("ix_reports_state", "reports", ["state"])
    op.create_table(
        "report_addresses",
        sa.Column("report", sa.String(24), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("report", "address", "kind", name="pk_report_addresses"),
        sa.ForeignKeyConstraint(["report"], ["reports.report"], name="fk_report_addresses_report_reports"),
    )
    op.create_index("ix_report_addresses_address", "report_addresses", ["address"])


def downgrade() -> None:
    op.drop_table("report_addresses")
    op.drop_table("reports")
