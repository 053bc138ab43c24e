"""Every curl of docs/api.md, as it stands there, against a desk that is really served."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.web.api.api_world import REPORT, key_for, report_to
from tests.web.live import Live
from tocsin.book import audit, case_list
from tocsin.book.case_list import Wanted

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
EXAMPLES = re.findall(r"```sh\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
EXAMPLES_THERE = 10


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_example_is_answered(sqlite_live: Live) -> None:
    assert len(EXAMPLES) == EXAMPLES_THERE
    site = sqlite_live.site
    with site.book.read() as tx:
        case = case_list.list_page(tx, Wanted(states=("notified",))).cases[0]
    key = key_for(site)["Authorization"].removeprefix("Bearer ")
    with site.book.write() as tx:
        report_to(tx, "abuse@net.example", "198.51.100.7", at=site.clock())
    there = os.environ | {"DESK": sqlite_live.desk, "KEY": key, "CASE": case, "REFERENCE": REPORT}
    for example in EXAMPLES:
        command = example.replace("curl -s", "curl -s --fail-with-body")
        done = subprocess.run(["/bin/sh", "-c", command], env=there, capture_output=True, text=True, check=False)
        assert done.returncode == 0, example + done.stdout + done.stderr
        if "metrics" in example:
            assert "tocsin_cases" in done.stdout
        else:
            assert isinstance(msgspec.json.decode(done.stdout), dict)
    with site.book.read() as tx:
        looks = [entry.action for entry in audit.entries(tx) if entry.reason == "ticket 4711"]
    assert looks == ["who", "case"]
