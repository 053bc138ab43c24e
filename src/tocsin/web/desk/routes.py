"""What this seat serves: one table."""

from __future__ import annotations

from typing import Any

from tocsin.web.desk import asking, start

ROUTES: list[Any] = [*start.ROUTES, *asking.ROUTES]
