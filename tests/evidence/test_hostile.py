"""Whatever the bytes are: no exception, no loop, order kept, every physical line accounted for."""

from __future__ import annotations

import gzip

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.evidence_world import HEADER, Read, sinkhole_row
from tocsin.evidence.lines import LINE_BYTES_MAX

SCRAPS = [
    '"',
    '""',
    ",",
    "\r",
    "\0",
    "é",
    "\ufeff",
    "\u202e",
    "\\",
    "'",
    ";",
    "{",
    "x" * 300,
    "192.0.2.1",
    "65536",
    "2026-11-23 10:00:00",
]
BROKEN = st.lists(st.sampled_from([*SCRAPS, sinkhole_row(), sinkhole_row()[:40], sinkhole_row()[30:]]), max_size=6).map(
    "".join
)
LINES = st.lists(st.one_of(st.just(sinkhole_row()), BROKEN, st.text(max_size=20)), max_size=30)

QUIETLY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def accounted(read: Read, content: bytes) -> None:
    found = read(content)
    numbers = [line["evidence_line"] for line in found]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    for line in found:
        assert ("id" in line) != ("reject" in line)
        assert None not in line.values()
        assert "" not in line.values()
    starts = {number for number in numbers if isinstance(number, int)}
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, text in enumerate(lines, 1):
        if number == 1 or not text.rstrip(b"\r") or number in starts:
            continue
        # What is left can only be a part of a record with quoted line breaks, which starts above it.
        start = max((one for one in starts if one < number), default=0)
        record = b"\n".join(lines[start - 1 : number - 1])
        assert start
        assert record.count(b'"') % 2


@QUIETLY
@given(LINES)
def test_hostile_rows_end_as_sightings_rejects_or_blanks(read: Read, lines: list[str]) -> None:
    accounted(read, "\n".join([HEADER, *lines]).encode())


@QUIETLY
@given(st.lists(st.binary(max_size=60), max_size=10))
def test_hostile_bytes_end_as_rejects_or_blanks(read: Read, lines: list[bytes]) -> None:
    accounted(read, b"\n".join([HEADER.encode(), *lines]))


@QUIETLY
@given(st.lists(st.tuples(st.sampled_from(HEADER.split(",")), st.text(max_size=30)), max_size=5))
def test_hostile_values_never_become_what_they_are_not(read: Read, changes: list[tuple[str, str]]) -> None:
    values = dict(zip(HEADER.split(","), sinkhole_row().split(","), strict=True)) | dict(changes)
    quoted = ",".join('"' + value.replace('"', '""') + '"' for value in values.values())
    for line in read(f"{HEADER}\n{quoted}\n".encode()):
        if "id" in line:
            assert line["address"] == values["src_ip"].strip()
            assert str(line.get("port", 0)) == (values["src_port"].strip() or "0")
            assert line["role"] in {"infected", "lead"}
            assert len(str(line.get("malware", ""))) <= 200


def test_a_cut_gzip_gives_what_came_before_and_one_reject(read: Read) -> None:
    rows = [sinkhole_row(port=1024 + number) for number in range(20_000)]
    packed = gzip.compress("\n".join([HEADER, *rows]).encode())
    found = read(packed[: len(packed) // 2])
    assert ["id" in line for line in found] == [True] * (len(found) - 1) + [False]
    assert 1000 < len(found) < len(rows)
    assert [line["evidence_line"] for line in found] == list(range(2, len(found) + 2))


def test_a_line_without_end_is_one_reject(read: Read) -> None:
    content = (
        f"{HEADER}\n{sinkhole_row()}\n".encode() + b"x" * (3 * LINE_BYTES_MAX) + f"\n{sinkhole_row(port=1)}\n".encode()
    )
    assert [("reject" in line, line["evidence_line"]) for line in read(content)] == [(False, 2), (True, 3), (False, 4)]
