"""Golden folders: small files of each format, and what each says, row by row."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.attribution.networks.networks_world import claims, read_paths
from tocsin.attribution.networks import FORMATS
from tocsin.attribution.networks.formats import format_of
from tocsin.lake import Lake

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[3] / "docs" / "networks.md"
INPUTS = sorted(path for path in GOLDEN.glob("*/*") if path.suffix != ".claims")


def render(lake: Lake, path: Path) -> str:
    read = read_paths(lake, [path])
    rejects = (f"line {bad.line}: {bad.reason}" for bad in sorted(read.rejects, key=lambda bad: bad.line))
    return "".join(f"{line}\n" for line in (*claims(lake), "--", *rejects))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_reading_gives_what_is_written_beside_it(lake: Lake, path: Path) -> None:
    assert render(lake, path) == path.with_name(path.name + ".claims").read_text()


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_the_format_is_known_from_the_content(tmp_path: Path, path: Path) -> None:
    assert format_of(path) == path.parent.name
    packed = tmp_path / "table.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    if path.suffix != ".tsv":
        assert format_of(packed) == path.parent.name


def test_each_format_has_a_golden_folder_and_a_heading() -> None:
    assert {path.parent.name for path in INPUTS} == set(FORMATS)
    headings = re.findall(r"^## `([a-z0-9]+)`: ", DOCS.read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(FORMATS)
