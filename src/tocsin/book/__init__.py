"""The relational store of everything with a life: cases, notices, audit, manifest. Only it imports SQLAlchemy."""

from tocsin.book.book import Book, Transaction

__all__ = ["Book", "Transaction"]
