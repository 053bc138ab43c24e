"""Every page of the desk has its heading in docs/desk.md or docs/cases.md."""

from __future__ import annotations

import re
from pathlib import Path

from tocsin.web.desk import asking, auditing, configured, letters, measured, start, uploading
from tocsin.web.desk.settings_form import MAY

_DOCS = Path(__file__).parents[3] / "docs"


def test_every_page_has_its_heading() -> None:
    headed = set(re.findall(r"^## .*?\(`(/[^`…]*)", (_DOCS / "desk.md").read_text("utf-8"), re.MULTILINE))
    shown = {
        next(iter(route.paths))
        for module in (start, asking, uploading, configured, letters, auditing, measured)
        for route in module.ROUTES
        if "GET" in {str(method) for method in route.http_methods}
    }
    first = {"/" + path.strip("/").partition("/")[0] for path in shown}
    assert first <= {each.rstrip("/") or "/" for each in headed}


def test_what_can_be_changed_is_told() -> None:
    text = (_DOCS / "desk.md").read_text("utf-8")
    assert all(word in text for word in ("source", "log", "issuer", "own networks"))
    assert set(MAY) == {"sources", "logs", "issuer", "provider"}
