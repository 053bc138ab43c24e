"""Docs that cannot fall behind: every setting, verb and standard has its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tocsin.cli.main import VERBS
from tocsin.pipeline.config import Config
from tocsin.traffic.formats import FORMATS as FLOW_FORMATS

ROOT = Path(__file__).parents[2]


def _settings(kind: msgspec.inspect.Type, path: str = "") -> Iterator[str]:
    if isinstance(kind, msgspec.inspect.VarTupleType):
        yield from _settings(kind.item_type, path)
    elif isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            yield from _settings(field.type, f"{path}.{field.encode_name}".lstrip("."))
    else:
        yield path


def test_every_setting_has_a_heading_and_every_heading_a_setting() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    headings = re.findall(r"^### `([a-z_.]+)`$", text, re.MULTILINE)
    assert sorted(headings) == sorted(set(_settings(msgspec.inspect.type_info(Config))))


def test_the_reference_has_a_heading_for_every_verb() -> None:
    reference = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert re.findall(r"^## `tocsin ([a-z]+)`", reference, re.MULTILINE) == list(VERBS)


def test_every_format_of_flows_has_a_heading() -> None:
    text = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert re.findall(r"^### `([a-z]+)`", text, re.MULTILINE) == [each.name for each in FLOW_FORMATS]


def test_every_standard_that_the_code_names_is_in_the_table() -> None:
    table = (ROOT / "docs" / "standards.md").read_text("utf-8")
    listed = set(re.findall(r"RFC (\d+)", table))
    named: dict[str, str] = {}
    for path in (ROOT / "src").rglob("*.py"):
        for number in re.findall(r"RFC (\d{3,5})", path.read_text("utf-8")):
            named.setdefault(number, path.name)
    assert {number: path for number, path in named.items() if number not in listed} == {}


def test_every_row_of_the_standards_says_how_far() -> None:
    table = (ROOT / "docs" / "standards.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith(("| RFC", "| RSIT"))]
    assert len(rows) > 15
    assert {row[2].strip() for row in rows} <= {"Yes", "Partial", "No"}


def test_no_decision_is_longer_than_forty_lines() -> None:
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert len(page.read_text("utf-8").splitlines()) <= 40, page.name
