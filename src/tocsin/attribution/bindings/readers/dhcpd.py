"""ISC dhcpd's lease files, `dhcpd.leases` and `dhcpd6.leases`: a journal of every lease given, renewed and ended."""

from __future__ import annotations

from tocsin.attribution.bindings.readers.dhcp import stage_leases
from tocsin.attribution.bindings.readers.leases import COLUMNS, lease_chunks
from tocsin.attribution.bindings.staging import Staging
from tocsin.engine import RecordBatchReader, reader_of
from tocsin.evidence.lines import OnReject, numbered_lines


def stage(staging: Staging) -> None:
    """One lease, one record or two: that it was given, and that it is over."""

    def columns(on_reject: OnReject) -> RecordBatchReader:
        return reader_of(COLUMNS, lease_chunks(numbered_lines(staging.blocks, on_reject), on_reject))

    stage_leases(staging, "dhcpd", "leases", columns)
