"""Where a sensor looked at one packet in so many: what still shows, what does not, and that nobody is called clean."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.traffic.scene import HOME, House
from tocsin.cli.detect import command
from tocsin.engine import Engine
from tocsin.traffic.behaviours.table import BEHAVIOURS
from tocsin.traffic.judge import Host, judge
from tocsin.traffic.read import read_traffic

RATE = 1000
SEED = 20261124


def judged(engine: Engine, house: House, folder: Path, sampled: int) -> Host:
    house.judge(engine)
    found = judge(read_traffic(engine, [folder / "conn.log", folder / "dns.log"]), sampled=sampled)
    return next(each for each in found.hosts if HOME in each.addresses)


def evening_of_a_busy_line(house: House) -> None:
    """What a sample of an honest line's packets looks like: one packet a flow, of any point of its life."""
    dice = random.Random(SEED)
    for number in range(3000):
        opened = dice.random() < 0.15
        house.flow(
            number * 20,
            f"198.51.{100 + number % 3}.{dice.randrange(1, 250)}",
            dice.choice((443, 443, 443, 80, 8443, 5228, 993)),
            state="S0" if opened else "OTH",
            seconds=0,
            out=60,
            back=0,
            packets=(1, 0),
        )


@pytest.mark.parametrize("rate", [2, RATE])
def test_a_host_of_whom_only_a_sample_was_seen_is_never_clean(engine: Engine, tmp_path: Path, rate: int) -> None:
    house = House(tmp_path)
    house.ordinary()
    assert house.judge(engine).verdict == "clean"
    host = judged(engine, house, tmp_path, rate)
    assert (host.verdict, host.sampled) == ("unseen", rate)
    assert {window.verdict for window in host.windows} == {"unseen"}


def test_an_honest_lines_sample_is_not_taken_for_a_scan(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    evening_of_a_busy_line(house)
    assert judged(engine, house, tmp_path, RATE).verdict == "unseen"


def test_what_looks_like_a_beacon_in_a_sample_is_not_believed(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.ordinary()
    for number in range(600):
        house.flow(number * 60, "203.0.113.77", 4711, out=300, back=300, packets=(3, 3))
    assert house.judge(engine).behaviours
    assert judged(engine, house, tmp_path, RATE).behaviours == ()


def test_a_slow_scan_shows_in_a_sample_over_a_day(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    for number in range(12):  # two a hour were in the sample
        house.flow(number * 1800, f"203.{number}.113.{number + 1}", 23, state="S0", seconds=0, packets=(1, 0))
    assert house.judge(engine).verdict == "unseen"
    host = judged(engine, house, tmp_path, RATE)
    assert host.verdict == "infected"
    assert "within a day" in host.behaviours[0].text


def test_a_scan_of_one_address_less_is_not_called_one(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    for number in range(9):
        house.flow(number * 1800, f"203.{number}.113.{number + 1}", 23, state="S0", seconds=0, packets=(1, 0))
    assert judged(engine, house, tmp_path, RATE).verdict == "unseen"


def test_mail_to_many_servers_shows_in_a_sample(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    for number in range(30):
        house.flow(number * 2000, f"203.{number}.113.{number + 1}", 25, state="OTH", packets=(1, 0))
    assert judged(engine, house, tmp_path, RATE).behaviours[0].name == "mail"


def test_a_mail_server_is_not_taken_for_a_spammer(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    for number in range(30):
        house.flow(number * 2000, f"203.{number}.113.{number + 1}", 25, state="OTH", packets=(1, 0))
    house.flow(5000, HOME, 25, state="OTH", packets=(1, 0), caller="203.0.113.200")
    assert judged(engine, house, tmp_path, RATE).verdict == "unseen"


@pytest.mark.parametrize(("packets", "verdict"), [(200 * RATE, "infected"), (200 * RATE - 1, "unseen")])
def test_a_flood_takes_200_packets_in_the_sample(engine: Engine, tmp_path: Path, packets: int, verdict: str) -> None:
    house = House(tmp_path)
    house.flow(60, "203.0.113.9", 80, proto="udp", state="S0", seconds=30, packets=(packets, 0))
    assert judged(engine, house, tmp_path, RATE).verdict == verdict


def test_every_behaviour_says_what_a_sample_means_for_it() -> None:
    assert {each.sampled for each in BEHAVIOURS} == {"same", "", "scan_sampled", "mail_sampled", "flood_sampled"}


def test_the_rate_is_in_every_answer(tmp_path: Path, engine: Engine) -> None:
    house = House(tmp_path)
    for number in range(40):
        house.flow(number, f"203.{number}.113.{number + 1}", 23, state="S0", packets=(1, 0))
    house.judge(engine)
    page = tmp_path / "page.html"
    for more, expected in (((), "1 packet in 1,000"), (("--json",), '"sampled":1000')):
        arguments = [str(tmp_path / "conn.log"), "--sampled", "1000", "--html", str(page), *more]
        result = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
        shown = result.stdout
        if more:
            assert all(json.loads(line)["sampled"] == RATE for line in shown.splitlines())
        assert expected in shown
        assert "One packet in 1,000" in page.read_text()
