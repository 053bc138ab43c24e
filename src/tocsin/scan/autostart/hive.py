"""Windows' Run keys out of an offline hive (`SOFTWARE`, `SYSTEM`, `NTUSER.DAT`): the cells of regf, read only.

The layout is that which Microsoft never published and the forensic field has written down (M. Suhanov, "Windows
registry file format specification"): a base block of 4,096 bytes, then cells by their offset after it. What lies
only in a transaction log (`.LOG1`) is not seen.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tocsin.scan.autostart.entries import Said
from tocsin.scan.autostart.registry import is_start
from tocsin.scan.limits import HIVE_CELLS_MAX, HIVE_VALUE_BYTES_MAX

MAGIC = b"regf"
_BASE_BYTES = 4_096
_NONE = 0xFFFFFFFF
_COMPRESSED_NAME = 0x0020  # flag of a key: its name is Latin-1
_ASCII_NAME = 0x0001  # flag of a value
_IN_PLACE = 0x80000000  # flag of a value's size: the value stands in its offset
_TEXTS = (1, 2, 7)  # REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ
_DEPTH_MAX = 32


class Damaged(ValueError):
    """The hive does not hold together at that place."""


def hive(raw: bytes) -> Iterator[Said]:
    """0, `key\\value`, and the command, of every value that Windows starts. Damaged where the root cannot be read;
    below it what is damaged is left out."""
    cells = _Cells(raw)
    yield from _below(cells, cells.root, "", 0)


def _below(cells: _Cells, offset: int, path: str, depth: int) -> Iterator[Said]:
    for name, command in cells.values(offset):
        if is_start(path, name) and command:
            yield 0, f"{path}\\{name}", command
    if depth < _DEPTH_MAX:
        for child in cells.children(offset):
            try:
                yield from _below(cells, child, f"{path}\\{cells.name(child)}", depth + 1)
            except Damaged:
                continue


class _Cells:
    """A hive's cells by their offsets; a cell is visited once as a key, so that circles end."""

    def __init__(self, raw: bytes) -> None:
        if not raw.startswith(MAGIC) or len(raw) < _BASE_BYTES:
            raise Damaged("not a hive")
        self._raw = raw
        self._visited: set[int] = set()
        self._read = 0
        self.root = int(struct.unpack_from("<I", raw, 36)[0])
        self._key(self.root)

    def name(self, offset: int) -> str:
        cell = self._key(offset)
        flags, size = struct.unpack_from("<H", cell, 2)[0], struct.unpack_from("<H", cell, 72)[0]
        text = cell[76 : 76 + size]
        return text.decode("latin-1") if flags & _COMPRESSED_NAME else text.decode("utf-16-le", "replace")

    def children(self, offset: int) -> Iterator[int]:
        cell = self._key(offset)
        count, listed = struct.unpack_from("<I", cell, 20)[0], struct.unpack_from("<I", cell, 28)[0]
        if not count or listed == _NONE:
            return
        for child in self._listed(listed, 0):
            if child not in self._visited:
                self._visited.add(child)
                yield child

    def values(self, offset: int) -> Iterator[tuple[str, str]]:
        """Name and text of the values that are texts."""
        cell = self._key(offset)
        count, listed = struct.unpack_from("<II", cell, 36)
        if not count or listed == _NONE:
            return
        places = self._cell(listed)
        for place in range(min(count, len(places) // 4)):
            try:
                yield from self._value(struct.unpack_from("<I", places, place * 4)[0])
            except (Damaged, struct.error):
                continue

    def _value(self, offset: int) -> Iterator[tuple[str, str]]:
        cell = self._cell(offset)
        if cell[:2] != b"vk":
            raise Damaged("not a value")
        name_size, size, place, kind, flags = struct.unpack_from("<HIIIH", cell, 2)
        name = cell[20 : 20 + name_size]
        shown = name.decode("latin-1") if flags & _ASCII_NAME else name.decode("utf-16-le", "replace")
        if kind not in _TEXTS:
            return
        if size & _IN_PLACE:
            text = struct.pack("<I", place)[: min(size & 0x7FFFFFFF, 4)]
        elif size > HIVE_VALUE_BYTES_MAX:
            return
        else:
            text = self._cell(place)[:size]
        yield shown, text.decode("utf-16-le", "replace").rstrip("\0").replace("\0", " ")

    def _listed(self, offset: int, depth: int) -> Iterator[int]:
        """The keys of a list: `lf` and `lh` with hashes, `li` without, `ri` a list of lists."""
        cell = self._cell(offset)
        kind, count = cell[:2], struct.unpack_from("<H", cell, 2)[0]
        step = {b"lf": 8, b"lh": 8, b"li": 4, b"ri": 4}.get(kind)
        if step is None or depth > 2:
            raise Damaged("not a list of keys")
        for place in range(min(count, (len(cell) - 4) // step)):
            child = struct.unpack_from("<I", cell, 4 + place * step)[0]
            if kind == b"ri":
                yield from self._listed(child, depth + 1)
            else:
                yield child

    def _key(self, offset: int) -> bytes:
        cell = self._cell(offset)
        if cell[:2] != b"nk" or len(cell) < 76:
            raise Damaged("not a key")
        return cell

    def _cell(self, offset: int) -> bytes:
        """A cell that is in use: its size stands before it, negative."""
        self._read += 1
        if self._read > HIVE_CELLS_MAX * 8:
            raise Damaged("too many cells")
        start = _BASE_BYTES + offset
        if offset == _NONE or start + 4 > len(self._raw):
            raise Damaged("a cell outside the file")
        size = -int(struct.unpack_from("<i", self._raw, start)[0])
        if size < 8 or start + size > len(self._raw):
            raise Damaged("a cell that is not in use")
        return self._raw[start + 4 : start + size]
