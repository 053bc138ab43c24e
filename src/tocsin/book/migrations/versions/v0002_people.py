"""The form with people: who may sign in, their sessions and keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("people", "recovery_codes", "links", "sessions", "api_keys", "api_answers")


def upgrade() -> None:
    _people()
    _recovery_codes()
    _links()
    _sessions()
    _api_keys()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person"], ["people.name"], name=f"fk_{table}_person_people", ondelete="CASCADE")


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("password", sa.String(200)),
        sa.Column("password_at", _MOMENT),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("totp_step", sa.BigInteger()),
        sa.Column("oidc_issuer", sa.String(300)),
        sa.Column("oidc_subject", sa.String(255)),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("disabled_at", _MOMENT),
        sa.Column("disabled_by", sa.String(100)),
        sa.PrimaryKeyConstraint("name", name="pk_people"),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_people_oidc_issuer_oidc_subject"),
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used_at", _MOMENT),
        _of_person("recovery_codes"),
        sa.PrimaryKeyConstraint("person", "digest", name="pk_recovery_codes"),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        _of_person("links"),
        sa.PrimaryKeyConstraint("digest", name="pk_links"),
    )
    op.create_index("ix_links_person", "links", ["person"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("handle", sa.String(16), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("by", sa.String(10), nullable=False),
        sa.Column("enrolling", sa.LargeBinary()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("client", sa.String(45), nullable=False),
        sa.Column("agent", sa.String(60), nullable=False),
        _of_person("sessions"),
        sa.PrimaryKeyConstraint("session", name="pk_sessions"),
        sa.UniqueConstraint("handle", name="uq_sessions_handle"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("handle", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("scopes", sa.String(300), nullable=False),
        sa.Column("networks", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("used_at", _MOMENT),
        sa.Column("disabled_at", _MOMENT),
        sa.Column("disabled_by", sa.String(100)),
        sa.PrimaryKeyConstraint("key", name="pk_api_keys"),
        sa.UniqueConstraint("handle", name="uq_api_keys_handle"),
    )
    op.create_table(
        "api_answers",
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("answer_sha256", sa.String(64)),
        sa.PrimaryKeyConstraint("request", name="pk_api_answers"),
    )
    op.create_index("ix_api_answers_begun_at", "api_answers", ["begun_at"])
