"""The examiner's process: gets open files one by one, hashes them, runs the rules on them, and can do nothing else.

`python -m tocsin.scan.worker FD`: the rules come on standard input (JSON), files as descriptors over the socket FD, and
for each a line of JSON goes to standard output. It may not write files, start processes or take more than its memory;
what a hostile file does to a parser of the rules' engine, it does to this process alone.
"""

from __future__ import annotations

import os
import socket
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from tocsin.scan.limits import (
    EXAMINER_BYTES_MAX,
    HASH_BYTES_MAX,
    MATCHES_MAX,
    PATTERN_MATCHES_MAX,
    RULE_BYTES_MAX,
    RULE_S_MAX,
)
from tocsin.scan.rules import RuleFile

if TYPE_CHECKING:
    import yara_x

_CHUNK_BYTES = 1024 * 1024
_IGNORED_MAX = 1_000
_TOLD_CHARACTERS_MAX = 300


class Started(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first line: which rules cannot be used, where and why; `broken` where no rule can."""

    rules: int = 0
    ignored: tuple[tuple[str, str], ...] = ()
    broken: str = ""


class Examined(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one file: its digest ('' where it is larger than is read), the rules that matched, and what was left out."""

    sha256: str = ""
    size: int = 0
    rules: tuple[str, ...] = ()
    left_out: str = ""  # '', a code of the findings
    failed: str = ""  # why it could not be read


def main() -> None:
    files = socket.socket(fileno=int(sys.argv[1]))
    rules = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[RuleFile, ...])
    scanner, started = _compiled(rules)
    _bound_ourselves()
    _say(started)
    while True:
        asked, fds, _, _ = socket.recv_fds(files, 1, 1)
        if not asked:
            return
        try:
            _say(examined(fds[0], scanner))
        finally:
            os.close(fds[0])


def examined(fd: int, scanner: yara_x.Scanner | None) -> Examined:
    """Reads the file from its start to its end, once."""
    digest, head, size = sha256(), bytearray(), 0
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        while chunk := os.read(fd, _CHUNK_BYTES):
            size += len(chunk)
            if size > HASH_BYTES_MAX:
                return Examined(size=size, left_out="too-large")
            digest.update(chunk)
            if scanner is not None and len(head) < RULE_BYTES_MAX:
                head += chunk[: RULE_BYTES_MAX - len(head)]
    except OSError as error:
        return Examined(size=size, failed=error.strerror or str(error))
    rules, left_out = _matched(scanner, bytes(head)) if scanner is not None and head else ((), "")
    cut = "partly" if scanner is not None and size > len(head) else ""
    return Examined(digest.hexdigest(), size, rules, left_out or cut)


def _matched(scanner: yara_x.Scanner, head: bytes) -> tuple[tuple[str, ...], str]:
    import yara_x  # noqa: PLC0415 - a scan without rules does without it

    try:
        matching = scanner.scan(head).matching_rules
    except yara_x.TimeoutError:
        return (), "too-slow"
    return tuple(f"{rule.namespace}: {rule.identifier}" for rule in matching[:MATCHES_MAX]), ""


def _compiled(files: tuple[RuleFile, ...]) -> tuple[yara_x.Scanner | None, Started]:
    """A broken rule costs itself alone and is told. Includes are not followed."""
    if not files:
        return None, Started()
    import yara_x  # noqa: PLC0415 - a scan without rules does without it

    compiler = yara_x.Compiler(relaxed_re_syntax=True, includes_enabled=False)
    compiler.ignore_invalid_rules(True)
    for file in files:
        compiler.new_namespace(file.name)
        compiler.add_source(file.text, origin=file.name)
    ignored = tuple(_told(error) for error in compiler.errors()[:_IGNORED_MAX])
    rules = compiler.build()
    count = sum(1 for _ in rules)
    if not count:
        return None, Started(broken=": ".join(ignored[0]) if ignored else "the files hold no rules")
    scanner = yara_x.Scanner(rules)
    scanner.set_timeout(RULE_S_MAX)
    scanner.max_matches_per_pattern(PATTERN_MATCHES_MAX)
    scanner.fast_scan(True)
    return scanner, Started(rules=count, ignored=ignored)


def _bound_ourselves() -> None:
    """No files written, no processes started, no core left behind, memory bounded: for what a parser may be made do."""
    import resource  # noqa: PLC0415 - of Unix alone, as descriptors over sockets are

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (EXAMINER_BYTES_MAX, EXAMINER_BYTES_MAX))


def _say(answer: Started | Examined) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def _told(error: dict[str, object]) -> tuple[str, str]:
    """Where a rule cannot be used (`file:line`), and why."""
    labels = error.get("labels")
    label = labels[0] if isinstance(labels, list) and labels else {}
    return f"{label.get('code_origin', '')}:{error.get('line', '')}", f"{error.get('title', '')}"[:_TOLD_CHARACTERS_MAX]


if __name__ == "__main__":
    main()
