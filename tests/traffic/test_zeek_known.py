"""Zeek's logs of what it knows: used for a device's name, or recognised and not needed, and never refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home.home_world import Home
from tests.home.test_home import devices
from tocsin.engine import Engine
from tocsin.traffic.read import read_traffic

LOGS = {
    "ntp": '{"ts":1,"uid":"C1","id.orig_h":"192.168.1.9","stratum":2,"ref_id":"192.0.2.1"}',
    "known_hosts": '{"ts":1,"host":"192.168.1.9"}',
    "known_services": '{"ts":1,"host":"192.168.1.9","port_num":22,"port_proto":"tcp","service":["SSH"]}',
    "known_certs": '{"ts":1,"host":"192.168.1.9","port_num":443,"serial":"01"}',
}


@pytest.mark.parametrize("log", LOGS)
def test_a_log_that_is_not_needed_is_known_and_gives_no_reject(engine: Engine, tmp_path: Path, log: str) -> None:
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / f"{log}.log").write_text(LOGS[log] + "\n")
    (tmp_path / f"{log}.log").write_text(f"#separator \\x09\n#path\t{log}\n#fields\tts\thost\n1.0\t192.168.1.9\n")
    traffic = read_traffic(engine, [tmp_path])
    assert sorted(source.format for source in traffic.sources) == [f"zeek:{log}:json", f"zeek:{log}:tsv"]
    assert traffic.rejects == 0
    assert not traffic.warnings


def test_known_devices_name_a_card_that_conn_log_has_seen(tmp_path: Path) -> None:
    home = Home()
    home.lease("b8:27:eb:00:00:02", "192.168.1.30", "*")
    home.ordinary("192.168.1.30", hours=1)
    home.write(tmp_path)
    (tmp_path / "known_devices.log").write_text(
        "#separator \\x09\n#path\tknown_devices\n#fields\tts\tmac\tdhcp_host_name\n"
        "1795428000.0\tB8:27:EB:00:00:02\tweather-mast\n"
    )
    assert devices(tmp_path)["192.168.1.30"]["device"] == "weather-mast"
