"""A book with a small provider in it."""

from __future__ import annotations

import pytest

from tests.cases.provider import Provider
from tocsin.book import Book


@pytest.fixture
def provider(book: Book) -> Provider:
    """Ten subscribers with an account and a contract each, one finished run on the sources and logs in use."""
    return Provider(book)
