"""Alembic runs this file. The connection is handed in by `migrate.py`, inside the book's own transaction."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite's DDL can be rolled back as PostgreSQL's can, once nobody commits behind our back (book.py says BEGIN).
    transactional_ddl=True,
)
context.run_migrations()
