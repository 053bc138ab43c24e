"""A scan as a test asks for it: rules, lists, and a machine in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from tocsin.scan.examiner import Examiner
from tocsin.scan.findings import Finding
from tocsin.scan.lists import HashList, ServerList
from tocsin.scan.rules import RuleFile
from tocsin.scan.scan import Asked, Scan, Setup
from tocsin.scan.vault import Vault

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
RULE = RuleFile("bots.yar", 'rule Bot { strings: $a = "this-is-the-bot" condition: $a }')
BOT = b"\x7fELF rest of this-is-the-bot and more"


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


@contextmanager
def scanning(
    asked: Asked,
    *,
    rules: tuple[RuleFile, ...] = (RULE,),
    hashes: tuple[str, ...] = (),
    servers: tuple[str, ...] = (),
    vault: Vault | None = None,
    skip: frozenset[tuple[int, int]] = frozenset(),
    seconds: Iterator[float] | None = None,
) -> Iterator[Scan]:
    listed, hosts = HashList(), ServerList()
    if hashes:
        listed.add("hashes.txt", hashes)
    if servers:
        hosts.add("servers.txt", servers)
    with Examiner(rules) as examiner:
        elapsed = (lambda: next(seconds)) if seconds else (lambda: 0.0)
        yield Scan(asked, Setup(examiner, listed, hosts, NOW, elapsed, skip=skip, vault=vault))


def scan(asked: Asked | Path, **given: object) -> list[Finding]:
    """The findings of one scan, of a folder where only that is asked for."""
    with scanning(asked if isinstance(asked, Asked) else Asked((asked,)), **given) as begun:  # type: ignore[arg-type]
        return list(begun.findings())


def codes(findings: Iterable[object]) -> list[str]:
    return [finding.code for finding in findings if isinstance(finding, Finding)]
