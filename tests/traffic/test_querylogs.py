"""Query logs of resolvers: clocks, hostile lines, and what a log alone can show."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.traffic.golden_files import BERLIN
from tocsin.engine import Engine
from tocsin.evidence.stamps import Stamp
from tocsin.traffic.judge import judge
from tocsin.traffic.lists import Indicator
from tocsin.traffic.read import read_traffic
from tocsin.traffic.readers.said import dnsmasq
from tocsin.traffic.readers.waiting import OPEN_MAX, SAME_MAX, Question, Waiting
from tocsin.traffic.reading import Clock

CLIENT = "192.168.7.10"


def written(folder: Path, lines: list[str], at: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)) -> Path:
    path = folder / "pihole.log"
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def test_without_a_zone_a_local_time_is_refused_and_the_reason_names_the_remedy(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, [f"Nov 24 03:16:02 dnsmasq[1]: query[A] shop.example from {CLIENT}"] * 3)
    traffic = read_traffic(engine, [path])
    assert engine.rows("SELECT count(*) FROM lookups") == [(0,)]
    assert traffic.rejects == 3
    (name, reject), *_ = traffic.rejected()
    assert (name, reject.line) == ("pihole.log", 1)
    assert "--zone" in reject.reason


def test_a_turn_of_the_year_is_dated_by_the_files_own_date(engine: Engine, tmp_path: Path) -> None:
    lines = [f"{day} dnsmasq[1]: query[A] shop.example from {CLIENT}" for day in ("Dec 31 23:59:59", "Jan  1 00:00:01")]
    path = written(tmp_path, lines, datetime(2027, 1, 1, 12, tzinfo=UTC))
    read_traffic(engine, [path], clock=BERLIN)
    years = engine.rows('SELECT year("at" + INTERVAL 1 HOUR) FROM lookups ORDER BY "at"')
    assert years == [(2026,), (2027,)]


def test_a_file_from_the_future_is_dated_by_now(engine: Engine, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [f"Nov 24 03:16:02 dnsmasq[1]: query[A] shop.example from {CLIENT}"],
        datetime(2031, 1, 1, tzinfo=UTC),
    )
    clock = Clock(ZoneInfo("Europe/Berlin"), datetime(2026, 11, 25, tzinfo=UTC))
    read_traffic(engine, [path], clock=clock)
    assert engine.rows('SELECT year("at") FROM lookups') == [(2026,)]


def test_an_hour_that_the_zone_had_twice_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, [f"Oct 25 02:30:00 dnsmasq[1]: query[A] shop.example from {CLIENT}"])
    traffic = read_traffic(engine, [path], clock=BERLIN)
    assert "twice" in traffic.rejected()[0][1].reason


@pytest.mark.parametrize(
    "text",
    [
        "query[A] <script>alert(1)</script>.example from 192.168.7.10",
        "query[A] \x1b[31mred.example from 192.168.7.10",
        "query[A] " + ".".join(["a" * 63] * 4) + " from 192.168.7.10",
        "query[A] \u202egnp.example from 192.168.7.10",
        "query[A] a from 6.6.6.6 from 192.168.7.10",
    ],
)
def test_a_hostile_name_never_changes_who_asked(engine: Engine, tmp_path: Path, text: str) -> None:
    path = written(tmp_path, ["2026-11-24T03:16:02Z dnsmasq[1]: " + text])
    read_traffic(engine, [path], asked="querylog") if text.isascii() else read_traffic(engine, [path])
    ((client, name),) = engine.rows("SELECT address_text(client), name FROM lookups")
    assert client == CLIENT
    assert not {"\x1b", "\u202e"} & set(str(name))
    assert len(str(name)) <= 255


def test_questions_that_nobody_answers_are_let_go_and_not_gathered() -> None:
    told: list[Question] = []
    waiting = Waiting(told.append)
    for number in range(OPEN_MAX + 7):
        said = dnsmasq(f"query[A] n{number}.example from {CLIENT}")
        assert said
        waiting.take(number, Stamp(), said)
    assert len(told) == 7
    waiting.end()
    assert len(told) == OPEN_MAX + 7


def test_one_name_asked_ever_again_without_an_answer_keeps_few_open() -> None:
    told: list[Question] = []
    waiting = Waiting(told.append)
    for number in range(SAME_MAX + 1):
        said = dnsmasq(f"query[A] same.example from {CLIENT}")
        assert said
        waiting.take(number, Stamp(), said)
    assert [each.line for each in told] == [0]


def _made_up(number: int) -> str:
    dice = random.Random(number)
    return "".join(dice.choice("bcdfghjklmnpqrstvwxz0123456789") for _ in range(17)) + ".example"


def test_names_that_a_program_made_up_are_found_in_a_pihole_log_alone(engine: Engine, tmp_path: Path) -> None:
    lines = []
    for number in range(60):
        at = f"Nov 24 03:{number:02}:01 dnsmasq[1]:"
        name = _made_up(number).replace(".example", f".d{number % 9}.example")
        lines += [f"{at} query[A] {name} from {CLIENT}", f"{at} reply {name} is NXDOMAIN"]
        lines += [f"{at} query[A] www{number % 7}.shop.example from 192.168.7.11"]
        lines += [f"{at} reply www{number % 7}.shop.example is 198.51.100.{number + 1}"]
    hosts = judge(read_traffic(engine, [written(tmp_path, lines)], clock=BERLIN)).hosts
    assert {host.host: host.verdict for host in hosts} == {CLIENT: "infected", "192.168.7.11": "clean"}
    assert [each.name for each in hosts[0].behaviours] == ["dga"]


def test_what_a_block_list_answers_is_no_sign_that_a_name_does_not_exist(engine: Engine, tmp_path: Path) -> None:
    lines = []
    for number in range(60):
        at, name = f"Nov 24 03:{number:02}:01 dnsmasq[1]:", _made_up(number)
        lines += [f"{at} query[A] {name} from {CLIENT}", f"{at} gravity blocked {name} is NXDOMAIN"]
    (host,) = judge(read_traffic(engine, [written(tmp_path, lines)], clock=BERLIN)).hosts
    assert host.verdict == "clean"


def test_a_listed_name_in_a_query_log_is_a_suspicion_and_no_proof(engine: Engine, tmp_path: Path) -> None:
    lines = [f"Nov 24 03:{n:02}:01 dnsmasq[1]: query[A] c2.example from {CLIENT}" for n in range(30)]
    known = Indicator(kind="name", value="c2.example", list="ours")
    (host,) = judge(read_traffic(engine, [written(tmp_path, lines)], clock=BERLIN), lists=[known]).hosts
    assert (host.verdict, host.behaviours[0].name) == ("suspicious", "indicator")


def test_clients_of_the_resolver_are_ours_whatever_their_address(engine: Engine, tmp_path: Path) -> None:
    lines = [f"Nov 24 03:16:{n:02} dnsmasq[1]: query[A] a{n}.example from 2001:db8:7::10" for n in range(25)]
    (host,) = judge(read_traffic(engine, [written(tmp_path, lines)], clock=BERLIN)).hosts
    assert (host.host, host.verdict) == ("2001:db8:7::10", "clean")
