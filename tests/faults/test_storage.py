"""A disk that is full or may not be written: one clear line, nothing half done, and later all goes on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.faults.conftest import Drive


@pytest.mark.slow
def test_a_full_disk_is_told_and_leaves_no_trace_once_there_is_room(drive: Drive, own_mounts: Sequence[str]) -> None:
    full = ("squeeze", 2) if own_mounts else ("limit", 1)  # where nobody may mount, a file that may not grow
    assert drive(*full, first=own_mounts) > 4


@pytest.mark.slow
def test_a_file_that_may_not_grow_is_told_and_leaves_no_trace(drive: Drive) -> None:
    assert drive("limit", 2) > 4


@pytest.mark.parametrize("number", [1, 2])
def test_a_folder_that_may_not_be_written_is_told_and_stays_as_it_is(drive: Drive, number: int) -> None:
    assert drive("locked", number) == 2


def test_a_read_only_disk_is_told_and_stays_as_it_is(drive: Drive, own_mounts: Sequence[str]) -> None:
    assert drive("mounted" if own_mounts else "locked", 2, first=own_mounts) == 2
