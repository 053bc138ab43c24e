"""What can go wrong with a request. A bad *record* is a reject (a value); a *bug* crashes.

TocsinError
├── BadConfig      the configuration file: path in the file, value seen, what is allowed
├── BadRequest     what was asked cannot be done: a wrong argument, a missing file, an unknown case
├── Busy           another process holds what is needed; trying again later is right
├── Unreachable    a server that is needed does not answer as it must; nothing was half done
├── StorageFailed  the disk is full, read-only or gone; nothing was half done
└── Refused        a safety rule forbids it
"""

from __future__ import annotations


class TocsinError(Exception):
    """Says what happened, where it was seen, and what to do now. The command line ends with code 2."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.what}{advice}"


class BadConfig(TocsinError):
    """The configuration cannot be used."""


class BadRequest(TocsinError):
    """What was asked cannot be done."""


class Busy(TocsinError):
    """Another process holds what is needed."""


class Unreachable(TocsinError):
    """Another program's server does not answer as it must; trying again later is right."""


class StorageFailed(TocsinError):
    """The disk would not take it; the run can be repeated."""


class Refused(TocsinError):
    """A safety rule forbids it."""
