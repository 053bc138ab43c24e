"""How each network fares that is reported to: what is seen of it, how soon it is quiet, whether anybody reads there."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.delivery.returned import block, mail, report
from tests.reports.test_report import CONFIG, run, sighting
from tests.witness.report_world import NOW
from tocsin.measure.origins import OriginCount, Outcome, SpellCount, origin_cards
from tocsin.notices.bounce import bounce_address
from tocsin.pipeline.house import House
from tocsin.terms.errors import BadRequest

NETWORKS = """prefix,origin,country,abuse_contact
192.0.2.0/24,64500,IN,abuse@one.example
198.51.100.0/25,64501,DE,abuse@two.example
198.51.100.128/25,64500,IN,abuse@one.example
2001:db8::/32,64502,JP,abuse@six.example
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mailbox = '\n[mailbox]\nvia = "maildir"\nmaildir = "inbox"\n'
    (tmp_path / "tocsin.toml").write_text(CONFIG.partition("[[reports.contacts]]")[0] + mailbox)
    (tmp_path / "networks.csv").write_text(NETWORKS)
    for name in ("new", "cur", "tmp"):
        (tmp_path / "inbox" / name).mkdir(parents=True)
    rows = [
        *(at("192.0.2.1", days) for days in (29, 27, 25)),  # four days, and quiet
        at("192.0.2.2", 29),  # at once
        at("192.0.2.3", 1),  # nobody knows yet
        at("198.51.100.7", 20),
        at("198.51.100.200", 29),
        *(at(f"2001:db8::{last}", 1) for last in (1, 2)),  # of one network of 64 bits
    ]
    (tmp_path / "feed.jsonl").write_text("\n".join(rows) + "\n")
    run(tmp_path, "init")
    run(tmp_path, "networks", "update", str(tmp_path / "networks.csv"), "--valid-from", "2026-01-01T00:00:00Z")
    run(tmp_path, "read", str(tmp_path / "feed.jsonl"), "--source", "sinkhole")
    return tmp_path


def at(address: str, days_ago: int) -> str:
    moment = (NOW - timedelta(days=days_ago)).isoformat().replace("+00:00", "Z")
    return sighting(address, seen_at=moment, seen_until=moment)


def cards(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(folder, "report", "--scorecard", "--json").splitlines()]


def test_each_network_has_its_card_the_worst_first(folder: Path) -> None:
    first, *others = cards(folder)
    assert [first["origin"], *(each["origin"] for each in others)] == [64500, 64502, 64501]
    assert (first["sightings"], first["addresses"], first["size"], first["country"]) == (6, 4, 256 + 128, "IN")
    assert first["per_1000"] == pytest.approx(1000 * 6 / 384 / 30)
    assert first["median_days"] == 0.0  # two of four at once
    six, two = others
    assert (six["addresses"], six["sightings"]) == (1, 2)
    assert "per_1000" not in six
    assert "median_days" not in six
    assert (two["size"], two["median_days"]) == (128, 0.0)


def test_reports_that_came_back_and_replies_are_counted(folder: Path) -> None:
    run(folder, "report", "--send")
    with House.open(config_file=folder / "tocsin.toml", data=folder / "data", now=NOW) as house:
        numbers = {
            mail_to: number
            for path in (house.data / "outbox/new").iterdir()
            for mail_to, number in [numbered(path.read_bytes().decode())]
        }
        gone = bounce_address(numbers["abuse@six.example"], "cert.example", house.keys.secret)
    new = folder / "inbox" / "new"
    (new / "1700000001.M1.mx").write_bytes(report(gone, block("abuse@six.example")))
    answer = mail("From: a@one.example", f"Subject: Re: [{numbers['abuse@one.example']}]", body="We did.\n")
    (new / "1700000002.M2.mx").write_bytes(answer)
    run(folder, "post")
    by_origin = {each["origin"]: each for each in cards(folder)}
    assert [by_origin[64500][name] for name in ("reports", "bounces", "replies")] == [1, 0, 1]
    assert [by_origin[64502][name] for name in ("reports", "bounces", "replies")] == [1, 1, 0]
    shown = run(folder, "report", "--scorecard")
    assert "AS64500 IN" in shown
    measured = [json.loads(line) for line in run(folder, "measure", "--json").splitlines()]
    assert [each["origin"] for each in measured if each["measured"] == "origin"] == [64500, 64502, 64501]


def numbered(raw: str) -> tuple[str, str]:
    lines = {name: value for name, _, value in (line.partition(": ") for line in raw.split("\r\n"))}
    return lines["To"], lines["Subject"][1:19]


def test_what_is_not_over_is_no_end() -> None:
    count = OriginCount(origin=64500, sightings=4, ipv4_sightings=4, addresses=4, contacts=("a@b.example",))
    spells = [SpellCount(64500, 2.0, True, 1), SpellCount(64500, 9.0, False, 3)]
    [card] = origin_cards([count], spells, {}, {"a@b.example": Outcome(3, 2, 1)}, 30)
    assert card.median_days is None
    assert card.per_1000 is None
    assert (card.reports, card.bounces, card.replies) == (3, 2, 1)


def test_days_that_cannot_be_scored_are_refused(folder: Path) -> None:
    for days in ("0", "31"):
        with pytest.raises(BadRequest, match="cannot be scored"):
            run(folder, "report", "--scorecard", "--days", days)
