"""A hive as Windows lays it out, by hand: so that the reader is tested against another hand than its own."""

from __future__ import annotations

import struct

BASE = 4_096
Tree = dict[str, "Tree | str | int"]
_NONE = 0xFFFFFFFF


class _Writer:
    def __init__(self) -> None:
        self.bins = bytearray(32)  # the bin's own header

    def cell(self, content: bytes) -> int:
        """Its offset after the base block."""
        offset = len(self.bins)
        size = (len(content) + 4 + 7) // 8 * 8
        self.bins += struct.pack("<i", -size) + content.ljust(size - 4, b"\0")
        return offset

    def value(self, name: str, said: str | int) -> int:
        encoded = name.encode("latin-1")
        if isinstance(said, int):
            return self.cell(b"vk" + struct.pack("<HIIIHH", len(encoded), 0x80000004, said, 4, 1, 0) + encoded)
        text = (said + "\0").encode("utf-16-le")
        place = self.cell(text)
        return self.cell(b"vk" + struct.pack("<HIIIHH", len(encoded), len(text), place, 1, 1, 0) + encoded)

    def key(self, name: str, tree: Tree, kind: bytes) -> int:
        keys = [self.key(below, said, kind) for below, said in tree.items() if isinstance(said, dict)]
        values = [self.value(below, said) for below, said in tree.items() if not isinstance(said, dict)]
        listed = self._listed(keys, kind) if keys else _NONE
        valued = self.cell(b"".join(struct.pack("<I", value) for value in values)) if values else _NONE
        encoded = name.encode("latin-1")
        head = struct.pack("<HQIIIIIIII", 0x20, 0, 0, 0, len(keys), 0, listed, _NONE, len(values), valued)
        rest = struct.pack("<IIIIIIIHH", _NONE, _NONE, 0, 0, 0, 0, 0, len(encoded), 0)
        return self.cell(b"nk" + head + rest + encoded)

    def _listed(self, keys: list[int], kind: bytes) -> int:
        if kind == b"ri":
            halves = [self._listed(keys[:1], b"li"), *([self._listed(keys[1:], b"lh")] if keys[1:] else [])]
            return self.cell(
                b"ri" + struct.pack("<H", len(halves)) + b"".join(struct.pack("<I", half) for half in halves)
            )
        rows = (struct.pack("<I", key) + (b"" if kind == b"li" else b"hash") for key in keys)
        return self.cell(kind + struct.pack("<H", len(keys)) + b"".join(rows))


def hive_of(tree: Tree, kind: bytes = b"lh") -> bytes:
    """`kind` is how keys list those below them: `lf`, `lh`, `li` or `ri`."""
    writer = _Writer()
    root = writer.key("ROOT", tree, kind)
    base = b"regf" + struct.pack("<IIQIIIII", 1, 1, 0, 1, 5, 0, 1, root) + struct.pack("<I", len(writer.bins))
    return base.ljust(BASE, b"\0") + bytes(writer.bins)
