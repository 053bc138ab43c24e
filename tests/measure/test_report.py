"""The report: arms of the same trouble side by side, nothing said of too few."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.measure.measured_world import DAY, NOW
from tocsin.measure.draw import CURVES_MAX, curves_svg, mark
from tocsin.measure.lives import Lives
from tocsin.measure.page import html_page
from tocsin.measure.published import MIRAI_ALONE
from tocsin.measure.report import SUBJECTS_MIN, Report, report
from tocsin.measure.spells import Life, Reach
from tocsin.measure.survival import estimate, times
from tocsin.measure.words import again_words, baseline_words, curve_table, remarks

HORIZON = NOW - 14 * DAY
SVG = "{http://www.w3.org/2000/svg}"


def life(number: int, lasted: float, *reached: tuple[float, str], **fields: object) -> Life:
    opened_at = NOW - 60 * DAY
    values: dict[str, object] = {
        "case": f"C-{number}",
        "subscriber": number,
        "kind": "infected-system",
        "malware": "mirai.a",
        "opened_at": opened_at,
        "last_at": opened_at + lasted * DAY,
        "is_over": True,
        "reached": tuple(Reach(at=opened_at + day * DAY, channel=channel, version="en") for day, channel in reached),
    }
    return Life(**(values | fields))  # type: ignore[arg-type]


def reported(lives: Iterable[Life]) -> Report:
    return report(Lives(tuple(lives), {"withdrawn": 2}), at=NOW, since=NOW - 180 * DAY, horizon=HORIZON)


def test_with_and_without_stand_side_by_side_and_are_compared() -> None:
    slow, fast = [life(n, 9 + n) for n in range(20)], [life(100 + n, 1 + n / 10, (0, "mail")) for n in range(20)]
    found = reported([*slow, *fast])
    chart = next(chart for chart in found.charts if chart.name == "kind-1")
    assert [(curve.name, curve.subjects, curve.ended) for curve in chart.curves] == [
        ("without a notice", 20, 20),
        ("with a notice", 20, 20),
    ]
    (compared,) = chart.compared
    assert compared.p < 1e-6
    assert found.baseline == {"no notice": 20}
    assert baseline_words(found) == "Without a notice: 20 who got none."


def test_too_few_are_no_curve_and_are_told_as_such() -> None:
    found = reported([*(life(n, n) for n in range(SUBJECTS_MIN)), *(life(50 + n, n, (0, "mail")) for n in range(4))])
    chart = found.charts[0]
    assert [curve.name for curve in chart.curves] == ["without a notice"]
    assert chart.too_few == {"with a notice": SUBJECTS_MIN - 1}
    assert "with a notice: 4, too few for a curve." in remarks(chart)


def test_what_others_measured_stands_beside_mirai_alone() -> None:
    charts = {chart.name: chart for chart in reported([life(n, n) for n in range(9)]).charts}
    assert {name for name, chart in charts.items() if chart.marks} == {"mirai"}
    assert any("58% to 74%" in line for line in remarks(charts["mirai"]))
    others = {chart.name: chart for chart in reported([life(n, n, malware="qakbot") for n in range(9)]).charts}
    assert "mirai" not in others


def test_each_channel_has_its_own_curve_and_late_notices_are_not_compared() -> None:
    ladder = [life(n, 20 + n / 10, (0, "mail"), (7, "sms"), (14, "garden")) for n in range(10)]
    late = [life(100 + n, 20, (5, "mail")) for n in range(10)]
    charts = {chart.name: chart for chart in reported([*ladder, *late]).charts}
    by_channel = {curve.name: (curve.subjects, curve.ended) for curve in charts["channel"].curves}
    assert by_channel == {"mail": (20, 10), "none": (10, 0), "sms": (10, 0), "garden": (10, 10)}
    assert {curve.name: curve.subjects for curve in charts["all"].curves} == {
        "without a notice": 10,
        "with a notice": 10,
    }


def test_who_came_back() -> None:
    first = [life(n, 1) for n in range(10)]
    second = [life(50, 1, subscriber=3, opened_at=NOW - 30 * DAY, last_at=NOW - 29 * DAY)]
    other = [life(51, 1, subscriber=4, kind="open-dns", opened_at=NOW - 30 * DAY, last_at=NOW - 29 * DAY)]
    found = reported([*first, *second, *other])
    assert (found.again.over, found.again.again) == (12, 1)
    assert again_words(found).startswith("Of 12 cases that are over, 1 (8.3%")


def test_before_anything_is_known_it_says_so() -> None:
    found = reported([life(1, 1, opened_at=NOW - 3 * DAY, last_at=NOW - 2 * DAY)])
    assert found.charts == ()
    assert baseline_words(found).startswith("Nothing is known yet")


def test_a_drawing_is_well_formed_says_all_in_words_and_escapes_names() -> None:
    name = '<script>alert("x")</script>'
    drawn = curves_svg(
        [estimate(name, times([1.0, 2.0, 9.0], [True, True, False]))],
        title=name,
        name="c",
        marks=[mark(MIRAI_ALONE, 14)],
        is_file=True,
    )
    assert "<script" not in drawn
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    described = root.find(f"{SVG}desc")
    assert described is not None
    assert described.text is not None
    assert "3 followed, 2 clean, half clean after 2.0 days" in described.text


def test_a_curve_is_drawn_to_the_scale_of_its_axes() -> None:
    """Half of them at day 7 of 14: the line goes through the middle of the plot."""
    drawn = curves_svg([estimate("x", times([7.0, 14.0], [True, False]))], title="t", name="c", is_file=True)
    line = next(e for e in ElementTree.fromstring(drawn).iter(f"{SVG}path") if e.get("class") == "curve s1 d1")
    grid = [e for e in ElementTree.fromstring(drawn).iter(f"{SVG}line")]
    left, right = float(grid[0].get("x1", "")), float(grid[0].get("x2", ""))
    bottom, top = float(grid[0].get("y1", "")), float(grid[-1].get("y1", ""))
    points = [tuple(map(float, pair.split())) for pair in line.get("d", "")[1:].split("L")]
    assert points[0] == (left, top)
    assert points[4] == pytest.approx(((left + right) / 2, (top + bottom) / 2), abs=0.1)
    assert points[-1] == pytest.approx((right, (top + bottom) / 2), abs=0.1)


def test_more_curves_than_one_can_follow_are_left_out() -> None:
    many = [estimate(f"arm {n}", times([1.0], [True])) for n in range(CURVES_MAX + 1)]
    drawn = curves_svg(many, title="t", name="c")
    assert f"arm {CURVES_MAX - 1}" in drawn
    assert f"arm {CURVES_MAX}" not in drawn


def test_the_file_needs_nothing_else(tmp_path: Path) -> None:
    page = html_page(reported([life(n, n, malware="<b>", kind="<i>") for n in range(9)]), "Demo & Co")
    assert "Demo &amp; Co" in page
    assert "<i>:" not in page
    for outside in ("http:", "https:", "src=", "href=", "<script", "@import", "url("):
        assert outside not in page, outside


def test_the_table_says_what_the_curve_says() -> None:
    chart = reported([life(n, n) for n in range(21)]).charts[0]
    (row,) = curve_table(chart).rows
    assert row[:4] == ("without a notice", "21", "21", "10.0 days")
    assert row[4].startswith("38% (")  # 8 of 21 by day 7: those of 0 to 7 days
