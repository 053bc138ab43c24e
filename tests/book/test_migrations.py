"""The migrations make exactly the tables that tables.py describes, there and back, on both databases."""

from __future__ import annotations

import multiprocessing

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tocsin.book import Book
from tocsin.book.migrations import HEAD, migrate
from tocsin.book.schema import metadata
from tocsin.terms.errors import BadRequest, StorageFailed


def test_migrating_up_down_and_up_again_ends_where_it_began(bare_book: Book) -> None:
    bare_book.migrate()
    made = _described(bare_book)
    with bare_book.write() as tx:
        migrate.downgrade(tx)
    with bare_book.read() as tx:
        assert sa.inspect(tx).get_table_names() == ["alembic_version"]
    bare_book.migrate()
    assert _described(bare_book) == made
    assert made


def test_migrations_and_tables_agree(any_book: Book) -> None:
    with any_book.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_a_difference_would_be_seen(any_book: Book) -> None:
    with any_book.write() as tx:
        tx.execute(sa.text("DROP INDEX ix_case_days_day"))
        tx.execute(sa.text("ALTER TABLE runs ADD COLUMN stray INTEGER"))
    with any_book.read() as tx:
        found = compare_metadata(MigrationContext.configure(tx), metadata)
    assert {difference[0] for difference in found} == {"add_index", "remove_column"}


def test_every_constraint_of_the_tables_is_made(any_book: Book) -> None:
    with any_book.read() as tx:
        inspector = sa.inspect(tx)
        for table in metadata.sorted_tables:
            primary = inspector.get_pk_constraint(table.name)["constrained_columns"]
            assert primary == [column.name for column in table.primary_key.columns], table.name
            foreign = {tuple(key["constrained_columns"]) for key in inspector.get_foreign_keys(table.name)}
            assert foreign == {tuple(key.column_keys) for key in table.foreign_key_constraints}, table.name


def test_the_head_is_the_newest_form() -> None:
    assert migrate.known_forms()[0] == HEAD


def test_a_migration_that_fails_leaves_nothing_half_done(bare_book: Book) -> None:
    with bare_book.write() as tx:
        tx.execute(sa.text("CREATE TABLE audit (stranger INTEGER)"))  # the last table to be made is there already
    with pytest.raises((StorageFailed, sa.exc.ProgrammingError)):
        bare_book.migrate()
    with bare_book.read() as tx:
        assert sa.inspect(tx).get_table_names() == ["audit"]


def test_a_book_of_a_newer_version_is_refused(any_book: Book) -> None:
    with any_book.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadRequest, match="form 9999"):
        any_book.migrate()


def test_two_processes_may_migrate_at_once(book_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(3) as pool:
        assert pool.map(_migrate, [book_url] * 3) == [HEAD] * 3


def _migrate(url: str) -> str | None:
    book = Book(url)
    try:
        book.migrate()
        return book.form()
    finally:
        book.close()


def _described(book: Book) -> dict[str, list[str]]:
    with book.read() as tx:
        inspector = sa.inspect(tx)
        return {
            name: [f"{column['name']} {column['type']} {column['nullable']}" for column in inspector.get_columns(name)]
            + sorted(str(index["name"]) for index in inspector.get_indexes(name))
            for name in sorted(inspector.get_table_names())
            if name != "alembic_version"
        }
