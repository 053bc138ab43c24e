"""One thing that starts by itself, as every reader tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from tocsin.scan.limits import COMMAND_CHARACTERS_MAX


class Entry(msgspec.Struct, frozen=True):
    """`kind` names the mechanism, `path` the file that says it (line from 1; 0 where it has no lines)."""

    kind: str
    path: str
    line: int
    command: str
    name: str = ""


Said = tuple[int, str, str]  # line, name, command
Reader = Callable[[str], Iterator[Said]]  # of a text


def entry_of(kind: str, path: str, said: Said) -> Entry:
    line, name, command = said
    return Entry(kind, path, line, command.strip()[:COMMAND_CHARACTERS_MAX], name)
