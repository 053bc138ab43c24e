"""The first form of the book: every table, and the audit that takes no change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)

# REPLACE deletes a row on SQLite without asking its DELETE trigger: so a number that stands may not come again.
_ABORT = "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
_LOCK_SQLITE = (
    f"CREATE TRIGGER audit_keeps_lines BEFORE UPDATE ON audit {_ABORT}",
    f"CREATE TRIGGER audit_loses_none BEFORE DELETE ON audit {_ABORT}",
    "CREATE TRIGGER audit_replaces_none BEFORE INSERT ON audit"
    f" WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number) {_ABORT}",
)
_LOCK_POSTGRESQL = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
    "CREATE TRIGGER audit_keeps_lines BEFORE UPDATE OR DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_loses_none BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)
_TABLES = (  # in the order of making: what points to another stands after it
    "evidence",
    "batches",
    "files",
    "writer_leases",
    "made",
    "sources",
    "source_days",
    "runs",
    "accounts",
    "subscribers",
    "contracts",
    "case_days",
    "cases",
    "case_moves",
    "holds",
    "notices",
    "notice_cases",
    "audit",
)


def upgrade() -> None:
    _evidence_and_files()
    _sources_and_runs()
    _subscribers()
    _case_days()
    _cases()
    _notices()
    _audit()
    for statement in _LOCK_POSTGRESQL if _is_postgresql() else _LOCK_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    if _is_postgresql():
        op.execute("DROP FUNCTION audit_is_append_only()")


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _evidence_and_files() -> None:
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("reader", sa.String(40), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("batch", sa.String(40)),
        sa.Column("records", sa.BigInteger()),
        sa.Column("pieces", sa.BigInteger()),
        sa.Column("rejects", sa.BigInteger()),
        sa.PrimaryKeyConstraint("sha256", "source", "reader", name="pk_evidence"),
    )
    op.create_table(
        "batches",
        sa.Column("batch", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("batch", name="pk_batches"),
    )
    op.create_table(
        "files",
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("batch", sa.String(40), nullable=False),
        sa.Column("table_name", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("schema_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.batch"], name="fk_files_batch_batches"),
        sa.PrimaryKeyConstraint("path", name="pk_files"),
    )
    op.create_index("ix_files_table_name_day", "files", ["table_name", "day"])
    op.create_table(
        "writer_leases",
        sa.Column("table_name", sa.String(20), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", name="pk_writer_leases"),
    )
    op.create_table(
        "made",
        sa.Column("table_name", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("generation", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "day", name="pk_made"),
    )


def _sources_and_runs() -> None:
    op.create_table(
        "sources",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sources"),
    )
    op.create_table(
        "source_days",
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("run_at", _MOMENT, nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "run_at", name="pk_source_days"),
    )
    op.create_table(
        "runs",
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("at", name="pk_runs"),
    )


def _subscribers() -> None:
    op.create_table(
        "accounts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
    )
    op.create_table(
        "subscribers",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_subscribers"),
        sa.UniqueConstraint("ref", name="uq_subscribers_ref"),
    )
    op.create_table(
        "contracts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("line", sa.String(60), nullable=False),
        sa.Column("line_id", sa.String(200)),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_contracts_account_accounts"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.number"], name="fk_contracts_subscriber_subscribers"),
        sa.PrimaryKeyConstraint("number", name="pk_contracts"),
    )
    op.create_index("ix_contracts_account_starts_at", "contracts", ["account", "starts_at"])
    op.create_index("ix_contracts_subscriber", "contracts", ["subscriber"])


def _case_days() -> None:
    op.create_table(
        "case_days",
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("malware", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("account", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("log", sa.String(100), nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("last_sighting", sa.String(36), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("port", sa.Integer()),
        sa.Column("protocol", sa.String(20)),
        sa.Column("peer_address", sa.String(45)),
        sa.Column("peer_port", sa.Integer()),
        sa.Column("source_ref", sa.String(200)),
        sa.Column("observers", sa.Text(), nullable=False),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.number"], name="fk_case_days_subscriber_subscribers"),
        sa.PrimaryKeyConstraint(
            "subscriber", "kind", "malware", "role", "day", "source", "account", "log", name="pk_case_days"
        ),
    )
    op.create_index("ix_case_days_day", "case_days", ["day"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case", sa.String(20), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("malware", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.number"], name="fk_cases_subscriber_subscribers"),
        sa.PrimaryKeyConstraint("case", name="pk_cases"),
        sa.UniqueConstraint(
            "subscriber", "kind", "malware", "role", "opened_at", name="uq_cases_subscriber_kind_malware_role_opened_at"
        ),
    )
    op.create_index("ix_cases_state_last_at", "cases", ["state", "last_at"])
    op.create_index("ix_cases_subscriber", "cases", ["subscriber"])
    op.create_table(
        "case_moves",
        sa.Column("case", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.case"], name="fk_case_moves_case_cases"),
        sa.PrimaryKeyConstraint("case", "number", name="pk_case_moves"),
    )
    op.create_table(
        "holds",
        sa.Column("hold", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("brake", sa.String(40), nullable=False),
        sa.Column("source", sa.String(100)),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("released_at", _MOMENT),
        sa.Column("released_by", sa.String(100)),
        sa.Column("spent_at", _MOMENT),
        sa.PrimaryKeyConstraint("hold", name="pk_holds"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("notice", sa.String(24), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("code_sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(300)),
        sa.Column("message_id", sa.String(200)),
        sa.Column("envelope_from", sa.String(320)),
        sa.Column("raw", sa.LargeBinary()),
        sa.Column("dot_at", _MOMENT),
        sa.Column("sent_at", _MOMENT),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.number"], name="fk_notices_subscriber_subscribers"),
        sa.PrimaryKeyConstraint("notice", name="pk_notices"),
        sa.UniqueConstraint("code_sha256", name="uq_notices_code_sha256"),
        sa.UniqueConstraint("message_id", name="uq_notices_message_id"),
    )
    op.create_index("ix_notices_state", "notices", ["state"])
    op.create_index("ix_notices_subscriber_decided_at", "notices", ["subscriber", "decided_at"])
    op.create_table(
        "notice_cases",
        sa.Column("notice", sa.String(24), nullable=False),
        sa.Column("case", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.case"], name="fk_notice_cases_case_cases"),
        sa.ForeignKeyConstraint(["notice"], ["notices.notice"], name="fk_notice_cases_notice_notices"),
        sa.PrimaryKeyConstraint("notice", "case", name="pk_notice_cases"),
    )
    op.create_index("ix_notice_cases_case", "notice_cases", ["case"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("object", sa.String(300), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
