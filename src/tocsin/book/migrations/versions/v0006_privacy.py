"""The form with privacy: pseudonyms of the audit, what is being erased and was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pseudonyms",
        sa.Column("pseudonym", sa.String(30), nullable=False),
        sa.Column("object", sa.String(300), nullable=False),
        sa.Column("subscriber", sa.Integer()),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_pseudonyms"),
        sa.UniqueConstraint("object", name="uq_pseudonyms_object"),
    )
    op.create_index("ix_pseudonyms_subscriber", "pseudonyms", ["subscriber"])
    op.create_index("ix_pseudonyms_made_at", "pseudonyms", ["made_at"])
    op.create_table(
        "erasures",
        sa.Column("subscriber", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("accounts", sa.Text(), nullable=False),
        sa.Column("done_at", _MOMENT),
        sa.PrimaryKeyConstraint("subscriber", name="pk_erasures"),
    )


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("pseudonyms")
