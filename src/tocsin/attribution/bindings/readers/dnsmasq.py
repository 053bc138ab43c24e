"""dnsmasq: its lease file, and what its DHCP server tells syslog."""

from __future__ import annotations

from tocsin.attribution.bindings.readers.dhcp import stage_lines
from tocsin.attribution.bindings.staging import Staging


def stage_file(staging: Staging) -> None:
    """`dnsmasq.leases`: who holds what now, until when."""
    stage_lines(staging, "dnsmasq", lease_s=_lease_s(staging))


def stage_log(staging: Staging) -> None:
    """The syslog lines of `dnsmasq-dhcp`."""
    stage_lines(staging, "dnsmasq_log", lease_s=_lease_s(staging))


def _lease_s(staging: Staging) -> str | None:
    return str(staging.log.lease_s) if staging.log.lease_s else None
