"""Bytes to numbered lines: whatever the file is, every line is given or rejected, under its own number."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evidence.lines import BLOCK_BYTES, LINE_BYTES_MAX, Reject, Truncated, numbered_lines, open_blocks

Numbered = dict[int, bytes]


def lines_of(
    blocks: Iterable[bytes | Truncated], line_bytes_max: int = LINE_BYTES_MAX
) -> tuple[Numbered, list[Reject]]:
    rejects: list[Reject] = []
    found: Numbered = {}
    for chunk in numbered_lines(blocks, rejects.append, line_bytes_max=line_bytes_max):
        for number, line in enumerate(chunk.split(), chunk.first):
            assert number not in found
            if line is not None:
                found[number] = line
            else:
                assert number in {reject.line for reject in rejects}
    return found, rejects


def zstd(content: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(content, asbytes=True)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "zstd": zstd}
CONTENT = b"".join(b"line %d of the evidence\n" % number for number in range(40_000))


def test_lines_end_with_lf_or_crlf_and_a_byte_order_mark_is_none() -> None:
    found, rejects = lines_of([b"\xef\xbb\xbfone\r\ntwo\n\nfour"])
    assert found == {1: b"one", 2: b"two", 3: b"", 4: b"four"}
    assert rejects == []


@pytest.mark.parametrize("bad", [b"n\0ul", b"caf\xe9", b"\xff\xfeu\0t\0f\0"])
def test_a_line_that_is_no_text_is_rejected_alone(bad: bytes) -> None:
    found, rejects = lines_of([b"one\n" + bad + b"\nthree\n"])
    assert found == {1: b"one", 3: b"three"}
    assert [reject.line for reject in rejects] == [2]


def test_a_line_past_the_bound_is_one_reject_and_the_next_is_read() -> None:
    found, rejects = lines_of(
        [b"one\n" + b"x" * 50, b"x" * 50, b"x\nthree\n", b"y" * 21 + b"\n", b"z" * 20], line_bytes_max=20
    )
    assert found == {1: b"one", 3: b"three", 5: b"z" * 20}
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (2, "the line is longer than 20 bytes"),
        (4, "the line is longer than 20 bytes"),
    ]


def test_a_line_of_the_bound_is_read_and_one_byte_more_is_not() -> None:
    content = b"a" * LINE_BYTES_MAX + b"\n" + b"b" * (LINE_BYTES_MAX + 1) + b"\nlast\n"
    found, rejects = lines_of(open_blocks(io.BytesIO(content)))
    assert sorted(found) == [1, 3]
    assert [reject.line for reject in rejects] == [2]
    assert len(rejects[0].excerpt) == 200


@pytest.mark.parametrize("packer", PACKERS)
def test_compressed_evidence_is_known_by_its_first_bytes(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "evidence"
    path.write_bytes(PACKERS[packer](CONTENT))
    blocks = list(open_blocks(path, block_bytes=10_000))
    assert b"".join(block for block in blocks if isinstance(block, bytes)) == CONTENT
    assert max(len(block) for block in blocks if isinstance(block, bytes)) <= 10_000


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_cut_evidence_gives_the_lines_before_the_cut_and_one_reject(packer: str, kept: float) -> None:
    packed = PACKERS[packer](CONTENT)
    blocks = list(open_blocks(io.BytesIO(packed[: int(len(packed) * kept)])))
    assert isinstance(blocks[-1], Truncated)
    found, rejects = lines_of(blocks)
    assert found == dict(enumerate(CONTENT.split(b"\n")[: len(found)], 1))
    assert [reject.line for reject in rejects] == [len(found) + 1]
    assert "cut off here" in rejects[0].reason


def test_a_cut_line_is_never_read_since_a_port_cut_short_is_another_port() -> None:
    found, rejects = lines_of([b"192.0.2.1,4455\n192.0.2.1,44", Truncated("gzip data ends too early")])
    assert found == {1: b"192.0.2.1,4455"}
    assert [reject.excerpt for reject in rejects] == ["192.0.2.1,44"]


@pytest.mark.parametrize("packer", PACKERS)
def test_damaged_evidence_is_a_reject_and_no_exception(packer: str) -> None:
    packed = bytearray(PACKERS[packer](CONTENT))
    packed[len(packed) // 2] ^= 0xFF
    _, rejects = lines_of(open_blocks(io.BytesIO(bytes(packed))))
    assert len(rejects) <= 2


def test_gzip_members_one_after_another_are_one_evidence() -> None:
    packed = gzip.compress(b"one\n") + gzip.compress(b"") + gzip.compress(b"two\n") + b"\0" * 512
    assert list(open_blocks(io.BytesIO(packed))) == [b"one\n", b"two\n"]


def test_a_bomb_comes_in_bounded_blocks() -> None:
    packed = gzip.compress(b"\n" * (1 << 26))
    assert max(len(block) for block in open_blocks(io.BytesIO(packed)) if isinstance(block, bytes)) <= BLOCK_BYTES


def test_progress_counts_the_bytes_of_the_file_itself() -> None:
    packed = gzip.compress(CONTENT)
    told: list[int] = []
    list(open_blocks(io.BytesIO(packed), block_bytes=1000, on_progress=told.append))
    assert told[-1] == len(packed)
    assert told == sorted(told)


def cut_up(content: bytes, places: list[int]) -> Iterator[bytes]:
    edges = sorted({0, len(content), *(place % (len(content) + 1) for place in places)})
    yield from (content[start:end] for start, end in pairwise(edges))


@given(
    st.binary(max_size=60) | st.text(st.sampled_from("a\n\r\0é\ufeff"), max_size=40).map(str.encode),
    st.lists(st.integers(0, 60)),
)
def test_where_the_blocks_end_changes_nothing(content: bytes, places: list[int]) -> None:
    assert lines_of(cut_up(content, places), line_bytes_max=16) == lines_of([content], line_bytes_max=16)


@given(st.binary(max_size=80))
def test_every_line_is_given_or_rejected(content: bytes) -> None:
    found, rejects = lines_of([content], line_bytes_max=16)
    text = content.removeprefix(b"\xef\xbb\xbf")
    last = text.count(b"\n") + (not text.endswith(b"\n") and bool(text))
    assert sorted([*found, *(reject.line for reject in rejects)]) == list(range(1, last + 1))
