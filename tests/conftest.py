"""What every test may ask for: an engine, a book, a lake, and the real data beside the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.book import Book
from tocsin.engine import Engine
from tocsin.lake import Lake

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason="shared: ../shared/data is absent")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(absent)


@pytest.fixture
def shared() -> Path:
    """../shared/data; the test that asks for it must be marked `shared`."""
    return SHARED


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """An empty embedded book with every table."""
    (tmp_path / "data").mkdir(exist_ok=True)
    opened = Book.at(tmp_path / "data")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def lake(tmp_path: Path, book: Book, engine: Engine) -> Lake:
    return Lake(tmp_path / "data", book, engine, wall_clock=lambda: datetime.now(UTC))  # noqa: TID251 - leases
