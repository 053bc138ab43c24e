"""Golden folders: each reader's own small files, and what reading them gives, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.golden_files import GOLDEN, inputs, render
from tocsin.engine import Engine
from tocsin.evidence.formats import FORMATS, choose, readers, recognise
from tocsin.evidence.texts import Head
from tocsin.terms.errors import BadRequest

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"


@pytest.mark.parametrize("path", inputs(), ids=lambda path: path.name)
def test_reading_gives_what_is_written_beside_it(engine: Engine, path: Path) -> None:
    for ending, content in render(engine, path).items():
        assert content.decode() == path.with_name(path.stem + ending).read_text(), ending


def test_each_reader_has_a_golden_folder() -> None:
    assert {path.parent.name for path in inputs()} == set(readers())
    assert {path.name for path in GOLDEN.iterdir()} == set(readers())


def test_each_format_has_a_heading_in_the_docs() -> None:
    headings = {line.removeprefix("## ").strip() for line in DOCS.read_text().splitlines() if line.startswith("## ")}
    assert {f"`{this.name}`: {this.title}" for this in FORMATS} <= headings


def test_a_format_reads_or_writes() -> None:
    assert {this.name for this in FORMATS} == {*readers(), *(this.name for this in FORMATS if this.write)}


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"{}\n", b"\x89PNG\r\n\x1a\n", b"<html>", b'{"a":1}\n', b"a,b,c\n1,2,3\n"]
)
def test_nobody_takes_what_is_not_theirs(content: bytes) -> None:
    assert recognise(Head("some.file", content)) is None
    with pytest.raises(BadRequest, match="no reader knows this content"):
        choose(Head("some.file", content), None)


def test_a_reader_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(BadRequest, match=r"there is no reader 'shadow'.*shadowserver, intelmq"):
        choose(Head("some.file", b""), "shadow")
