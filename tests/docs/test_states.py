"""Every state of a case, and every state and way out of a stay in the garden, has its words in the docs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from tocsin.book import quarantines
from tocsin.cases.moves import State

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("state", list(State))
def test_each_state_of_a_case_stands_in_the_table(state: State) -> None:
    text = (DOCS / "cases.md").read_text("utf-8")
    named = [
        name for row in re.findall(r"^\|([^|]*)\|[^|]*\|$", text, re.M) for name in re.findall(r"`([a-z-]+)`", row)
    ]
    assert named.count(state) == 1


def test_each_state_and_each_way_out_of_a_stay_is_told() -> None:
    text = (DOCS / "garden.md").read_text("utf-8")
    assert [state for state in get_args(quarantines.State) if state not in text] == []
    assert [way for way in quarantines.WAYS if f"`{way}`" not in text] == []
