"""The form with the desk: what cases are listed by, notes, saved views, verdicts, uploads, jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)
_ORDERS = (["last_at", "case", "opened_at"], ["opened_at", "case"], ["sightings", "case"])
_CASE_INDEXES = [["state", *also, *order] for also in ([], ["kind"], ["malware"]) for order in _ORDERS]
_CASE_TABLES = ("done_once", "ticks", "verdicts", "case_views", "case_notes", "case_sources")
_FIGURE_INDEXES = (
    ("ix_evidence_source_received_at", "evidence"),
    ("ix_source_days_run_at", "source_days"),
    ("ix_notices_decided_at_state", "notices"),
)
_FILL = """
INSERT INTO case_sources ("case", source, state, kind, malware, opened_at, last_at, sightings)
SELECT DISTINCT c."case", d.source, c.state, c.kind, c.malware, c.opened_at, c.last_at, c.sightings
FROM cases c
JOIN case_days d
    ON d.subscriber = c.subscriber AND d.kind = c.kind AND d.malware = c.malware AND d.role = c.role
WHERE d.last_at >= c.first_at AND d.first_at <= c.last_at
"""


def upgrade() -> None:
    _list_cases()
    _case_sources()
    _notes_and_views()
    _verdicts()
    _changes()
    _figures()
    _uploads()
    _jobs()


def downgrade() -> None:
    for index, table in _FIGURE_INDEXES:
        op.drop_index(index, table)
    for table in ("jobs", "uploads", "log_reaches", "outcome_days"):
        op.drop_table(table)
    for table in _CASE_TABLES:
        op.drop_table(table)
    for columns in _CASE_INDEXES:
        op.drop_index(_named("cases", columns), "cases")
    op.create_index("ix_cases_state_last_at", "cases", ["state", "last_at"])
    op.drop_index("ix_case_days_address_day", "case_days")
    op.drop_index("ix_contracts_line", "contracts")
    op.drop_index("ix_contracts_line_id", "contracts")


def _named(table: str, columns: list[str]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def _list_cases() -> None:
    op.drop_index("ix_cases_state_last_at", "cases")
    for columns in _CASE_INDEXES:
        op.create_index(_named("cases", columns), "cases", columns)
    op.create_index("ix_case_days_address_day", "case_days", ["address", "day"])
    op.create_index("ix_contracts_line", "contracts", ["line"])
    op.create_index("ix_contracts_line_id", "contracts", ["line_id"])


def _case_sources() -> None:
    op.create_table(
        "case_sources",
        sa.Column("case", sa.String(20), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("malware", sa.String(200), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.case"], name="fk_case_sources_case_cases", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case", "source", name="pk_case_sources"),
    )
    op.execute(_FILL)
    for name, order in zip(("seen", "opened", "sightings"), _ORDERS, strict=True):
        op.create_index(f"ix_case_sources_{name}", "case_sources", ["source", "state", *order, "kind", "malware"])


def _notes_and_views() -> None:
    op.create_table(
        "case_notes",
        sa.Column("note", sa.String(24), nullable=False),
        sa.Column("case", sa.String(20), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.case"], name="fk_case_notes_case_cases", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("note", name="pk_case_notes"),
    )
    op.create_index("ix_case_notes_case_at", "case_notes", ["case", "at"])
    op.create_table(
        "case_views",
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(1000), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person", "name", name="pk_case_views"),
    )


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("case", sa.String(20), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.Column("source_ref", sa.String(200)),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("lifted_at", _MOMENT),
        sa.ForeignKeyConstraint(["case"], ["cases.case"], name="fk_verdicts_case_cases", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case", "source", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_source_at", "verdicts", ["source", "at"])


def _changes() -> None:
    op.create_table(
        "ticks",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ticks"),
    )
    op.create_table(
        "done_once",
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("form", name="pk_done_once"),
    )
    op.create_index("ix_done_once_at", "done_once", ["at"])


def _figures() -> None:
    """What the start page shows without reading the lake or the whole of a table."""
    op.create_table(
        "outcome_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "outcome", "reason", name="pk_outcome_days"),
    )
    op.create_table(
        "log_reaches",
        sa.Column("log", sa.String(100), nullable=False),
        sa.Column("read_from", _MOMENT),
        sa.Column("read_until", _MOMENT),
        sa.Column("gaps", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log", name="pk_log_reaches"),
    )
    op.create_index("ix_evidence_source_received_at", "evidence", ["source", "received_at"])
    op.create_index("ix_source_days_run_at", "source_days", ["run_at"])
    op.create_index("ix_notices_decided_at_state", "notices", ["decided_at", "state"])


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("upload", sa.String(32), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("sent_by", sa.String(100), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("reader", sa.String(80)),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("bytes_done", sa.BigInteger(), nullable=False),
        sa.Column("read_at", _MOMENT),
        sa.Column("records", sa.BigInteger()),
        sa.Column("pieces", sa.BigInteger()),
        sa.Column("rejects", sa.BigInteger()),
        sa.Column("already", sa.Boolean()),
        sa.Column("read_as", sa.String(200)),
        sa.Column("told", sa.Text()),
        sa.PrimaryKeyConstraint("upload", name="pk_uploads"),
    )
    op.create_index("ix_uploads_at", "uploads", ["at"])


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("job", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(100)),
        sa.Column("claimed_until", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state_due_at", "jobs", ["state", "due_at"])
    op.create_index("ix_jobs_kind_made_at", "jobs", ["kind", "made_at"])
