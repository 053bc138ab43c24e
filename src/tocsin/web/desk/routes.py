"""What this seat serves: one table."""

from __future__ import annotations

from typing import Any

from tocsin.web.desk import asking, auditing, configured, garden, letters, measured, start, uploading
from tocsin.web.desk.case_events import CASE_EVENT_ROUTES
from tocsin.web.desk.case_list_pages import CASE_LIST_ROUTES
from tocsin.web.desk.case_pages import CASE_ROUTES

ROUTES: list[Any] = [
    *start.ROUTES,
    *asking.ROUTES,
    *uploading.ROUTES,
    *configured.ROUTES,
    *garden.ROUTES,
    *letters.ROUTES,
    *auditing.ROUTES,
    *measured.ROUTES,
    *CASE_LIST_ROUTES,
    *CASE_ROUTES,
    *CASE_EVENT_ROUTES,
]
