"""From what the logs show to reports: whose each address was at that time, one report a contact."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.attribution.networks import TABLES, Found, find_network, read_networks
from tocsin.book import Book
from tocsin.engine import Engine
from tocsin.lake import Lake
from tocsin.notices.reports.group import ADDRESSES_MAX, Contact, Form, Group, Offence
from tocsin.pipeline.clock import present
from tocsin.witness.judge import Row
from tocsin.witness.redact import redacted, without_target

RESOURCES_MAX = 50


class Unknown(msgspec.Struct, frozen=True):
    """An offence whose network names nobody."""

    offence: Offence
    prefix: str


def offence_of(row: Row, *, withhold_target: bool) -> Offence:
    """The lines leave redacted; with `withhold_target` also without what names the server."""
    service = str(row["service_name"])
    samples = tuple(redacted(text, service) for text in _texts(row["samples"]))
    peer = row["peer_address"]
    if withhold_target:
        samples = tuple(without_target(text, service) for text in samples)
        peer = None
    fields = {
        name: row[name] for name in ("address", "kind", "taxonomy", "application", "first_at", "last_at", "lines")
    }
    resources = dict.fromkeys(text.partition("?")[0] for text in _texts(row["resources"]))
    return msgspec.convert(
        fields
        | {name: row[name] for name in ("confidence", "port", "protocol", "handshake")}
        | {"peer_address": peer, "peer_port": row["peer_port"], "samples": samples}
        | {"rules": _texts(row["rules"]), "cves": _texts(row["cves"]), "resources": tuple(resources)[:RESOURCES_MAX]},
        Offence,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


def groups_of(lake: Lake | None, offences: Sequence[Offence], form: Form) -> tuple[list[Group], list[Unknown]]:
    """One group a contact, by the network responsible at the last line's moment; and those that have no contact."""
    by_contact: dict[str, list[tuple[Offence, Found]]] = {}
    unknown: list[Unknown] = []
    for offence in offences:
        found = find_network(lake, offence.address, offence.last_at) if lake else None
        if found is None or not found.abuse_contact:
            unknown.append(Unknown(offence, found.prefix if found else ""))
        else:
            by_contact.setdefault(found.abuse_contact, []).append((offence, found))
    return [group for mail, told in sorted(by_contact.items()) for group in _groups(mail, told, form)], unknown


def _groups(mail: str, told: Sequence[tuple[Offence, Found]], form: Form) -> Iterator[Group]:
    addresses = list(dict.fromkeys(offence.address for offence, _ in told))
    for start in range(0, len(addresses), ADDRESSES_MAX):
        chosen = set(addresses[start : start + ADDRESSES_MAX])
        mine = [(offence, found) for offence, found in told if offence.address in chosen]
        contact = Contact(
            mail=mail,
            form=form,
            origin=next((found.origin for _, found in mine if found.origin), None),
            prefixes=tuple(dict.fromkeys(found.prefix for _, found in mine)),
        )
        yield Group(contact=contact, offences=tuple(offence for offence, _ in mine))


@contextmanager
def tables_of(engine: Engine, paths: Sequence[Path], now: datetime) -> Iterator[Lake | None]:
    """A lake that holds only these prefix tables, for as long as the command runs; None where none are named."""
    if not paths:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tocsin-networks-") as folder:
        book = Book.at(Path(folder))
        book.migrate()
        try:
            lake = Lake(Path(folder), book, engine, wall_clock=present)
            with lake.writing(*TABLES) as writing:
                read_networks(writing, paths, at=now)
            yield lake
        finally:
            book.close()
