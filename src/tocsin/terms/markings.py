"""Who may read on (TLP 2.0 of FIRST), and how grave something is; each from the least to the most."""

from __future__ import annotations

from typing import Literal, get_args

Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
Severity = Literal["info", "low", "medium", "high", "critical"]  # Shadowserver's words

TLPS: tuple[Tlp, ...] = get_args(Tlp)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_HIGH = ("infected-system", "system-compromise", "c2-server", "malware-distribution", "exploit")


def severity_of(kind: str, told: str | None) -> Severity:
    """What the source said; else of what is in a stranger's hands already `high`, of all else `medium`."""
    for each in SEVERITIES:
        if each == told:
            return each
    return "high" if kind in _HIGH else "medium"
