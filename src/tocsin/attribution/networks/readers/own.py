"""The own table: CSV whose first line names `prefix`, and `origin`, `country`, `abuse_contact` where it says them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from tocsin.attribution.networks.staging import Range, Source, Staging
from tocsin.attribution.rows import BadRow, read_rows
from tocsin.attribution.subscribers import is_mail_address
from tocsin.terms.addresses import parse_network

COLUMNS = ("prefix", "origin", "country", "abuse_contact")
_ORIGIN_MAX = (1 << 32) - 1  # RFC 6793
_ROWS_AT_ONCE = 50_000


def stage(staging: Staging) -> None:
    """Raises BadRequest when the first line names no prefix."""
    for source in staging.sources:
        staging.add_ranges(_chunks(_entries(staging, source)))


def _chunks(entries: Iterator[Range]) -> Iterator[list[tuple[object, ...]]]:
    while chunk := list(islice(entries, _ROWS_AT_ONCE)):
        yield list(zip(*chunk, strict=True))


def _entries(staging: Staging, source: Source) -> Iterator[Range]:
    bad: list[BadRow] = []
    for row in read_rows(source.path, ("prefix",), bad):
        while bad:
            staging.rejects.add(bad.pop(0))
        try:
            network, bits = parse_network(row["prefix"])
            contact = _contact(row["abuse_contact"])
            origin, country = _origin(row["origin"]), _country(row["country"])
            yield source.place + row.line, network, _last(network, bits), origin, country, contact
        except ValueError as error:
            staging.refuse(source, row.line, str(error), row.text)
    for each in bad:
        staging.rejects.add(each)


def _last(network: UUID, bits: int) -> UUID:
    return UUID(int=network.int | ((1 << (128 - bits)) - 1))


def _origin(text: str) -> int | None:
    digits = text.upper().removeprefix("AS")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= _ORIGIN_MAX):
        raise ValueError(f"not an AS number: {text[:40]!r}")
    if int(digits) == 0:
        raise ValueError("AS 0 announces nothing (RFC 7607): leave it empty")
    return int(digits)


def _country(text: str) -> str | None:
    if not text:
        return None
    if not (len(text) == 2 and text.isascii() and text.isalpha()):
        raise ValueError(f"not a country of two letters: {text[:40]!r}")
    return text.upper()


def _contact(text: str) -> str | None:
    if text and not is_mail_address(text):
        raise ValueError(f"not a mail address: {text[:60]!r}")
    return text or None
