"""Kea's lease files (memfile): DHCPv4 and DHCPv6, of any version, and those that its clean-up leaves behind."""

from __future__ import annotations

from tocsin.attribution.bindings.readers.dhcp import stage_lines
from tocsin.attribution.bindings.readers.opening import with_first_line
from tocsin.attribution.bindings.staging import Staging
from tocsin.terms.errors import BadRequest

_NEEDED = {"address", "valid_lifetime", "expire"}


def stage(staging: Staging) -> None:
    """Raises BadRequest when the first line does not name the columns of a lease file."""
    header, whole = with_first_line(staging)
    if header and not set(header.split(",")) >= _NEEDED:
        raise BadRequest(
            f"the first line of a Kea lease file does not name its columns: {header[:80]!r}",
            remedy="give the file that Kea writes, with its header",
        )
    stage_lines(whole, "kea", header=header)
