"""The page of what is measured: its numbers are the report's, drawn without script or style, names escaped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.measure.measured_world import World
from tests.web.demo_site import Clock
from tocsin.measure.report import Report
from tocsin.pipeline import measuring
from tocsin.pipeline.house import House
from tocsin.terms.errors import BadRequest
from tocsin.web.desk.measured import _reports
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
_EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _forget() -> None:
    _reports.__init__()  # type: ignore[misc]


def _world(site: Site) -> None:
    world = World()
    world.delivered("cert", range(5, 61))  # of the newest days the demo's own runs tell
    for number in range(1000, 1012):
        world.case(number, opened=60, last=60 - (number - 999), state="closed", kind=_EVIL)
    for number in range(1012, 1024):
        world.case(number, opened=60, last=59, state="closed", kind=_EVIL)
        world.notice(number, decided=60, state="sent", language=_EVIL[:8])
    world.write(site.book)


def test_before_anything_is_known_the_page_says_so_and_shows_the_logs(as_role: AsRole) -> None:
    text = as_role("viewer").get("/measure").text
    assert "Nothing is known yet" in text
    assert "Binding logs" in text
    assert "203.0.113.0/24" in text


def test_told_and_untold_stand_side_by_side(site: Site, as_role: AsRole) -> None:
    _world(site)
    text = as_role("viewer").get("/measure").text
    assert "Without a notice: 12 who got none." in text
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="number">(.*?)</td><td class="number">(.*?)</td>', text)
    assert ("without a notice", "12", "12") in rows
    assert ("with a notice", "12", "12") in rows
    assert "58% to 74% of Mirai" in text
    assert "log-rank p = " in text
    assert _EVIL not in text
    assert " style=" not in text
    assert text.count('<svg class="chart survival"') == text.count("<desc id=")


def test_it_is_made_once_a_run_and_day(
    site: Site, as_role: AsRole, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[House] = []
    real = measuring.measure

    def counted(house: House) -> Report:
        made.append(house)
        return real(house)

    monkeypatch.setattr(measuring, "measure", counted)
    client = as_role("viewer")
    client.get("/measure"), client.get("/measure")
    assert len(made) == 1
    clock.forward(days=1)
    as_role("viewer").get("/measure")
    assert len(made) == 2


def test_without_scipy_it_says_what_to_install(as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise BadRequest("measuring needs SciPy", remedy="pip install 'tocsin[measure]'")

    monkeypatch.setattr(measuring, "demand_scipy", missing)
    answer = as_role("viewer").get("/measure")
    assert answer.status_code == 200
    assert "tocsin[measure]" in answer.text
