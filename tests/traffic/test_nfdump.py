"""nfdump: its program is asked without a shell, bounded, and a missing, hanging or complaining one is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.traffic.golden_files import BERLIN, FOLDER
from tocsin.engine import Engine
from tocsin.traffic.read import read_traffic
from tocsin.traffic.readers import nfdump_program
from tocsin.traffic.readers.nfdump_json import OBJECT_LINES_MAX

NETFLOW = FOLDER / "netflow.nfcapd"
needs_nfdump = pytest.mark.skipif(shutil.which("nfdump") is None, reason="nfdump is not installed")


def stub(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program of that name, before the real one."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "nfdump"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")


def reasons(engine: Engine, path: Path) -> list[str]:
    return [reject.reason for _, reject in read_traffic(engine, [path]).rejected()]


def test_without_the_program_it_says_what_to_do(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (reason,) = reasons(engine, NETFLOW)
    assert "not installed" in reason
    assert "nfdump -r FILE -o csv" in reason


def test_one_that_hangs_is_ended(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nfdump_program, "SILENT_S_MAX", 0.2)
    stub(tmp_path, monkeypatch, '[ "$1" = -E ] || exec sleep 600\n')
    (reason,) = reasons(engine, NETFLOW)
    assert "was ended" in reason


def test_what_it_complains_of_is_told_though_it_ends_well(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(tmp_path, monkeypatch, "printf '\\033[31mcannot' >&2; yes x | head -c 9000000 >&2; exit 0\n")
    (reason,) = reasons(engine, NETFLOW)
    assert "could not read all of it" in reason
    assert reason.isprintable()


@needs_nfdump
def test_a_name_with_a_dash_or_a_shells_signs_is_a_path_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    path = Path(shutil.copy(NETFLOW, tmp_path / "-w; touch hacked $(id).nfcapd"))
    assert read_traffic(engine, [path]).sources[0].rows == {"flows": 20}
    assert not list(tmp_path.glob("hacked*"))


@needs_nfdump
@pytest.mark.parametrize("cut", range(2, 2389, 97))
def test_a_file_that_is_cut_anywhere_is_told_and_breaks_nothing(engine: Engine, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.nfcapd"
    path.write_bytes(NETFLOW.read_bytes()[:cut])
    traffic = read_traffic(engine, [path])
    assert traffic.rejects or traffic.sources[0].rows == {"flows": 20}


@needs_nfdump
def test_the_rate_that_the_exporter_told_is_believed(engine: Engine) -> None:
    assert read_traffic(engine, [NETFLOW]).sampled == 1000


def test_json_that_was_sampled_is_believed_by_what_its_counts_have_in_common(engine: Engine, tmp_path: Path) -> None:
    records = [
        {
            "first": "2026-11-24T03:16:02.5",
            "src4_addr": "192.0.2.1",
            "dst4_addr": "198.51.100.7",
            "proto": 17,
            "in_packets": n * 512,
            "sampled": 1,
        }
        for n in (1, 2, 5)
    ]
    path = tmp_path / "flows.json"
    path.write_text(json.dumps(records, indent=1))
    assert read_traffic(engine, [path]).sampled == 512


def test_a_record_without_end_is_given_up_and_the_next_is_read(engine: Engine, tmp_path: Path) -> None:
    good = (
        '{"first": "2026-11-24T03:16:02.5", "src4_addr": "192.0.2.1", "dst4_addr": "198.51.100.7", "in_packets": 1}\n'
    )
    path = tmp_path / "flows.json"
    path.write_text(good + "{\n" + '"x" : 1,\n' * OBJECT_LINES_MAX + good)
    traffic = read_traffic(engine, [path])
    assert traffic.sources[0].rows == {"flows": 1}
    assert any("lines" in reject.reason for _, reject in traffic.rejected())


def test_times_without_a_zone_are_taken_as_utc_and_it_says_so(engine: Engine) -> None:
    traffic = read_traffic(engine, [FOLDER / "nfdump.csv"])
    assert engine.rows('SELECT min("at")::VARCHAR FROM flows') == [("2026-09-21 14:12:20",)]
    assert "--zone" in traffic.warnings[0]
    traffic = read_traffic(engine, [FOLDER / "nfdump.csv"], clock=BERLIN)
    assert engine.rows('SELECT min("at")::VARCHAR FROM flows') == [("2026-09-21 12:12:20",)]
    assert not traffic.warnings


def test_an_hour_that_the_zone_had_twice_is_refused(engine: Engine, tmp_path: Path) -> None:
    text = (FOLDER / "nfdump.csv").read_text().replace("2026-09-21 14:12:20", "2026-10-25 02:12:20")
    (tmp_path / "twice.csv").write_text(text)
    traffic = read_traffic(engine, [tmp_path / "twice.csv"], clock=BERLIN)
    assert {reject.reason for _, reject in traffic.rejected()} == {"an hour that the zone had twice"}
    assert traffic.rejects == 3
