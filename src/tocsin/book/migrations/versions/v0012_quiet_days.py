"""The form with days that count: which accounts a line's day rests on, empty deliveries; and the letters' version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "empty_deliveries",
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "name", name="pk_empty_deliveries"),
    )
    op.execute("DELETE FROM line_days")  # nothing has written any: the next run makes them
    op.add_column("line_days", sa.Column("accounts", sa.Text()))
    op.add_column("notices", sa.Column("letter_version", sa.String(20)))


def downgrade() -> None:
    op.drop_column("notices", "letter_version")
    op.drop_column("line_days", "accounts")
    op.drop_table("empty_deliveries")
