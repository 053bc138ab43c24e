"""Each file of the golden folder reads as the JSON beside it says, in every form in which it may be packed."""

from __future__ import annotations

import bz2
import gzip
import json
import shutil
from pathlib import Path

import pytest

from tests.traffic.golden_files import FOLDER, told
from tocsin.engine import Engine

FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".expected")


EACH = pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path,
            id=path.name,
            marks=pytest.mark.skipif(
                path.suffix == ".nfcapd" and shutil.which("nfdump") is None, reason="nfdump is not installed"
            ),
        )
        for path in FILES
    ],
)


@EACH
def test_a_file_reads_as_it_should(engine: Engine, path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(path, tmp_path))
    assert told(engine, copy) == json.loads(path.with_name(path.name + ".expected").read_text())


@EACH
def test_packed_it_reads_the_same(engine: Engine, path: Path, tmp_path: Path) -> None:
    expected = json.loads(path.with_name(path.name + ".expected").read_text())
    for suffix, pack in ((".gz", lambda data: gzip.compress(data, mtime=0)), (".bz2", bz2.compress)):
        packed = tmp_path / (path.name + suffix)
        packed.write_bytes(pack(path.read_bytes()))
        assert told(engine, packed) == expected
