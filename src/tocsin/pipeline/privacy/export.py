"""Everything about one subscriber in one ZIP: `subscriber.json`, the notices, and the mails that came back."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from uuid import UUID

import msgspec

from tocsin.book import audit, subject
from tocsin.engine import read_sql
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House
from tocsin.pipeline.privacy.subject import traces
from tocsin.terms.addresses import format_address, format_network
from tocsin.terms.errors import BadRequest

EPOCH = (1980, 1, 1, 0, 0, 0)  # a ZIP's members have a date; the same export is the same bytes
_MAILS = {"notices": ("notices", "notice"), "arrivals": ("came-back", "arrival")}  # table: (folder, name)

Row = dict[str, object]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What is handed over. Rows are as the tables have them; docs/privacy.md says what each table is."""

    subscriber: str
    exported_at: datetime
    accounts: tuple[str, ...]
    book: dict[str, list[Row]]
    sightings: tuple[Row, ...]
    flows: tuple[Row, ...]  # that sightings of our own detection rest on
    bindings: tuple[Row, ...]
    audit: tuple[Row, ...]  # who looked, and what was done


def export(house: House, ref: str, *, reason: str, actor: str | None = None) -> bytes:
    """The ZIP's bytes. BadRequest when no subscriber has that customer number, or when nobody says why."""
    if not reason.strip():
        raise BadRequest("nobody says why", remedy="give a reason: it is written to the audit")
    with house.book.write() as tx:
        number = subject.number_of(tx, ref)
        if number is None:
            raise BadRequest(f"no subscriber has the customer number {ref!r:.80}")
        by = actor or worker()
        audit.append(tx, at=house.now, actor=by, action="export", object=ref, reason=reason, subscriber=number)
    with house.book.read() as tx:
        accounts = subject.accounts_of(tx, number)
        others = subject.others_spans(tx, number, list(accounts))
        book = dict(subject.rows_of(tx, number))
        looked = audit.about(tx, number)
    house.engine.run(f"CREATE OR REPLACE VIEW sightings AS SELECT * FROM {house.lake.scan('sightings')}")
    house.engine.run(f"CREATE OR REPLACE VIEW flows AS SELECT * FROM {house.lake.scan('flows')}")
    house.engine.run(f"CREATE OR REPLACE VIEW bindings AS SELECT * FROM {house.lake.scan('bindings')}")
    with traces(house, number, [(each, each) for each in sorted(accounts)], others):
        seen, flows, held = (
            [row for rows in house.engine.batches(read_sql(__package__, query)) for row in rows]
            for query in ("subject_rows", "subject_flows", "subject_bindings")
        )
    mails = _take_mails(book)
    whole = Export(
        subscriber=ref,
        exported_at=house.now,
        accounts=tuple(sorted(accounts.values())),
        book=book,
        sightings=tuple(_readable(row) for row in seen),
        flows=tuple(_readable(row) for row in flows),
        bindings=tuple(_readable(row) | {"account": accounts[int(str(row["account"]))]} for row in held),
        audit=tuple(msgspec.structs.asdict(line) for line in looked),
    )
    return _zip({"subscriber.json": msgspec.json.format(msgspec.json.encode(whole), indent=1), **mails})


def _take_mails(book: dict[str, list[Row]]) -> dict[str, bytes]:
    """Mails into files of their own; no other bytes are handed over (a digest of a code opens nothing)."""
    mails: dict[str, bytes] = {}
    for table, rows in book.items():
        folder, name = _MAILS.get(table, ("", ""))
        for row in rows:
            for column in [each for each, value in row.items() if isinstance(value, bytes)]:
                raw = row.pop(column)
                if folder and isinstance(raw, bytes):
                    mails[f"{folder}/{row[name]}.eml"] = raw
    return mails


def _readable(row: Mapping[str, object]) -> Row:
    """Without what is absent, addresses as people write them."""
    plain: Row = {name: value for name, value in row.items() if value is not None}
    for name in ("address", "peer_address", "caller", "called"):
        if isinstance(value := plain.get(name), UUID):
            plain[name] = format_address(value)
    network, bits = plain.pop("network", None), plain.pop("prefix_bits", None)
    if isinstance(network, UUID):
        plain["network"] = format_network(network, int(str(bits)))
    return plain


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in _ordered(members):
            file.writestr(zipfile.ZipInfo(name, EPOCH), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _ordered(members: Mapping[str, bytes]) -> Iterable[tuple[str, bytes]]:
    return sorted(members.items(), key=lambda member: ("/" in member[0], member[0]))
