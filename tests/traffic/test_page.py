"""The page of a verdict: whole, escaped, bounded, and readable as a picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner

from tests.home.home_world import Home
from tests.traffic.picture import PICTURE, camera_picture
from tocsin.cli.main import tocsin
from tocsin.terms.errors import BadRequest
from tocsin.traffic.judge import Host
from tocsin.traffic.page import DEVICES_MAX, Shown, page, time_line
from tocsin.traffic.verdict import Finding

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def finding(**changes: object) -> Finding:
    told: dict[str, object] = {"name": "beacon", "score": 0.6, "text": "called like a clock", "hours": (START,)}
    told |= {"first_at": START, "last_at": START + timedelta(hours=3)}
    return Finding(**(told | changes))  # type: ignore[arg-type]


def host(*findings: Finding, hours: float = 24) -> Host:
    return Host(
        host="192.0.2.7",
        addresses=("192.0.2.7",),
        verdict="suspicious",
        score=0.6,
        first_at=START,
        last_at=START + timedelta(hours=hours),
        opened=100,
        behaviours=findings,
        windows=(),
    )


def test_hostile_names_stay_text() -> None:
    bad = '<script>alert(1)</script>"&'
    shown = page([Shown(host=host(finding(text=bad)), title=bad, advice=(bad,))], title=bad, notes=[bad])
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 6  # twice the title; note, heading, finding, step


@pytest.mark.parametrize("hours", [0, 0.01, 1, 24, 24 * 40, 24 * 4000])
def test_the_time_line_is_a_picture_for_any_span(hours: float) -> None:
    picture = fromstring(time_line(host(hours=hours), [finding(), finding(name="scan")]))
    bars = picture.findall("{*}rect")
    assert len(bars) == 4
    for bar in bars:
        assert 0 <= float(bar.get("x", "-1")) <= 960
    assert len(picture.findall("{*}line")) <= 9


def test_the_picture_in_the_docs_is_what_a_scanning_camera_shows(tmp_path: Path) -> None:
    assert PICTURE.read_text() == camera_picture(tmp_path)


def test_a_page_is_bounded() -> None:
    many = [Shown(host=host(), title=str(number)) for number in range(DEVICES_MAX + 1)]
    assert "1 more devices are not on this page" in page(many, title="x")


def test_both_verbs_write_it(tmp_path: Path) -> None:
    home = Home()
    home.scanner("192.168.1.20")
    home.ordinary("192.168.1.21")
    folder = home.write(tmp_path / "logs")
    for verb in ("detect", "home"):
        target = tmp_path / f"{verb}.html"
        CliRunner().invoke(tocsin, [verb, str(folder), "--html", str(target)], standalone_mode=False)
        shown = target.read_text()
        assert "192.168.1.20" in shown
        assert "port 23 of" in shown
        assert shown.count("<svg") >= 1
        assert "news.example" not in shown
    with pytest.raises(BadRequest, match="cannot be written"):
        CliRunner().invoke(
            tocsin,
            ["home", str(folder), "--html", str(tmp_path / "no" / "x.html")],
            standalone_mode=False,
            catch_exceptions=False,
        )


@pytest.mark.parametrize("minutes", [61, 86, 117, 359])
def test_no_moment_is_cut_at_the_edge(minutes: int) -> None:
    picture = fromstring(time_line(host(hours=minutes / 60), [finding()]))
    moments = [text for text in picture.findall("{*}text") if ":" in (text.text or "")]
    assert moments
    assert max(float(text.get("x", "0")) for text in moments) <= 960 - 80


def test_of_many_hosts_those_that_show_nothing_are_counted(tmp_path: Path) -> None:
    home = Home()
    home.scanner("192.168.1.20")
    for number in range(13):
        home.ordinary(f"192.168.1.{30 + number}")
    folder = home.write(tmp_path / "logs")
    CliRunner().invoke(tocsin, ["detect", str(folder), "--html", str(tmp_path / "x.html")], standalone_mode=False)
    shown = (tmp_path / "x.html").read_text()
    assert "13 more: clean, and nothing shows" in shown
    assert "192.168.1.31" not in shown
    assert "192.168.1.20" in shown
