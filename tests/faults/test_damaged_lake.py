"""A file of the lake that somebody cut short, emptied or deleted is named, with what to do; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults import small_provider
from tocsin.pipeline.house import House
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import run
from tocsin.terms.errors import StorageFailed


def _cut(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def _scramble(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(b"PAR1" + bytes(reversed(raw[4:-4])) + b"PAR1")


def _overwrite(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:4] + bytes(byte ^ 0xFF for byte in raw[4:34]) + raw[34:])


DAMAGES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "cut short": _cut,
    "emptied": lambda path: path.open("wb").close(),
    "scrambled": _scramble,
    "overwritten": _overwrite,
}


def _any_file(folder: Path, table: str) -> Path:
    return sorted((folder / "data" / "lake" / table).rglob("*.parquet"))[-1]


@pytest.mark.parametrize("table", ["sightings", "lease_events", "bindings", "attributions", "prefixes"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_of_the_lake_is_named(provider: Path, table: str, damage: Callable[[Path], None]) -> None:
    path = _any_file(provider, table)
    damage(path)
    with House.open(config_file=provider / "tocsin.toml", data=None, now=small_provider.RUNS[1]) as house:
        with pytest.raises(StorageFailed) as caught:
            house.engine.rows(f"SELECT * FROM {house.lake.scan(table)}")
        said = str(caught.value)
        assert path.name in said or ("one of 2 files is damaged" in said and f"/lake/{table}/" in said)
        assert "backup" in str(caught.value)


def test_a_run_that_meets_one_stops_with_its_name_and_goes_on_when_it_is_back(provider: Path) -> None:
    path = _any_file(provider, "lease_events")
    raw = path.read_bytes()
    _cut(path)
    at = small_provider.RUNS[1] + timedelta(minutes=1)
    with House.open(config_file=provider / "tocsin.toml", data=None, now=at) as house:
        with pytest.raises(StorageFailed, match=path.name):
            run(house, Progress())
        path.write_bytes(raw)
        assert len(run(house, Progress()).notified.sent) == small_provider.NOTICES
