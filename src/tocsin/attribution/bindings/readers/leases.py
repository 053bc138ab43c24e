"""The text of ISC dhcpd's lease files, cut into leases. What they mean, dhcpd.sql says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tocsin.evidence.lines import Lines, OnReject, Reject, bounded

BLOCK_BYTES_MAX = 1 << 18  # of one lease, with all that options may put into it
COLUMNS = (("line", "UBIGINT"), ("kind", "VARCHAR"), ("name", "VARCHAR"), ("owner", "VARCHAR"), ("text", "VARCHAR"))
_ROWS_AT_ONCE = 20_000
_STATEMENTS = "(?:lease|ia-na|ia-ta|ia-pd)"
_OPENED = re.compile(rf"(?:^|\n)({_STATEMENTS}) ([^\n]*?) *\{{[ \t]*(?=\n)")
_INNER = re.compile(r"\n[ \t]+(iaaddr|iaprefix) (\S+) \{(.*?\n)[ \t]+\}[ \t]*(?=\n|$)", re.DOTALL)
_CLTT = re.compile(r"\n[ \t]+cltt [^\n]*")

Row = tuple[int, str, str, str, str]


def lease_chunks(lines: Iterable[Lines], on_reject: OnReject) -> Iterator[list[tuple[object, ...]]]:
    """Rows of COLUMNS, a bounded number at a time: a lease of an address, or what an IA (`owner`) holds."""
    rows: list[Row] = []
    for row in _leases(lines, on_reject):
        rows.append(row)
        if len(rows) >= _ROWS_AT_ONCE:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _leases(lines: Iterable[Lines], on_reject: OnReject) -> Iterator[Row]:
    """A block ends at a line that is `}` alone; whatever the client chose stands in quotes, without line breaks."""
    first, rest, skipping = 1, "", False
    for chunk in lines:
        text = rest + chunk.text.decode() + "\n"
        first = chunk.first - rest.count("\n")
        if skipping:  # the rest of a block that is rejected already
            end = text.find("\n}\n") + 3
            skipping, dropped = end < 3, text[: end if end >= 3 else len(text)]
            first, text = first + dropped.count("\n"), text[len(dropped) :]
        *blocks, rest = text.split("\n}\n")
        for block in blocks:
            yield from _of_block(first, block, on_reject)
            first += block.count("\n") + 2
        if len(rest) > BLOCK_BYTES_MAX:
            on_reject(Reject(first, f"the block is longer than {BLOCK_BYTES_MAX} bytes", bounded(rest)))
            rest, skipping = "", True
    if rest.removesuffix("\n").endswith("\n}"):
        yield from _of_block(first, rest.removesuffix("\n").removesuffix("\n}"), on_reject)
    elif opened := list(_OPENED.finditer(rest)):
        _refuse(first, rest, opened, on_reject)


def _of_block(line: int, block: str, on_reject: OnReject) -> Iterator[Row]:
    """The lease that ends with the block. Before it may stand statements, and what was torn by a crash."""
    opened = list(_OPENED.finditer(block)) if block.count(" {\n") != 1 or block[:6] != "lease " else None
    if opened is None:  # nearly always
        yield line, "lease", block[6 : block.find(" {\n")].strip(), "", block
        return
    if not opened:
        return
    _refuse(line, block, opened[:-1], on_reject)
    last = opened[-1]
    start = last.start() + (block[last.start()] == "\n")
    line, text = line + block.count("\n", 0, start), block[start:]
    if last[1] == "lease":
        yield line, "lease", last[2], "", text
        return
    cltt = _CLTT.search(text)
    for inner in _INNER.finditer(text + "\n"):
        at = line + text.count("\n", 0, inner.start()) + 1
        yield at, inner[1], inner[2], last[2], (cltt[0] if cltt else "") + inner[3]


def _refuse(line: int, text: str, opened: list[re.Match[str]], on_reject: OnReject) -> None:
    for each in opened:
        start = each.start() + (text[each.start()] == "\n")
        at = line + text.count("\n", 0, start)
        on_reject(Reject(at, "a lease that does not end: the file was cut here", bounded(text[start : start + 400])))
