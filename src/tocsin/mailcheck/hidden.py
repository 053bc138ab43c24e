"""Words of an HTML part that nobody sees: they are there for programs, or to be carried past them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_NODES_MAX = 2_000
_DEPTH_MAX = 200
_CHARACTERS_MAX = 40_000
_STYLE_CHARACTERS_MAX = 2_000
_STYLED = '[style*="none"],[style*="hidden"],[style*="opacity"],[style*="transparent"],[style*="font-size"],[hidden]'
# What takes all that stands in it out of sight.
_GONE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0*\.?0+\s*(?:!|;|$)|color\s*:\s*transparent)",
    re.IGNORECASE,
)
# Letters too small to be read. What stands deeper in it may have a size of its own, as newsletters' frames do.
_TINY = re.compile(r"(?:^|;)\s*font-size\s*:\s*(?:[01](?:\.\d+)?(?:px|pt|%)?|0*\.?0+r?em)\s*(?:!|;|$)", re.IGNORECASE)


def taken_out(tree: LexborHTMLParser) -> str:
    """The hidden words; what is hidden whole is taken out of the tree."""
    pieces: list[str] = []
    gone: dict[int, LexborNode] = {}
    length = 0
    for node in tree.css(_STYLED)[:_NODES_MAX]:
        style = (node.attributes.get("style") or "")[:_STYLE_CHARACTERS_MAX]
        is_gone = "hidden" in node.attributes or _GONE.search(style) is not None
        if not is_gone and not _TINY.search(style):
            continue
        if _is_within(node, gone):
            continue
        if is_gone and node.tag not in ("html", "body"):
            gone[node.mem_id] = node
        pieces.append((node.text(separator=" ") if is_gone else node.text(deep=False)) or "")
        length += len(pieces[-1])
        if length > _CHARACTERS_MAX:
            break
    for node in gone.values():  # none lies within another: each is still there when its turn comes
        node.decompose()
    return " ".join(" ".join(pieces)[:_CHARACTERS_MAX].split())


def _is_within(node: LexborNode, gone: dict[int, LexborNode]) -> bool:
    """Whether it stands within one of them; said of what lies too deep, too, which is left alone."""
    above = node.parent if gone else None
    for _ in range(_DEPTH_MAX):
        if above is None:
            return False
        if above.mem_id in gone:
            return True
        above = above.parent
    return True
