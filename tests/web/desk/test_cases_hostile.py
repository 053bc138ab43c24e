"""Whatever a feed, a contract, a person writes reaches the pages of cases as text, and as nothing else."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from selectolax.lexbor import LexborHTMLParser

from tests.faults.small_provider import _SINKHOLE, DYNAMIC
from tests.web.demo_site import Clock
from tests.web.desk.cases_world import cases_of, csrf, form_of
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import run
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
SCRIPT = "<script>alert('tocsin')</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
LONG = "x" * 190
ACCOUNT = "u05@isp.example"


def poison(site: Site, clock: Clock) -> str:
    """A feed and a contract that want to be executed; the case that comes of them."""
    folder = Path(site.config_file).parent
    where = ("2026-11-23 13:10:00", "tcp", DYNAMIC[ACCOUNT], 40_005, 64_500, "JP", SCRIPT, IMAGE, SCRIPT)
    with (folder / "feeds" / "9-event4_sinkhole.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_SINKHOLE)
        rows.writerow((*where, "192.0.2.8", 80, SCRIPT, SCRIPT + LONG, IMAGE, IMAGE + "\u202egnp.exe"))
    subscribers = folder / "subscribers.csv"
    text = (
        subscribers.read_text("utf-8")
        .replace("Robin Example 4", SCRIPT)
        .replace("00-5550-0004", IMAGE.replace('"', ""))
    )
    subscribers.write_text(text, "utf-8")
    clock.forward(minutes=5)
    with site.house() as house:
        run(house, Progress())
    return next(case.case for case in cases_of(site) if "<script>" in case.malware)


def _demand_harmless(text: str) -> None:
    for node in LexborHTMLParser(text).css("*"):
        assert node.tag not in {"iframe", "object", "embed", "base"}, node.html
        if node.tag == "script":
            assert (node.attributes.get("src") or "").startswith("/static/"), node.html
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name != "style", node.html
            assert not (value or "").strip().lower().startswith("javascript:"), node.html
        assert node.tag != "img" or (node.attributes.get("src") or "").startswith("/static/"), node.html


@pytest.fixture
def poisoned(sqlite_site: Site, clock: Clock) -> tuple[Site, str]:
    return sqlite_site, poison(sqlite_site, clock)


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_hostile_text_is_shown_and_never_executed(site: Site, as_role: AsRole, clock: Clock) -> None:
    case = poison(site, clock)
    client = as_role("agent")
    for audience in ("colleagues", "subscriber"):
        client.post(f"/cases/{case}/notes", data=form_of(client, case) | {"text": SCRIPT + IMAGE, "audience": audience})
    client.post("/cases/views", data=csrf(client) | {"name": IMAGE, "back": f"/cases?malware={SCRIPT}"})
    sent = form_of(client, case) | {"action": "false-positive", "reason": SCRIPT + IMAGE}
    client.post(f"/cases/{case}/act", data=sent)
    wrong = form_of(client, case) | {"action": IMAGE, "reason": IMAGE + "x" * 300}
    pages = [
        client.get("/cases?state=all"),
        client.get("/cases", params={"q": SCRIPT}),
        client.get("/cases", params={"q": IMAGE + " 192.0.2.1"}),
        client.get("/cases", params={"malware": SCRIPT, "kind": IMAGE, "source": IMAGE, "state": "all"}),
        client.get(f"/cases/{case}"),
        client.get(f"/cases/{case}/sightings"),
        client.post(f"/cases/{case}/act", data=wrong),
        client.post("/cases/bulk", data=csrf(client) | {"case": [IMAGE], "action": SCRIPT, "back": IMAGE}),
        client.get(f"/cases/{SCRIPT}"),
    ]
    for page in pages:
        assert page.status_code < 500
        _demand_harmless(page.text)
    assert "&lt;script&gt;" in pages[0].text
    assert "&lt;script&gt;" in pages[4].text
    seen = pages[5].text
    assert "&lt;script&gt;alert(&#39;tocsin&#39;)&lt;/script&gt;" in seen  # the line of the evidence
    assert "\u202e" not in seen  # what would turn the line around is written out
    assert "\\u202e" in seen
