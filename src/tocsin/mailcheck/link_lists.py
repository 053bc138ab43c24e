"""Local lists of harmful links and servers (URLhaus, OpenPhish, PhishTank, DROP and the like), as files in a folder.
Nothing is fetched.

A file is plain text with a URL or a host a line, a hosts file, or CSV whose rows hold a URL; gzip too. A host is listed
by itself; of a URL at a place where many put things only the whole URL counts. An address or a network (CIDR) is
that of a server too.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

from tocsin.mailcheck import hosts
from tocsin.mailcheck.links import Target, target_of
from tocsin.terms.addresses import parse_address, parse_network
from tocsin.terms.errors import BadConfig

LIST_FILES_MAX = 100
LIST_BYTES_MAX = 512 * 1024 * 1024  # of a file, unpacked
LIST_ENTRIES_MAX = 5_000_000  # of all files
_LINE_CHARACTERS_MAX = 4_096
_NAMES = (".txt", ".csv", ".tsv", ".list", ".hosts", ".gz")
_KEY_BYTES = 8
_ADDRESS_BITS = 128
_NETWORK = re.compile(r"\s{0,8}\"?([0-9a-fA-F.:]{3,45}(?:/\d{1,3})?)(?:[\s\",;|#]|$)")
_LOOPBACK = ("127.0.0.1", "0.0.0.0", "::1")  # noqa: S104 - as hosts files write it


class LinkLists:
    """Eight bytes an entry, and which list it came from; two entries in 10¹⁹ may be taken for one another."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._entries: dict[bytes, int] = {}
        self._networks: dict[int, dict[int, int]] = {}  # by length, of 128 bits, and first address

    def __len__(self) -> int:
        return len(self._entries) + sum(map(len, self._networks.values()))

    def add(self, name: str, lines: Iterable[str]) -> None:
        """The entries of one list."""
        self.names.append(name)
        for line in lines:
            if len(self) >= LIST_ENTRIES_MAX:
                return
            network = _network_of(line)
            if network is not None:
                first, bits = network
                self._networks.setdefault(bits, {}).setdefault(first.int, len(self.names) - 1)
                if bits < _ADDRESS_BITS:
                    continue
            for key in _keys_of(line):
                self._entries.setdefault(key, len(self.names) - 1)

    def find(self, target: Target) -> str | None:
        """The name of the list that has this URL, or its host."""
        for text in (_whole(target), target.host):
            place = self._entries.get(_key(text))
            if place is not None:
                return self.names[place]
        return None

    def find_address(self, text: str) -> str | None:
        """The name of the list that has this address, or the narrowest network around it."""
        number = parse_address(text).int
        for bits in sorted(self._networks, reverse=True):
            place = self._networks[bits].get(number >> (_ADDRESS_BITS - bits) << (_ADDRESS_BITS - bits))
            if place is not None:
                return self.names[place]
        return None


def load_lists(folder: Path) -> LinkLists:
    """Every list in the folder, in the order of their names. BadConfig says which file cannot be read, and why."""
    lists = LinkLists()
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _NAMES and path.is_file())
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror}", where=str(folder)) from error
    if len(files) > LIST_FILES_MAX:
        raise BadConfig(f"holds more than {LIST_FILES_MAX} lists", where=str(folder))
    for path in files:
        try:
            lists.add(path.name, _lines(path))
        except (OSError, EOFError, zlib.error) as error:
            raise BadConfig(f"cannot be read: {error}", where=str(path)) from error
    return lists


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as raw, gzip.open(raw) if path.suffix.lower() == ".gz" else raw as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace")
        read = 0
        while read < LIST_BYTES_MAX and (line := text.readline(_LINE_CHARACTERS_MAX)):
            read += len(line)
            yield line


def _network_of(line: str) -> tuple[UUID, int] | None:
    """A line that begins with an address or a network; the loopback of hosts files is none."""
    word = _NETWORK.match(line)
    if word is None or word[1] in _LOOPBACK:
        return None
    try:
        return parse_network(word[1])
    except ValueError:
        return None


def _keys_of(line: str) -> Iterator[bytes]:
    line = line.strip()
    if not line or line[0] in "#!;":
        return
    url = _url_in(line)
    if url:
        target = target_of(url)
        if target and target.host:
            yield _key(_whole(target))
        return
    words = line.replace(",", " ").split()
    host = words[1] if len(words) > 1 and words[0] in _LOOPBACK else words[0]
    host = hosts.normal(host.strip('"').removeprefix("||").rstrip("^"))
    if "." in host:
        yield _key(host)


def _url_in(line: str) -> str:
    """The URL of a row, quoted or not."""
    start = line.find("://")
    if start < 0:
        return ""
    start = max(line.rfind(mark, 0, start) for mark in ' ,"\t|') + 1
    quoted = start > 0 and line[start - 1] == '"'
    ends = [place for place in (line.find(mark, start) for mark in ('"' if quoted else ',"\t |')) if place > 0]
    return line[start : min(ends, default=len(line))]


def _whole(target: Target) -> str:
    rest = target.rest.partition("#")[0].rstrip("/")
    port = f":{target.port}" if target.port not in (None, 80, 443) else ""
    return f"{target.host}{port}{rest}" if rest else f"{target.host}{port}/"


def _key(text: str) -> bytes:
    return blake2b(text.encode(errors="replace"), digest_size=_KEY_BYTES).digest()
