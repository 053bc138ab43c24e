"""The lists that the reader gives: SHA-256 of files, attackers' servers. Text, CSV or gzip; nothing is fetched."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tocsin.scan.limits import LIST_BYTES_MAX, LIST_ENTRIES_MAX, LIST_FIELDS_MAX, LIST_LINE_CHARACTERS_MAX
from tocsin.terms.addresses import parse_address, parse_network
from tocsin.terms.errors import BadConfig

_SHA256 = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")
_FIELDS = re.compile(r"[\s,;|\"']+")
_COMMENTS = ("#", ";", "//")
_BITS = 128
_NETWORK_BITS_MIN = {True: 96 + 8, False: 16}  # IPv4, IPv6: wider is a mistake of the list, not a server
_NOBODY = ("0.0.0.0", "::", "127.0.0.1", "::1")  # noqa: S104 - what hosts files write in front of names


class HashList:
    """SHA-256 by the name of the list that has it; whole digests, since a file may be moved because of one."""

    def __init__(self) -> None:
        self.unused: dict[str, int] = {}  # lines of each list in which there is none
        self._lists: dict[bytes, str] = {}

    def __len__(self) -> int:
        return len(self._lists)

    def add(self, name: str, lines: Iterable[str]) -> None:
        unused = 0
        for line in lines:
            digest = _SHA256.search(line)
            if digest:
                self._lists.setdefault(bytes.fromhex(digest[0]), name)
                _bounded(len(self._lists), name)
            else:
                unused += 1
        self.unused[name] = unused

    def find(self, sha256: str) -> str | None:
        """The name of the list that has this file, by its digest in hexadecimal."""
        return self._lists.get(bytes.fromhex(sha256))


class ServerList:
    """Attackers' servers by address or network, with the port where the list says it."""

    def __init__(self) -> None:
        self.unused: dict[str, int] = {}
        self._entries: dict[int, dict[int, list[tuple[int, str]]]] = {}  # by length of 128 and first address
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, name: str, lines: Iterable[str]) -> None:
        unused = 0
        for line in lines:
            entry = _server_in(line)
            if entry is None:
                unused += 1
                continue
            first, bits, port = entry
            self._entries.setdefault(bits, {}).setdefault(first, []).append((port, name))
            self._size += 1
            _bounded(self._size, name)
        self.unused[name] = unused

    def find(self, address: str, port: int) -> tuple[str, bool] | None:
        """The list that has this server, and whether it names this very port rather than another or none."""
        number = parse_address(address.partition("%")[0]).int
        general = None
        for bits, firsts in self._entries.items():
            for listed, name in firsts.get(number >> (_BITS - bits) << (_BITS - bits), ()):
                if listed == port:
                    return name, True
                general = general or name
        return (general, False) if general else None


def load_hashes(files: Iterable[Path]) -> HashList:
    """BadConfig says which file cannot be read, and which holds no SHA-256."""
    hashes = HashList()
    for file in files:
        _load(hashes, file, "SHA-256 (64 hexadecimal digits)")
    return hashes


def load_servers(files: Iterable[Path]) -> ServerList:
    """BadConfig says which file cannot be read, and which holds no address."""
    servers = ServerList()
    for file in files:
        _load(servers, file, "address of a server")
    return servers


def _load(target: HashList | ServerList, file: Path, what: str) -> None:
    before = len(target)
    try:
        target.add(file.name, _lines(file))
    except (OSError, EOFError, zlib.error) as error:
        raise BadConfig(f"cannot be read: {error}", where=str(file)) from error
    if len(target) == before:
        raise BadConfig(f"holds no {what}", where=str(file), remedy="one a line, or CSV; is it the right file?")


def _lines(file: Path) -> Iterator[str]:
    """Its lines without comments and empty ones; unpacked where it is gzip, by what is in it."""
    with file.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        with gzip.open(raw) if is_packed else raw as opened:
            text = io.TextIOWrapper(opened, encoding="utf-8-sig", errors="replace")
            read = 0
            while line := text.readline(LIST_LINE_CHARACTERS_MAX):
                read += len(line)
                if read > LIST_BYTES_MAX:
                    raise BadConfig(f"is larger than {LIST_BYTES_MAX:,} bytes", where=str(file), remedy="split it")
                if line.strip() and not line.lstrip().startswith(_COMMENTS):
                    yield line


def _server_in(line: str) -> tuple[int, int, int] | None:
    """First address (of 128 bits), length, port (0 where none is named) of the first field that is a server."""
    fields = [field for field in _FIELDS.split(line, LIST_FIELDS_MAX) if field][:LIST_FIELDS_MAX]
    for place, field in enumerate(fields):
        text, port = _with_port(field)
        try:
            first, bits = parse_network(text)
        except ValueError:
            continue
        if text in _NOBODY or bits < _NETWORK_BITS_MIN[":" not in text]:
            continue
        following = fields[place + 1] if place + 1 < len(fields) else ""
        return first.int, bits, port or _port_of(following)
    return None


def _with_port(field: str) -> tuple[str, int]:
    """`192.0.2.1:80`, `[2001:db8::1]:80`, or an address or network alone."""
    field = field.rpartition("://")[2]
    if field.startswith("["):
        text, _, port = field[1:].partition("]")
        return text, _port_of(port.removeprefix(":"))
    text, colon, port = field.partition(":")
    return (text, _port_of(port)) if colon and ":" not in port else (field, 0)


def _port_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65_536 else 0


def _bounded(size: int, name: str) -> None:
    if size > LIST_ENTRIES_MAX:
        raise BadConfig(f"the lists hold more than {LIST_ENTRIES_MAX:,} entries", where=name, remedy="give fewer")
