"""What looks like a bot and is none; each beside the bot that it looks like. Generated, as the scene says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traffic.scene import HOME, House
from tocsin.engine import Engine
from tocsin.traffic.lists import Indicator


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.ordinary()
    return made


def stranger(number: int) -> str:
    return f"100.{128 + number // 250}.{number * 7 % 250}.{1 + number % 250}"


def backup(house: House) -> None:
    house.lookup(0, "backup.cloud.example", "203.0.113.9")
    for hour in range(20):
        house.flow(
            hour * 3600,
            "203.0.113.9",
            443,
            service="ssl",
            seconds=1500,
            out=900_000_000,
            back=4_000_000,
            packets=(600_000, 300_000),
        )


def vpn(house: House) -> None:
    house.flow(0, "203.0.113.10", 51820, proto="udp", seconds=80_000, out=10**9, back=10**10, packets=(10**6, 10**7))
    house.flow(0, "203.0.113.11", 1194, seconds=80_000, out=10**9, back=10**10)


def bittorrent(house: House) -> None:
    house.lookup(1, "router.bittorrent.com", "203.0.113.20")
    for number in range(400):
        port = 6881 if number % 9 == 0 else 10_000 + number * 131 % 50_000
        state, size = ("S0", 0) if number % 2 else ("SF", 30_000_000)
        house.flow(number * 20, stranger(number), port, proto="udp", state=state, out=500, back=size)


def video_call(house: House) -> None:
    house.lookup(0, "meet.example", "203.0.113.30")
    house.flow(
        1,
        "203.0.113.30",
        3478,
        proto="udp",
        seconds=3600,
        out=500_000_000,
        back=600_000_000,
        packets=(400_000, 500_000),
    )


def game(house: House) -> None:
    for evening in range(3):
        house.flow(
            evening * 7000,
            "203.0.113.40",
            27015,
            proto="udp",
            seconds=6000,
            out=20_000_000,
            back=90_000_000,
            packets=(300_000, 320_000),
        )


def television(house: House) -> None:
    for minute in range(0, 1400, 5):
        house.flow(minute * 60, "203.0.113.50", 443, service="ssl", out=600, back=600)
    house.lookup(0, "telemetry.tv.example", "203.0.113.50")


def time_and_keepalive(house: House) -> None:
    for number in range(300):
        house.flow(number * 64, "203.0.113.60", 123, proto="udp", out=76, back=76, packets=(1, 1))
        house.flow(number * 240, "203.0.113.61", 8883, seconds=1, out=90, back=90)


def speed_test(house: House) -> None:
    house.lookup(0, "speed.example", "203.0.113.70")
    house.flow(1, "203.0.113.70", 8080, seconds=15, out=900_000_000, back=9_000_000, packets=(650_000, 200_000))


def attacked(house: House) -> None:
    for number in range(3000):
        house.flow(number * 2, HOME, 1 + number % 6000, state="S0", caller=stranger(number))


@pytest.mark.parametrize(
    "scene", [backup, vpn, bittorrent, video_call, game, television, time_and_keepalive, speed_test, attacked]
)
def test_what_people_do_is_clean(engine: Engine, house: House, scene) -> None:  # type: ignore[no-untyped-def]
    scene(house)
    host = house.judge(engine)
    assert host.verdict == "clean", host.behaviours


def test_an_owner_who_scans_his_house_is_no_bot(engine: Engine, house: House) -> None:
    for target in range(1, 60):
        house.flow(target, f"192.168.7.{target + 100}", 22, state="S0")
        house.flow(target, "192.168.7.1", 8000 + target, state="REJ")
    assert house.judge(engine).verdict == "suspicious"


@pytest.mark.parametrize(("targets", "verdict"), [(19, "clean"), (20, "infected")])
def test_a_worm_is_known_by_twenty_silent_strangers(engine: Engine, house: House, targets: int, verdict: str) -> None:
    for number in range(targets):
        house.flow(number, stranger(number), 23, state="S0")
    assert house.judge(engine).verdict == verdict


@pytest.mark.parametrize(("servers", "verdict"), [(9, "clean"), (40, "infected")])
def test_a_spammer_delivers_by_himself(engine: Engine, house: House, servers: int, verdict: str) -> None:
    for number in range(servers):
        house.flow(number * 5, f"100.{130 + number % 60}.7.{number + 1}", 25, service="smtp")
    assert house.judge(engine).verdict == verdict


def test_a_mail_server_is_written_to(engine: Engine, house: House) -> None:
    house.flow(0, HOME, 25, service="smtp", caller="203.0.113.80")
    for number in range(40):
        house.flow(number * 5, f"100.{130 + number % 60}.7.{number + 1}", 25, service="smtp")
    assert house.judge(engine).verdict == "clean"


@pytest.mark.parametrize(("flows", "verdict"), [(900, "clean"), (1500, "infected")])
def test_a_flood_is_a_thousand_calls_in_a_minute(engine: Engine, house: House, flows: int, verdict: str) -> None:
    for number in range(flows):
        house.flow(3600 + number * 0.03, "203.0.113.90", 80, state="OTH", back=0, packets=(3, 0))
    assert house.judge(engine).verdict == verdict


def test_a_listed_trap_condemns_only_within_its_dates_and_when_it_answered(engine: Engine, house: House) -> None:
    house.flow(100, "203.0.113.99", 80, service="http")
    trap = Indicator(kind="address", value="203.0.113.99", list="traps", role="sinkhole", malware="simda")
    assert house.judge(engine, [trap]).verdict == "infected"
    assert house.judge(engine).verdict == "clean"


def test_the_same_scene_twice_is_judged_the_same(engine: Engine, house: House) -> None:
    for number in range(30):
        house.flow(number, stranger(number), 2323, state="S0")
    assert house.judge(engine) == house.judge(engine)
