"""The whole schema of the book: importing this knows every table."""

from __future__ import annotations

from tocsin.book import (
    tables_delivery,
    tables_desk,
    tables_followup,
    tables_garden,
    tables_people,
    tables_portal,
    tables_privacy,
    tables_report_post,
    tables_reports,
)
from tocsin.book.tables import metadata

__all__ = [
    "metadata",
    "tables_delivery",
    "tables_desk",
    "tables_followup",
    "tables_garden",
    "tables_people",
    "tables_portal",
    "tables_privacy",
    "tables_report_post",
    "tables_reports",
]
