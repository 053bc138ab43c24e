"""What is read and written, in one list."""

from __future__ import annotations

import msgspec

from tocsin.attribution.bindings.read import READERS
from tocsin.evidence.formats import FORMATS
from tocsin.traffic.formats import FORMATS as FLOW_FORMATS


class Listed(msgspec.Struct, frozen=True, kw_only=True, rename={"is_read": "in", "is_written": "out"}):
    """A format under its name. Binding logs and flows are read and never written."""

    format: str
    of: str  # evidence, bindings or flows
    title: str = ""
    is_read: bool
    is_written: bool


def all_formats() -> list[Listed]:
    """Evidence in the order in which the formats are tried, then binding logs, then flows."""
    evidence = [
        Listed(
            format=this.name,
            of="evidence",
            title=this.title,
            is_read=this.read is not None,
            is_written=this.write is not None,
        )
        for this in FORMATS
    ]
    logs = [Listed(format=name, of="bindings", is_read=True, is_written=False) for name in READERS]
    flows = [
        Listed(format=this.name, of="flows", title=this.title, is_read=True, is_written=False) for this in FLOW_FORMATS
    ]
    return evidence + logs + flows
