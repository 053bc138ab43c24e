"""`held` says what was seen on an address, and nothing of who had it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.attribution.resolve.resolve_worlds import add_rows
from tocsin.attribution.held import Held, held
from tocsin.lake import Lake
from tocsin.terms.addresses import parse_address, parse_network

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEEN = (("192.0.2.1", 0), ("192.0.2.1", 86_400), ("192.0.2.2", 60), ("192.0.2.1", -60), ("2001:db8::5", 30))


@pytest.fixture
def seen(lake: Lake) -> Lake:
    with lake.writing("sightings") as writing:
        batch = writing.batch("seen", kind="test", at=NOON)
        for day in (NOON.date(), NOON.date() + timedelta(days=1)):
            rows: list[dict[str, object]] = [
                {
                    "id": UUID(int=number),
                    "seen_at": NOON + timedelta(seconds=second),
                    "role": "infected",
                    "address": parse_address(address),
                    "kind": "infected-system",
                    "source": "cert",
                    "source_ref": f"REF-{number}",
                    "malware": "mirai" if number else None,
                }
                for number, (address, second) in enumerate(SEEN)
                if (NOON + timedelta(seconds=second)).date() == day
            ]
            add_rows(lake, "sightings", rows)
            batch.add("sightings", day, "SELECT * FROM laid_down")
        batch.commit()
    return lake


def ids(lake: Lake, network: str, first_s: int, last_s: int) -> list[int]:
    since, until = NOON + timedelta(seconds=first_s), NOON + timedelta(seconds=last_s)
    return [each.id.int for each in held(lake, parse_network(network), since=since, until=until)]


def test_what_is_held_is_the_oldest_first(seen: Lake) -> None:
    assert ids(seen, "192.0.2.1", -3_600, 100_000) == [3, 0, 1]


def test_the_span_is_half_open(seen: Lake) -> None:
    assert ids(seen, "192.0.2.1", -60, 0) == [3]
    assert ids(seen, "192.0.2.1", 0, 86_400) == [0]


def test_a_network_holds_its_addresses(seen: Lake) -> None:
    assert ids(seen, "192.0.2.0/24", -3_600, 3_600) == [3, 0, 2]
    assert ids(seen, "2001:db8::/32", -3_600, 3_600) == [4]
    assert ids(seen, "203.0.113.0/24", -3_600, 3_600) == []


def test_ipv4_does_not_belong_to_an_ipv6_network(seen: Lake) -> None:
    assert ids(seen, "::/0", -3_600, 3_600) == [4]


def test_a_row_says_what_was_seen_and_names_no_subscriber(seen: Lake) -> None:
    since = NOON
    (first,) = held(seen, parse_network("192.0.2.1"), since=since, until=since + timedelta(seconds=1))
    assert first == Held(
        id=UUID(int=0),
        seen_at=NOON,
        address=parse_address("192.0.2.1"),
        source="cert",
        kind="infected-system",
        source_ref="REF-0",
    )
    assert "subscriber" not in Held.__struct_fields__
