"""The chain ends alike, whichever database keeps the book: SQLite, the newest PostgreSQL, Debian's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web import demo_site
from tests.web.demo_site import NOW
from tocsin.pipeline.dump import dump
from tocsin.pipeline.house import House


@pytest.mark.parametrize("server", ["postgres", "debian_postgres"])
def test_two_runs_leave_the_same_state(
    server: str, demo_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = demo_site.make_database(request.getfixturevalue(server))
    keys = demo_folder / "data" / "keys"
    other = demo_site.make_demo(tmp_path / "other", url, keys=keys)
    ours, theirs = _dumped(demo_folder), _dumped(other)
    assert len(ours) > 200
    assert theirs == ours


def _dumped(folder: Path) -> list[bytes]:
    with House.open(config_file=folder / "tocsin.toml", data=None, now=NOW) as house:
        return list(dump(house.book, house.lake, house.maildir))
