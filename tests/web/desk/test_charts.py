"""Charts are numbers: what is drawn is what was counted, and a table says the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.desk import charts, spans

_DAYS = [date(2026, 11, day) for day in range(10, 24)]
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(st.dictionaries(st.tuples(st.sampled_from("abcdefghijkl"), st.sampled_from(_DAYS)), st.integers(0, 10**9)))
def test_the_table_beside_a_chart_holds_every_sighting(counts: dict[tuple[str, date], int]) -> None:
    chart = charts.columns(_DAYS, counts)
    assert chart.total == sum(counts.values()) == sum(map(sum, chart.rows))
    assert len(chart.series) <= charts.SERIES_MAX + 1
    assert all(bar.y >= 0 and bar.y + bar.height <= chart.bottom + 0.51 for bar in chart.bars)
    assert all(chart.left <= bar.x and bar.x + bar.width <= chart.right + 0.01 for bar in chart.bars)


def test_columns_stack_the_biggest_series_at_the_bottom() -> None:
    chart = charts.columns(_DAYS[:1], {("small", _DAYS[0]): 1, ("big", _DAYS[0]): 3})
    assert chart.series == ("big", "small")
    lower, upper = chart.bars
    assert lower.y + lower.height == chart.bottom
    assert abs(upper.y + upper.height - lower.y) < 0.02
    assert lower.words == "big, 10 Nov: 3"


def test_no_sighting_is_a_chart_without_bars() -> None:
    chart = charts.columns(_DAYS, {})
    assert (chart.bars, chart.total, chart.series) == ((), 0, ())
    assert [tick.words for tick in chart.across] == ["0", "1", "2", "3", "4"] or chart.across[0].words == "0"


def test_a_silence_is_seen_in_the_strip_however_short() -> None:
    begins = _NOW - timedelta(days=2)
    drawn = charts.strip(
        (_NOW - timedelta(days=30), _NOW - timedelta(hours=1)), [(begins, begins + timedelta(minutes=31))], _NOW, days=7
    )
    assert drawn is not None
    assert [piece.kind for piece in drawn.pieces] == ["whole", "gap", "whole", "unread"]
    assert drawn.pieces[1].width >= 0.6
    assert len(drawn.days) == 7


def test_before_its_first_line_a_log_is_not_drawn_as_whole() -> None:
    drawn = charts.strip((_NOW - timedelta(days=1), _NOW), [], _NOW, days=7)
    assert drawn is not None
    assert [piece.kind for piece in drawn.pieces] == ["unread", "whole"]


def test_a_list_that_holds_for_all_of_time_has_no_strip() -> None:
    assert charts.strip((None, None), [], _NOW, days=7) is None


def test_spans_in_words() -> None:
    said = [spans.span_words(timedelta(seconds=each)) for each in (0, 59, 240, 12_000, 7_200, 90_000, 900_000)]
    assert said == ["0 s", "59 s", "4 min", "3 h 20 min", "2 h", "1 d 1 h", "10 d"]
    assert spans.ago(_NOW - timedelta(minutes=4), _NOW) == "4 min ago"
    assert spans.ago(_NOW + timedelta(hours=2), _NOW) == "2 h ahead"
    assert [spans.days_words(each) for each in (0.0, 0.3, 1.0, 1.54)] == ["under 1 h", "7 h", "1 day", "1.5 days"]
