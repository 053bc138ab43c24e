"""The formats of prefix tables, in one table, and how a file is known to be of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from tocsin.attribution.networks.readers import mrt, own, rpsl
from tocsin.attribution.networks.staging import Staging, by_line
from tocsin.evidence.blocks import Truncated, open_blocks
from tocsin.terms.errors import BadRequest

_HEAD_BYTES = 1 << 16


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """A reader, and how much its word counts, field by field: of two that speak of an address, the lower number is
    believed; of equals, the longer prefix. None: it says nothing of that field."""

    stage: Callable[[Staging], None]
    origin: int | None = None
    country: int | None = None
    abuse_contact: int | None = None


# Own words first. Origins: what routers see, then what holders have registered. Countries and contacts: the registries;
# iptoasn's country is its AS's.
FORMATS = {
    "csv": Format(stage=own.stage, origin=0, country=0, abuse_contact=0),
    "mrt": Format(stage=mrt.stage, origin=1),
    "pfx2as": Format(stage=by_line("pfx2as"), origin=1),
    "iptoasn": Format(stage=by_line("iptoasn"), origin=1, country=2),
    "rpsl": Format(stage=rpsl.stage, origin=2, country=1, abuse_contact=1),
    "delegated": Format(stage=by_line("delegated"), country=1),
}

_CLASS = re.compile(
    rb"(?:inet6?num|route6?|role|person|organisation|irt|mntner|aut-num|as-set|as-block|domain|key-cert|route-set"
    rb"|filter-set|peering-set|rtr-set|inet-rtr|poem|poetic-form|limerick):"
)
_DELEGATED = re.compile(
    rb"[0-9.]+\|(?:ripencc|apnic|arin|lacnic|afrinic|iana|nro)\||[a-z]+\|[A-Z*]{0,2}\|(?:ipv[46]|asn)\|"
)
_PFX2AS = re.compile(rb"[0-9a-fA-F.:]+\t[0-9]{1,3}\t[0-9_,]+\s*\Z")


def format_of(path: Path) -> str:
    """The format that the file's first bytes show; `csv` where they show none. BadRequest when it cannot be read."""
    try:
        for block in open_blocks(path, block_bytes=_HEAD_BYTES):
            return _of_head(b"" if isinstance(block, Truncated) else block[:_HEAD_BYTES], path)
    except OSError as error:
        raise BadRequest(f"cannot read it: {error.strerror}", where=str(path)) from error
    return "csv"


def _of_head(head: bytes, path: Path) -> str:
    if len(head) >= 12 and head[4:6] in (b"\0\x0c", b"\0\x0d") and head[6] == 0:
        return "mrt"
    said = (line for line in head.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip())
    first = next((line for line in said if not line.startswith((b"#", b"%"))), b"")
    if _CLASS.match(first):
        return "rpsl"
    if _DELEGATED.match(first):
        return "delegated"
    if _PFX2AS.match(first):
        return "pfx2as"
    return "iptoasn" if first.count(b"\t") == 4 or ".tsv" in path.suffixes else "csv"
