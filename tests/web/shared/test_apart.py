"""The portal's process knows nothing of the desk, and the check alone nothing of any subscriber."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys
from tocsin.web.app import {make}
from tocsin.web.portal.{routes}
print(" ".join(sorted(name for name in sys.modules if name.startswith("tocsin.web."))))
"""


def _loaded(make: str, routes: str) -> set[str]:
    code = _LOADED.format(make=make, routes=routes)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return {name.split(".")[2] for name in told.split()}


def test_the_portals_process_loads_no_other_seat() -> None:
    assert _loaded("make_portal", "routes import ROUTES") == {"app", "portal", "shared"}


def test_nor_does_the_check_alone() -> None:
    assert _loaded("make_check_only", "check_routes import CHECK_ROUTES") == {"app", "portal", "shared"}
