"""Kea's legal (forensic) log: who was given an address, who renewed it, who gave it back."""

from __future__ import annotations

from tocsin.attribution.bindings.readers.dhcp import stage_lines
from tocsin.attribution.bindings.staging import Staging


def stage(staging: Staging) -> None:
    """One line, one record."""
    stage_lines(staging, "kea_legal")
