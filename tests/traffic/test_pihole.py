"""Pi-hole's database is a stranger's file: views that never end, other tables, and rows of the wrong kind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.traffic.golden_files import FOLDER
from tocsin.engine import Engine
from tocsin.traffic.read import Traffic, read_traffic
from tocsin.traffic.readers import pihole

GOLDEN = FOLDER / "pihole-FTL.db"


def read(engine: Engine, folder: Path, script: str) -> Traffic:
    database = sqlite3.connect(folder / "made.db")
    database.executescript(script)
    database.close()
    return read_traffic(engine, [folder / "made.db"])


def reasons(traffic: Traffic) -> list[str]:
    return [reject.reason for _, reject in traffic.rejected()]


def test_a_view_that_never_ends_is_ended(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pihole, "STEPS_A_CHUNK_MAX", 1_000_000)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0"
    traffic = read(
        engine,
        tmp_path,
        "CREATE VIEW queries AS SELECT 1 AS timestamp, 'a' AS client, 'b' AS domain, 1 AS type, 1 AS status"
        f" FROM ({endless});",
    )
    assert "breaks off" in reasons(traffic)[0]


def test_another_programs_database_is_refused_by_what_it_lacks(engine: Engine, tmp_path: Path) -> None:
    traffic = read(engine, tmp_path, "CREATE TABLE queries (id INTEGER, domain TEXT);")
    assert reasons(traffic) == ["no database of Pi-hole: its queries lack client, status, timestamp, type"]


def test_values_of_the_wrong_kind_are_rejects_with_their_row(engine: Engine, tmp_path: Path) -> None:
    traffic = read(
        engine,
        tmp_path,
        "CREATE TABLE queries (timestamp, client, domain, type, status, reply_type);"
        "INSERT INTO queries VALUES ('soon', '192.0.2.1', 'a.example', 1, 2, 4), (1e300, x'ff', x'00', 'A', 'x', 'y'),"
        " (1795487762, '192.0.2.1', x'ff00', 99999999999, 2, 2), (1795487762.5, '192.0.2.1', 'good.example', 1, 2, 2);",
    )
    assert [reject.line for _, reject in traffic.rejected()] == [1, 2]
    assert traffic.sources[0].rows == {"lookups": 2}


def test_a_damaged_one_is_told_and_breaks_nothing(engine: Engine, tmp_path: Path) -> None:
    whole = GOLDEN.read_bytes()
    for cut in range(100, len(whole), 97):
        path = tmp_path / "cut.db"
        path.write_bytes(whole[:cut])
        if b"queries" in whole[:cut]:
            assert read_traffic(engine, [path]).rejects > 0


def test_it_is_opened_without_writing_beside_it(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "pi"
    folder.mkdir()
    (folder / "pihole-FTL.db").write_bytes(GOLDEN.read_bytes())
    read_traffic(engine, [folder])
    assert [path.name for path in folder.iterdir()] == ["pihole-FTL.db"]
    assert (folder / "pihole-FTL.db").read_bytes() == GOLDEN.read_bytes()
