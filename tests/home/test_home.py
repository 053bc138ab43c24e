"""Which device was it? As a household asks, with the command."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.home.home_world import ROUTER, START, Home
from tocsin.cli.home import command
from tocsin.home.clues import Signs, all_names, clues, guess, installed

SHARED = Path(__file__).parents[3] / "shared" / "data" / "flows"
CAMERA, LAPTOP, PHONE = "192.168.1.20", "192.168.1.21", "192.168.1.22"
BOT_MASTER = "198.51.100.200"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], standalone_mode=False, catch_exceptions=False)


def devices(*arguments: object) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]
    return {line["addresses"][0]: line for line in lines}


def moment(at_s: float) -> str:
    return (START + timedelta(seconds=at_s)).isoformat().replace("+00:00", "Z")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    home = Home()
    home.lease("44:19:b6:00:00:01", CAMERA, "ipc-front-door")
    home.lease("b8:27:eb:00:00:02", "192.168.1.30", "raspberrypi")
    home.lease("02:aa:bb:cc:dd:ee", PHONE, "*")
    home.ordinary(LAPTOP)
    home.ordinary(PHONE, hours=1)
    home.ask(LAPTOP, "www.msftconnecttest.com", at_s=5)
    home.ask(LAPTOP, "private-matters.example", at_s=6)
    home.scanner(CAMERA)
    home.flow(CAMERA, BOT_MASTER, 48101, at_s=650, caller_port=41234, lasts_s=300)
    return home.write(tmp_path / "house")


def test_each_device_is_named_by_what_it_says_of_itself(house: Path) -> None:
    found = devices(house)
    assert found[CAMERA]["device"] == "ipc-front-door"
    assert found[CAMERA]["kind"] == "camera"
    assert "hikvision" in found[CAMERA]["maker"].lower()
    assert found[LAPTOP]["kind"] == "computer"
    assert found["192.168.1.30"]["kind"] == "single-board computer"


def test_the_bot_is_found_and_the_others_are_not_blamed(house: Path) -> None:
    found = devices(house)
    assert found[CAMERA]["verdict"] == "infected"
    assert found[LAPTOP]["verdict"] == "clean"
    assert found[CAMERA]["advice"][0].startswith("Unplug it")
    assert "advice" not in found[LAPTOP]


def test_the_device_that_spoke_to_that_address_at_that_moment_is_the_one(house: Path) -> None:
    found = devices(house, "--at", moment(700), "--peer", f"{BOT_MASTER}:48101")
    assert found[CAMERA]["match"] >= 0.9
    assert found[LAPTOP]["match"] == 0
    assert BOT_MASTER in found[CAMERA]["reason"]


def test_the_port_of_the_line_tells_too_where_the_router_keeps_it(house: Path) -> None:
    found = devices(house, "--at", moment(651), "--port", 41234)
    assert found[CAMERA]["match"] > 0.8


def test_two_who_spoke_to_it_share_the_belief(house: Path, tmp_path: Path) -> None:
    home = Home()
    for caller in (CAMERA, LAPTOP):
        home.ordinary(caller, hours=1)
        home.flow(caller, BOT_MASTER, 80, at_s=900)
    found = devices(home.write(tmp_path / "two"), "--at", moment(900), "--peer", BOT_MASTER)
    assert found[CAMERA]["match"] == found[LAPTOP]["match"] == 0.5


def test_what_nobody_behind_the_router_did_may_be_the_router(tmp_path: Path) -> None:
    home = Home()
    home.ordinary(LAPTOP)
    found = devices(home.write(tmp_path / "quiet"), "--at", moment(1800), "--peer", BOT_MASTER)
    assert found[ROUTER]["kind"] == "router"
    assert found[ROUTER]["match"] >= 0.4
    assert found[LAPTOP]["match"] == 0
    shown = run(tmp_path / "quiet", "--at", moment(1800), "--peer", BOT_MASTER).stdout
    assert "the router itself" in shown


def test_a_moment_that_the_logs_do_not_cover_accuses_nobody_directly(house: Path) -> None:
    shown = run(house, "--at", "2026-11-20T10:00:00Z", "--peer", "203.0.113.250").stdout
    assert "do not cover the moment" in shown
    found = devices(house, "--at", "2026-11-20T10:00:00Z", "--peer", "203.0.113.250")
    assert 0 < found[CAMERA]["match"] < 0.5
    assert ROUTER not in found or not found[ROUTER].get("match")


def test_what_somebody_has_installed_himself_is_said_to_be_so(tmp_path: Path) -> None:
    home = Home()
    home.ordinary(LAPTOP)
    home.ask(LAPTOP, "api.honeygain.com", at_s=50)
    home.flow(LAPTOP, BOT_MASTER, 4444, at_s=60)
    found = devices(home.write(tmp_path / "proxy"), "--at", moment(60), "--peer", BOT_MASTER)
    assert "sells your connection" in found[LAPTOP]["installed"]
    assert "Somebody at home" in found[LAPTOP]["advice"][0]


def test_a_device_with_a_made_up_card_and_no_name_may_be_a_guest(house: Path) -> None:
    found = devices(house)
    assert found[PHONE]["guest"] is True
    assert "guest" not in found[CAMERA]


def test_nothing_is_shown_of_what_people_look_at(house: Path) -> None:
    for shown in (run(house).stdout, run(house, "--json").stdout):
        assert "private-matters" not in shown
        assert "news.example" not in shown


def test_a_notice_is_read_for_its_moment_and_port(house: Path, tmp_path: Path) -> None:
    notice = tmp_path / "notice.eml"
    text = f"It was seen on {START:%Y-%m-%d} at 10:10:51 UTC from your address 198.51.100.7, port: 41234."
    notice.write_text(f"From: abuse@isp.example\nSubject: x\nDate: Mon, 23 Nov 2026 12:00:00 +0000\n\n{text}\n")
    found = devices(house, "--notice", notice)
    assert found[CAMERA]["match"] > 0.8


def test_a_notice_without_a_moment_is_sent_back(house: Path, tmp_path: Path) -> None:
    from tocsin.terms.errors import BadRequest

    notice = tmp_path / "notice.txt"
    notice.write_text("A device on your line is infected with malware.\n")
    with pytest.raises(BadRequest, match="names no moment"):
        run(house, "--notice", notice)


@pytest.mark.parametrize("peer", ["nobody", "203.0.113.7:x", "[2001:db8::1"])
def test_an_address_that_is_none_is_refused(house: Path, peer: str) -> None:
    from tocsin.terms.errors import BadRequest

    with pytest.raises(BadRequest, match="is no address"):
        run(house, "--at", moment(1), "--peer", peer)


def test_without_logs_it_says_what_to_switch_on_and_where_to_look_first() -> None:
    shown = run().stdout
    assert "Pi-hole" in shown
    assert "the router itself; cameras" in shown


@pytest.mark.parametrize(
    "line",
    [
        "192.168.1.20 dev br-lan lladdr 44:19:b6:00:00:01 REACHABLE",
        "front (192.168.1.20) at 44:19:b6:00:00:01 [ether] on br-lan",
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "192.168.1.20     0x1         0x2         44:19:b6:00:00:01     *        br-lan",
    ],
)
def test_a_routers_list_of_neighbours_names_the_makers(tmp_path: Path, line: str) -> None:
    home = Home()
    home.ordinary(CAMERA, hours=1)
    folder = home.write(tmp_path / "neighbours")
    (folder / "neighbours.list").write_text(
        line + "\n192.168.1.77 dev br-lan FAILED\n" if "dev" in line else line + "\n"
    )
    assert devices(folder)[CAMERA]["kind"] == "camera"


def test_a_broken_line_is_a_reject_and_the_rest_goes_on(house: Path) -> None:
    with (house / "dhcp.leases").open("a") as file:
        file.write("not a lease\n")
    result = run(house, "--json")
    assert result.return_value == 1
    assert "neither a lease nor a neighbour" in result.stderr


def test_signs_add_up_and_one_clue_counts_once() -> None:
    assert guess(Signs(said=("iphone",))).kind == "phone"
    one = guess(Signs(said=("ipcam",)))
    assert one == guess(Signs(said=("ipcam", "ipc-2", "camera")))
    assert guess(Signs(said=("diskstation",), maker="synology incorporated")).sure == one.sure
    assert guess(Signs()).kind == "unknown"


def test_the_clues_are_lower_case_and_of_weights_between_0_and_1() -> None:
    assert all(name == name.lower() for name in all_names())
    assert all(0 < clue.weight < 1 and (clue.names or clue.says or clue.makers) for clue in clues().clue)
    assert installed(["hola.org"])
    assert not installed(["news.example"])


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared: no data beside the checkout")
@pytest.mark.parametrize(
    ("folder", "bot"),
    [
        ("iot23-34-1-mirai", "192.168.1.195"),
        ("001-zeek-scenario-malicious", "192.168.1.115"),
        ("003-zeek-scenario-malicious", "10.8.0.61"),
        ("005-zeek-scenario-malicious", "192.168.1.116"),
        ("CTU-Malware-Capture-Botnet-4", "10.0.2.19"),
    ],
)
def test_the_bots_of_real_captures_are_named_and_nobody_else(folder: str, bot: str) -> None:
    found = devices(SHARED / folder)
    assert [address for address, device in found.items() if device["verdict"] == "infected"] == [bot]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared: no data beside the checkout")
def test_the_clean_device_of_a_real_capture_is_cleared() -> None:
    assert {device["verdict"] for device in devices(SHARED / "008-zeek-mixed").values()} <= {"clean", "unseen"}


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared: no data beside the checkout")
def test_the_connection_of_a_real_notice_leads_to_the_device() -> None:
    found = devices(SHARED / "iot23-34-1-mirai", "--at", "2018-12-21T15:00:10Z", "--peer", "185.244.25.235:6667")
    assert found["192.168.1.195"]["match"] >= 0.9
