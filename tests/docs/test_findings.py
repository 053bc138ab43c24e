"""The pages of the mail check say what the code does: every finding, every option."""

from __future__ import annotations

import re
from pathlib import Path

from tocsin.cli.check import command
from tocsin.mailcheck.findings import KINDS

DOCS = Path(__file__).parents[2] / "docs"
_ROW = re.compile(r"\| `([a-z-]+)` \| (\w+) \| (\w+) \| ([^|]+) \| ([^|]+) \|")


def rows() -> list[tuple[str, str, str, str, str]]:
    return _ROW.findall((DOCS / "findings.md").read_text("utf-8"))


def test_the_page_has_a_line_for_each_finding_with_its_claim_and_effect() -> None:
    told = {code: (claim, effect) for code, claim, effect, _, _ in rows()}
    assert told == {code: (kind.claim, kind.effect) for code, kind in KINDS.items()}
    assert len(rows()) == len(KINDS)


def test_each_line_says_what_it_means_and_what_it_cannot_know() -> None:
    for code, _, _, means, unknown in rows():
        assert len(means.strip()) > 10, code
        assert unknown.strip(), code


def test_every_option_of_the_command_has_its_heading() -> None:
    headings = re.findall(r"^### `(--[a-z-]+)`$", (DOCS / "check.md").read_text("utf-8"), re.MULTILINE)
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert sorted(headings) == sorted(options)
