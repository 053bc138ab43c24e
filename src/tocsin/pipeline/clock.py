"""The only place that reads the clock and asks who is working."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime


def present() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is where the clock is read


def worker() -> str:
    """The name that the audit gets: the account that runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
