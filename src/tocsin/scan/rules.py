"""The YARA rules that the reader gives, as texts; they are compiled where they run, by the examiner."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tocsin.scan.limits import RULE_FILES_MAX, RULES_BYTES_MAX
from tocsin.terms.errors import BadConfig

_NAMES = (".yar", ".yara", ".rule", ".rules")


class RuleFile(msgspec.Struct, frozen=True):
    """The name that matches are told by, and the rules' text."""

    name: str
    text: str


def rule_paths(given: Iterable[Path]) -> list[Path]:
    """The files themselves, and of folders those at any depth that are named as rules are. Raises BadConfig."""
    paths: list[Path] = []
    for path in given:
        below = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if _is_rules(p)]
        if not below:
            raise BadConfig("holds no YARA rules", where=str(path), remedy=f"files named {', '.join(_NAMES)}")
        paths += below
        if len(paths) > RULE_FILES_MAX:
            raise BadConfig(f"more than {RULE_FILES_MAX:,} files of rules", where=str(path), remedy="give fewer")
    return paths


def load_rules(paths: Iterable[Path]) -> tuple[RuleFile, ...]:
    """Raises BadConfig for a file that cannot be read, is no text, or is too much."""
    rules, size = [], 0
    for path in paths:
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadConfig("is not text in UTF-8", where=str(path), remedy="compiled rules are not taken") from error
        except OSError as error:
            raise BadConfig(f"cannot be read: {error.strerror}", where=str(path)) from error
        size += len(text)
        if size > RULES_BYTES_MAX:
            raise BadConfig(f"more than {RULES_BYTES_MAX:,} bytes of rules", where=str(path), remedy="give fewer")
        rules.append(RuleFile(path.name, text))
    return tuple(rules)


def _is_rules(path: Path) -> bool:
    return path.suffix.lower() in _NAMES and path.is_file()
