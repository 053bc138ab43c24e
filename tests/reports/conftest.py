from __future__ import annotations

from tests.book.conftest import book_url, debian_postgres, postgres

__all__ = ["book_url", "debian_postgres", "postgres"]
