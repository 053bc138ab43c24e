"""What this seat serves: one table."""

from __future__ import annotations

from typing import Any

from tocsin.web.people.account import ACCOUNT
from tocsin.web.people.doors import DOORS
from tocsin.web.people.elsewhere import ELSEWHERE
from tocsin.web.people.privacy import PRIVACY
from tocsin.web.people.programs import PROGRAMS
from tocsin.web.people.staff import STAFF

ROUTES: list[Any] = [*DOORS, *ELSEWHERE, *ACCOUNT, *STAFF, *PROGRAMS, *PRIVACY]
