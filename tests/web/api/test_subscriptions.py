"""What a constituent has subscribed to: by system, prefix, country and domain, and nobody who complained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.reports.test_markings import world
from tests.reports.test_report import CONFIG, run, sighting
from tests.witness.report_world import NOW
from tocsin.pipeline.api_keys import clean_networks
from tocsin.pipeline.house import House
from tocsin.pipeline.reach import ALL, Reach, reach_of
from tocsin.pipeline.seen import Marked, SeenPlace, SeenRow, Sought, seen_page, withheld
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import BadRequest
from tocsin.terms.markings import TLPS, Tlp

NETWORKS = """prefix,origin,country,abuse_contact
192.0.2.0/24,64500,IN,abuse@one.example
192.0.2.128/25,64501,DE,abuse@two.example
198.51.100.0/24,64501,DE,abuse@two.example
"""
SEEN = {
    "192.0.2.10": "www.agency.example",
    "192.0.2.200": "notagency.example",
    "198.51.100.7": "Agency.Example.",
    "198.51.100.8": "agency.example.evil.example",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("clearing")
    (folder / "tocsin.toml").write_text(CONFIG)
    (folder / "networks.csv").write_text(NETWORKS)
    rows = [sighting(address, peer_name=name, peer_address="203.0.113.9") for address, name in SEEN.items()]
    (folder / "feed.jsonl").write_text("\n".join(rows) + "\n")
    run(folder, "init")
    run(folder, "networks", "update", str(folder / "networks.csv"), "--valid-from", "2026-01-01T00:00:00Z")
    run(folder, "read", str(folder / "feed.jsonl"), "--source", "sinkhole")
    with House.open(config_file=folder / "tocsin.toml", data=folder / "data", now=NOW) as opened:
        yield opened


def own(house: House, *words: str) -> Reach:
    return reach_of(clean_networks(words), house, NOW)


def page(house: House, reach: Reach, rows: int = 100, after: SeenPlace | None = None) -> list[SeenRow]:
    sought = Sought(where=ALL, own=reach, since=NOW - timedelta(days=3), until=NOW)
    return seen_page(house.lake, sought, after=after, rows=rows)


@pytest.mark.parametrize(
    ("words", "addresses"),
    [
        (["AS64500"], {"192.0.2.10"}),
        (["192.0.2.0/24"], {"192.0.2.10", "192.0.2.200"}),
        (["IN"], {"192.0.2.10"}),  # of two prefixes the longer one has the word
        (["DE"], {"192.0.2.200", "198.51.100.7", "198.51.100.8"}),
        (["agency.example"], {"192.0.2.10", "198.51.100.7"}),
        (["agency.example", "198.51.100.8/32"], {"192.0.2.10", "198.51.100.7", "198.51.100.8"}),
        (["JP"], set()),
        (["elsewhere.example"], set()),
    ],
)
def test_each_sees_what_its_subscription_covers(house: House, words: list[str], addresses: set[str]) -> None:
    assert {row.address for row in page(house, own(house, *words))} == addresses


def test_pages_follow_one_another_within_the_subscription(house: House) -> None:
    reach = own(house, "agency.example")
    first = page(house, reach, rows=1)
    assert len(first) == 2  # one more says that there are more
    second = page(house, reach, rows=1, after=SeenPlace(first[0].seen_at, first[0].id))
    assert [row.address for row in second] == [first[1].address]


def test_a_domain_opens_no_address(house: House) -> None:
    reach = own(house, "agency.example")
    assert not reach.is_all
    assert not any(reach.holds(parse_address(address)) for address in SEEN)


def test_nobody_who_complained_is_in_it(house: House) -> None:
    reach = own(house, "AS64500")
    [row] = [withheld(row, reach) for row in page(house, reach)]
    assert (row.observer, row.peer_name, row.peer_address) == (None, None, None)
    mine = own(house, "agency.example")
    shown = [withheld(row, mine) for row in page(house, mine)]
    assert {row.peer_name for row in shown} == {"www.agency.example", "Agency.Example."}
    assert {row.observer for row in shown} == {None}


@pytest.mark.parametrize("highest", TLPS)
def test_what_is_marked_higher_is_not_handed_out(highest: Tlp, tmp_path: Path) -> None:
    rows = [sighting(f"192.0.2.{place}", extra={"tlp": f"TLP:{tlp}"}) for place, tlp in enumerate(TLPS, 11)]
    world(tmp_path, "", *rows, sighting("192.0.2.1"), sighting("192.0.2.2", extra={"TLP": "purple"}))
    with House.open(config_file=tmp_path / "tocsin.toml", data=tmp_path / "data", now=NOW) as opened:
        span = Sought(where=ALL, own=ALL, since=NOW - timedelta(days=3), until=NOW)
        for source in TLPS:
            sought = msgspec.structs.replace(span, marked=Marked.up_to(highest, {"sinkhole": source}))
            found = {row.address for row in seen_page(opened.lake, sought, after=None, rows=100)}
            if TLPS.index(source) > TLPS.index(highest):
                assert found == set()
            else:
                assert found == {"192.0.2.1", *(f"192.0.2.{11 + place}" for place in range(TLPS.index(highest) + 1))}
        assert len(seen_page(opened.lake, span, after=None, rows=100)) == len(TLPS) + 2


@pytest.mark.parametrize("word", ["in", "IND", "agency", "*.example", "agency.example/24", "AS0", "%.example", ""])
def test_what_is_no_network_is_refused(word: str) -> None:
    with pytest.raises(BadRequest):
        clean_networks([word])


def test_words_are_kept_in_one_form() -> None:
    assert clean_networks(["as64500", "IN", "Agency.Example", "192.0.2.0/24"]) == (
        *("AS64500", "IN", "agency.example", "192.0.2.0/24"),
    )
