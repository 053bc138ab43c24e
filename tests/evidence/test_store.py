"""Evidence is kept unchanged, once."""

from __future__ import annotations

import io
import os
import resource
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from tocsin.evidence.store import evidence_path, keep, measure
from tocsin.terms.errors import BadRequest, StorageFailed

CONTENT = b"what somebody saw\n" * 1000
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "feed.csv"
    path.write_bytes(CONTENT)
    return path


def kept_files(data: Path) -> list[Path]:
    return [path for path in (data / "evidence").rglob("*") if path.is_file()]


def test_the_bytes_lie_under_their_digest(tmp_path: Path, evidence: Path) -> None:
    kept = keep(tmp_path / "data", evidence)
    assert (kept.sha256, kept.bytes) == (DIGEST, len(CONTENT))
    assert (
        kept.path
        == tmp_path / "data" / "evidence" / DIGEST[:2] / DIGEST[2:]
        == evidence_path(tmp_path / "data", DIGEST)
    )
    assert kept.path.read_bytes() == CONTENT
    assert not stat.S_IMODE(kept.path.stat().st_mode) & 0o222


def test_keeping_it_twice_adds_nothing(tmp_path: Path, evidence: Path) -> None:
    first = keep(tmp_path / "data", evidence)
    written_at = first.path.stat().st_mtime_ns
    assert keep(tmp_path / "data", io.BytesIO(CONTENT)) == first
    assert first.path.stat().st_mtime_ns == written_at
    assert kept_files(tmp_path / "data") == [first.path]


def test_measuring_tells_the_same_and_stores_nothing(tmp_path: Path, evidence: Path) -> None:
    assert measure(evidence).sha256 == DIGEST
    assert not (tmp_path / "data").exists()


def test_a_missing_file_and_a_folder_are_bad_requests(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing-here", tmp_path):
        with pytest.raises(BadRequest, match="cannot be read"):
            keep(tmp_path / "data", path)


def test_a_full_disk_leaves_nothing_half_done(tmp_path: Path, evidence: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StorageFailed):
            keep(tmp_path / "data", evidence)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept_files(tmp_path / "data") == []
    assert keep(tmp_path / "data", evidence).sha256 == DIGEST


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path, evidence: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed, match="cannot write"):
        keep(tmp_path / "data", evidence)


def test_what_a_killed_run_left_is_swept_and_what_is_young_is_not(tmp_path: Path, evidence: Path) -> None:
    folder = tmp_path / "data" / "evidence"
    folder.mkdir(parents=True)
    for name, mtime in ((".half-old", 1_000_000), (".half-young", None)):
        (folder / name).write_bytes(b"half")
        if mtime:
            os.utime(folder / name, (mtime, mtime))
    kept = keep(tmp_path / "data", evidence)
    assert sorted(kept_files(tmp_path / "data")) == sorted([folder / ".half-young", kept.path])
