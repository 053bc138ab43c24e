"""A run that withdraws, opens and sends, killed anywhere: repeated, it sends what was not sent, and nothing twice."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Drive


@pytest.mark.slow
def test_a_killed_run_that_sends_leaves_no_trace_once_repeated(drive: Drive) -> None:
    assert drive("kill", 2, 5) > 40
