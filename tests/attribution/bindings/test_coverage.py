"""Coverage against the slow way: is a moment between two records that are no further apart than allowed?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attribution.bindings.bindings_world import NOON, seconds
from tocsin.attribution.bindings import LogConfig
from tocsin.attribution.bindings.coverage import covered
from tocsin.engine import Engine, table_of

GAP_S = 20
LOGS = (
    LogConfig(name="east", reader="freeradius", gap_s_max=GAP_S, prefixes=("192.0.2.0/24", "2001:db8::/32")),
    LogConfig(name="west", reader="freeradius", gap_s_max=2 * GAP_S, prefixes=("198.51.100.0/24",)),
)
TOLD = (("log", "VARCHAR"), ("moment", "TIMESTAMP"))


@pytest.fixture(scope="module")
def cover_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Path(tmp_path_factory.mktemp("cover")), threads=1) as opened:
        yield opened


@settings(max_examples=40, deadline=None)
@given(told=st.lists(st.tuples(st.sampled_from(["east", "west", "gone"]), st.integers(0, 300)), max_size=25))
def test_a_moment_is_covered_between_records_near_enough(cover_engine: Engine, told: list[tuple[str, int]]) -> None:
    cover_engine.add(
        "told_rows", table_of(TOLD, ([log for log, _ in told], [NOON + timedelta(seconds=at) for _, at in told]))
    )
    with covered(cover_engine, "SELECT log, moment FROM told_rows", LOGS) as sql:
        rows = cover_engine.rows(f"SELECT log, prefix_bits, starts_at, ends_at FROM ({sql})")
    cover_engine.drop("told_rows")
    for log in LOGS:
        moments = sorted({at for name, at in told if name == log.name})
        slow = {
            second
            for first, last in itertools.pairwise(moments)
            if last - first <= log.gap_s_max
            for second in range(first, last)
        }
        spans = [(seconds(a), seconds(b), bits) for name, bits, a, b in rows if name == log.name]  # type: ignore[arg-type]
        for bits in {bits for _, _, bits in spans}:
            fast = {second for first, last, width in spans if width == bits for second in range(first, last)}
            assert fast == slow
        assert len({bits for _, _, bits in spans}) == (len(log.prefixes) if moments else 0)
        assert max((last for _, last, _ in spans), default=None) == max(moments, default=None)
