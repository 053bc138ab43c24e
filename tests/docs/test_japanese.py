"""README and the start page say the same in Japanese: the same headings, commands, links, outputs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (("README.md", "README.ja.md"), ("docs/start.md", "docs/start.ja.md"))
COMMAND = re.compile(r"^(?:make|tocsin|git) \S")


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _blocks(text: str) -> list[str]:
    return re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _prose(text: str) -> str:
    return re.sub(r"^```\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def levels(name: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", _prose(_text(name)), re.MULTILINE)]


def commands(name: str) -> list[str]:
    text = _text(name)
    lines = [line.partition("   #")[0].rstrip() for block in _blocks(text) for line in block.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", _prose(text))
    return sorted(each for each in [*lines, *inline] if COMMAND.match(each))


def code(name: str) -> list[str]:
    return sorted(set(re.findall(r"`([^`\n]+)`", _prose(_text(name)))))


def links(name: str) -> list[str]:
    return sorted(set(re.findall(r"\]\(([^)]+)\)", _prose(_text(name)))))


@pytest.mark.parametrize(("english", "japanese"), PAGES)
def test_both_have_the_same_headings_commands_and_code(english: str, japanese: str) -> None:
    assert levels(english) == levels(japanese)
    assert len(levels(english)) > 2
    assert commands(english) == commands(japanese)
    assert len(commands(english)) > 2
    assert code(english) == code(japanese)


@pytest.mark.parametrize(("english", "japanese"), PAGES)
def test_both_lead_to_the_same_pages_and_each_to_the_other(english: str, japanese: str) -> None:
    ours = [link.replace("start.ja.md", "start.md") for link in links(japanese) if link != Path(english).name]
    assert ours == [link for link in links(english) if link != Path(japanese).name]
    assert Path(english).name in links(japanese)
    assert Path(japanese).name in links(english)


def test_outputs_are_the_same_in_both() -> None:
    assert [block for block in _blocks(_text("README.md")) if "cannot tell" in block] == [
        block for block in _blocks(_text("README.ja.md")) if "cannot tell" in block
    ]
