"""Keys for the demo provider, and what programs push."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import httpx
import msgspec

from tocsin.book import Transaction, reports
from tocsin.book.reports import Named, Outgoing
from tocsin.pipeline.api_keys import SCOPES, WHOLE_HOUSE, make_key
from tocsin.terms.moments import format_moment
from tocsin.web.shared.site import Site

V1 = "/api/v1"
OF_A_CONSTITUENT = [scope for scope in SCOPES if scope not in WHOLE_HOUSE]
_requests = count(1)
REPORT, SIGHTING = "R-0123456789ABCDEF", "00000000-0000-0000-0000-000000004711"


def key_for(
    site: Site,
    *scopes: str,
    networks: Sequence[str] = (),
    sources: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> dict[str, str]:
    """The header of a new key; without scopes it has all that it may have."""
    chosen = list(scopes) or (OF_A_CONSTITUENT if networks else list(SCOPES))
    with site.book.write() as tx:
        key = make_key(
            tx,
            "a program",
            chosen,
            networks=networks,
            sources=sources,
            expires_at=expires_at,
            at=site.clock(),
            by="a test",
        )
    return {"Authorization": f"Bearer {key}"}


def report_to(tx: Transaction, contact: str, address: str, *, at: datetime, report: str = REPORT) -> None:
    """A report that has left, about one sighting."""
    mail = Outgoing(
        report=report,
        contact=contact,
        composed_at=at,
        message_id=f"<{report}@cert.example>",
        envelope_from="reports@cert.example",
        raw=b"",
    )
    assert reports.keep(tx, mail, [Named(address, "infected-system", at)], [SIGHTING])
    reports.end(tx, report, "sent", "", at)


def fresh() -> dict[str, str]:
    """An Idempotency-Key that nobody has used."""
    return {"Idempotency-Key": f"request-{next(_requests):08}"}


def sighting(number: int, at: datetime, address: str = "192.0.2.7") -> dict[str, object]:
    """One of our own lines."""
    return {
        "id": f"00000000-0000-0000-0000-{number:012}",
        "seen_at": format_moment(at + timedelta(seconds=number)),
        "role": "infected",
        "address": address,
        "port": 20_000 + number,
        "protocol": "tcp",
        "kind": "infected-system",
        "malware": "mirai",
    }


def lines(*records: object) -> bytes:
    return b"\n".join(msgspec.json.encode(record) for record in records)


def push(client: httpx.Client, headers: dict[str, str], body: bytes, **params: str) -> httpx.Response:
    params = {"source": "api-feed"} | params if "source" in params else params
    more = {"Content-Type": "application/x-ndjson"} | fresh() | headers
    return client.post(f"{V1}/sightings", params=params, content=body, headers=more)
