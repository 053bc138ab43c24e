"""A log's first line, where it says what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from tocsin.attribution.bindings.staging import Staging
from tocsin.evidence.lines import Truncated

HEADER_BYTES_MAX = 1 << 16
_BOM = b"\xef\xbb\xbf"


def with_first_line(staging: Staging) -> tuple[str, Staging]:
    """The first line that is not blank, and the same evidence, still from its first byte."""
    line, blocks = _first_line(staging.blocks)
    return line, msgspec.structs.replace(staging, blocks=blocks)


def _first_line(blocks: Iterable[bytes | Truncated]) -> tuple[str, Iterator[bytes | Truncated]]:
    rest = iter(blocks)
    head = b""
    seen: list[bytes | Truncated] = []
    for block in rest:
        seen.append(block)
        if isinstance(block, Truncated):
            break
        head += block
        if b"\n" in head.removeprefix(_BOM).lstrip() or len(head) > HEADER_BYTES_MAX:
            break
    line = head.removeprefix(_BOM).lstrip().partition(b"\n")[0].rstrip()
    return line[:HEADER_BYTES_MAX].decode(errors="replace"), chain(seen, rest)
