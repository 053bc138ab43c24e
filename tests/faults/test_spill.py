"""What a killed process spilled goes with the next; what a living one spills stays, also another host's."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from tests.faults import small_provider
from tocsin.pipeline.clock import present
from tocsin.pipeline.house import House

_NO_PROCESS = 4_194_305  # one more than Linux ever gives


def test_only_the_dead_are_swept(tmp_path: Path) -> None:
    small_provider.found(tmp_path)
    with House.open(config_file=tmp_path / "tocsin.toml", data=None) as first:
        mine = first.engine.work_dir
        host = mine.name.rpartition(f"-{os.getpid()}-")[0]
        work = mine.parent
        dead, elsewhere, old = (work / name for name in (f"{host}-{_NO_PROCESS}-1", "elsewhere-1-1", "elsewhere-2-1"))
        for folder in (dead, elsewhere, old):
            folder.mkdir()
        long_ago = (present() - timedelta(days=8)).timestamp()
        os.utime(old, (long_ago, long_ago))
        with House.open(config_file=tmp_path / "tocsin.toml", data=None) as second:
            assert second.engine.work_dir != mine
            assert sorted(work.iterdir()) == sorted([mine, second.engine.work_dir, elsewhere])
        assert sorted(work.iterdir()) == sorted([mine, elsewhere])
