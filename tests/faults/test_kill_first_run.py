"""A first run that is killed anywhere and repeated leaves what an undisturbed one leaves; so does an `init`."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Drive


@pytest.mark.slow
def test_a_killed_first_run_leaves_no_trace_once_repeated(drive: Drive) -> None:
    assert drive("kill", 1, 5) > 40


def test_a_killed_init_is_repeated_and_no_whole_key_changes(drive: Drive) -> None:
    assert drive("init") > 20
