"""The form with the portal and the phone: what people said of a notice, fakes that were reported."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
