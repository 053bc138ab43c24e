"""The abuse contacts that the prefix tables name: whom a report about a network would go to."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec

from tocsin.attribution.networks.versions import flat_of
from tocsin.engine import read_sql
from tocsin.lake import UNDATED, Lake

ROWS_MAX = 200


class Contact(msgspec.Struct, frozen=True):
    """A contact of one origin's prefixes; '' where nobody is named."""

    abuse_contact: str
    origin: int | None
    country: str | None
    prefixes: int
    ipv4: int


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: an AS number, a country, or a piece of a contact. Empty: those with the most prefixes."""

    asn: int | None = None
    country: str | None = None
    text: str | None = None


def find_contacts(lake: Lake, search: Search, at: datetime) -> list[Contact]:
    """Of the table in force at that moment, at most ROWS_MAX."""
    dated = [(flat, file) for file in lake.files("prefixes", [UNDATED]) if (flat := flat_of(file)) is not None]
    begun = [(flat[0], file) for flat, file in dated if flat[0] <= at]
    if not begun:
        return []
    newest = max(since for since, _ in begun)
    sql = read_sql(__package__, "contacts").replace(
        "{prefixes}", lake.relation("prefixes", [file for since, file in begun if since == newest])
    )
    lake.engine.run(read_sql(__package__, "macros"))
    rows = lake.engine.rows(sql, asn=search.asn, country=search.country, text=search.text, rows_max=ROWS_MAX)
    return [Contact(*row) for row in cast("list[tuple[str, int | None, str | None, int, int]]", rows)]
