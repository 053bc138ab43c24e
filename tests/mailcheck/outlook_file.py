"""An Outlook .msg file built by hand ([MS-CFB], [MS-OXMSG]), small streams only: each in sectors of 512 bytes."""

from __future__ import annotations

import struct

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Tree = dict[str, "bytes | Tree"]


def outlook_file(tree: Tree) -> bytes:
    """The file of these streams (bytes) and storages (trees); streams are padded to 4096 bytes: none is mini."""
    entries: list[list[object]] = [["Root Entry", 5, b"", -1, -1, -1]]
    _add(entries, 0, tree)
    sectors: list[bytes] = []
    fat: list[int] = []
    starts = []
    for _, kind, raw, *_ in entries:
        assert isinstance(raw, bytes)
        starts.append(_chain(raw, sectors, fat) if kind == 2 and raw else _END)
    directory = b"".join(
        _entry(entry, start, len(entry[2]))  # type: ignore[arg-type]
        for entry, start in zip(entries, starts, strict=True)
    )
    directory += _entry(["", 0, b"", -1, -1, -1], 0, 0) * (-len(entries) % 4)
    directory_start = _chain(directory, sectors, fat)
    count = -(-(len(fat) + 1) // 127)
    fat_sectors = list(range(len(fat), len(fat) + count))
    fat += [_FAT] * count
    fat += [_FREE] * (count * 128 - len(fat))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        + struct.pack("<IIIIIIIIII", 0, count, directory_start, 0, 4096, _END, 0, _END, 0, fat_sectors[0])
    )  # fmt: skip
    header += b"".join(struct.pack("<I", sector) for sector in fat_sectors[1:])
    header += struct.pack("<I", _FREE) * ((_SECTOR - len(header)) // 4)
    return header + b"".join(sectors) + b"".join(struct.pack("<I", number) for number in fat)


def message(headers: str = "", body: str | None = None, html: bytes | None = None, **more: bytes | Tree) -> Tree:
    """A mail as Outlook keeps it; `more` are other streams by name."""
    tree: Tree = {"__properties_version1.0": b"\0" * 32} | more
    if headers:
        tree["__substg1.0_007D001F"] = headers.encode("utf-16-le")
    if body is not None:
        tree["__substg1.0_1000001F"] = body.encode("utf-16-le")
    if html is not None:
        tree["__substg1.0_10130102"] = html
    return tree


def _add(entries: list[list[object]], parent: int, tree: Tree) -> None:
    """Children hang on one another by their right side, in the order of [MS-CFB] §2.6.4."""
    before = -1
    for name in sorted(tree, key=lambda name: (len(name), name.upper())):
        value = tree[name]
        own = len(entries)
        entries.append([name, 2 if isinstance(value, bytes) else 1, b"", -1, -1, -1])
        if isinstance(value, bytes):
            entries[own][2] = value + b"\0" * max(0, 4096 - len(value)) if value else b""
        else:
            _add(entries, own, value)
        entries[before if before >= 0 else parent][4 if before >= 0 else 5] = own
        before = own


def _chain(raw: bytes, sectors: list[bytes], fat: list[int]) -> int:
    start = len(sectors)
    for place in range(0, len(raw), _SECTOR):
        sectors.append(raw[place : place + _SECTOR].ljust(_SECTOR, b"\0"))
        fat.append(len(sectors))
    fat[-1] = _END
    return start


def _entry(entry: list[object], start: int, size: int) -> bytes:
    name, kind, _, left, right, child = entry
    assert isinstance(name, str)
    spelled = name.encode("utf-16-le")
    numbers = [value & 0xFFFFFFFF for value in (left, right, child) if isinstance(value, int)]
    return (
        spelled.ljust(64, b"\0") + struct.pack("<HBB", len(spelled) + 2 if name else 0, kind, 1)
        + struct.pack("<III", *numbers) + bytes(36) + struct.pack("<IQ", start & 0xFFFFFFFF, size)
    )  # fmt: skip
