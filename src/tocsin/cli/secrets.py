"""Passwords in what is shown: every URL of the configuration may hold one."""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "***"
_LOGIN = re.compile(r"(?P<before>://[^/:@?#]*):.*@", re.DOTALL)  # to the last @: a password may hold any sign
_QUERY = re.compile(r"(?P<name>[?&][^=&#]*(?:pass|secret|token|key|pwd)[^=&#]*=)[^&#]*", re.IGNORECASE)


def hide(shown: object) -> object:
    """The same, with the passwords of all URLs in it hidden; rather too much is hidden than too little."""
    if isinstance(shown, str):
        return hide_in_url(shown) if "://" in shown else shown
    if isinstance(shown, Mapping):
        return {key: hide(value) for key, value in shown.items()}
    if isinstance(shown, list | tuple):
        return [hide(value) for value in shown]
    return shown


def hide_in_url(url: str) -> str:
    """`scheme://user:***@host/…?password=***`."""
    return _QUERY.sub(rf"\g<name>{HIDDEN}", _LOGIN.sub(rf"\g<before>:{HIDDEN}@", url))
