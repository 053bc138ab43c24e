"""What the portal serves: one table."""

from __future__ import annotations

from typing import Any

from tocsin.web.portal.check_routes import CHECK_ROUTES
from tocsin.web.portal.clean import CLEAN_ROUTES
from tocsin.web.portal.connection import CONNECTION_ROUTES
from tocsin.web.portal.notice_code import CODE_ROUTES
from tocsin.web.portal.notice_proof import PROOF_ROUTES
from tocsin.web.portal.notice_read import READ_ROUTES
from tocsin.web.portal.notice_said import SAID_ROUTES
from tocsin.web.portal.remedies import REMEDY_ROUTES
from tocsin.web.portal.who import WHO_ROUTES

ROUTES: list[Any] = [
    *CODE_ROUTES,
    *PROOF_ROUTES,
    *READ_ROUTES,
    *SAID_ROUTES,
    *CONNECTION_ROUTES,
    *CLEAN_ROUTES,
    *REMEDY_ROUTES,
    *WHO_ROUTES,
    *CHECK_ROUTES,
]
