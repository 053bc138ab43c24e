"""What README and its Japanese twin show is what the witness says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.pipeline.watch_asked import Asked, configured
from tocsin.pipeline.watching import watch_logs

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs/witness"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_sample_shows_what_the_page_says(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / page).read_text()
    log = Path("docs/witness/access.log")
    assert watch_logs(Asked(logs=(log,), now=NOW), as_json=False, report=False) == 0
    assert f"```\n{capsys.readouterr().out}```" in text
    asked = Asked(
        logs=(log,),
        networks=(SAMPLE / "networks.csv",),
        reporter="Example Shop <abuse@shop.example>",
        form="plain",
        now=NOW,
    )
    watch_logs(configured(asked), as_json=False, report=True)
    reports = capsys.readouterr().out.split("From: Example Shop")
    assert f"```\nFrom: Example Shop{reports[2].rstrip()}\n```" in text
    assert "hunter2" not in "".join(reports)
