"""Every reader of the table, whatever bytes it is given: nothing raised but a bad request, no loop, order kept."""

from __future__ import annotations

import bz2
import codecs
import gzip
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.containers_world import zipped
from tests.evidence.golden_files import GOLDEN, inputs, reader_of, settings_of
from tocsin.engine import Engine
from tocsin.evidence.formats import readers
from tocsin.evidence.lines import LINE_BYTES_MAX
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.terms.errors import BadRequest

Rows = list[dict[str, object]]
ReadAs = Callable[..., Rows]

SCRAPS = (
    *(b'"', b'""', b",", b";", b"\r", b"\n", b"\r\n", b"\0", b"\xff", b"\xe9", b"\xef\xbb\xbf", b"\xe2\x80\xae"),
    *(b"{", b"}", b"[", b"]", b":", b"\\", b"\\u0000", b"\\ud800", b"'", b"#", b"null", b"true", b"1e999", b"-1"),
    *(b"192.0.2.1", b"192.0.2.999", b"2001:db8::1", b"::", b"65536", b"0", b"99999999999999999999"),
    *(b"2026-11-23 10:00:00", b"2026-02-30T25:61:61Z", b"0000-00-00", b"1795428000", b"9999999999", b"1e1", b"x" * 300),
    *(b"[" * 200, b'{"a":' * 200, b"(" * 100, b"{}", b'{"time":{}}', b"\n\n\n"),
)
QUIETLY = settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
SMALLEST = {path.parent.name: path for path in sorted(inputs(), key=lambda path: -path.stat().st_size)}
READERS = [reader for reader in readers() if reader in SMALLEST]  # that all have golden files is another test's claim
LISTS = [reader for reader in READERS if reader != "iodef"]  # an XML document is one tree: broken, it is none
EACH_LIST = pytest.mark.parametrize("path", [SMALLEST[reader] for reader in LISTS], ids=LISTS)
EACH_READER = pytest.mark.parametrize("path", [SMALLEST[reader] for reader in READERS], ids=READERS)


@pytest.fixture
def read_as(engine: Engine, tmp_path: Path) -> ReadAs:
    """Content in the place of a golden input's, by the reader of its folder, as `--to jsonl` prints it."""

    def read(content: bytes, path: Path) -> Rows:
        other = tmp_path / "evidence"
        other.write_bytes(content)
        told = settings_of(path)
        staged = stage(engine, measure(other), name=path.name, source="example", reader=reader_of(path), settings=told)
        lines = [msgspec.json.decode(line) for line in jsonl_lines(engine, staged)]
        staged.discard()
        return lines

    return read


def told(found: Rows) -> Rows:
    """Without what the evidence's own bytes say."""
    return [{name: value for name, value in line.items() if name != "evidence_sha256"} for line in found]


def sound(found: Rows, content: bytes) -> None:
    numbers = [line["evidence_line"] for line in found]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    assert all(isinstance(number, int) and 1 <= number <= content.count(b"\n") + 2 for number in numbers)
    for line in found:
        assert ("id" in line) != ("reject" in line)
        assert not {None, ""} & {value for value in line.values() if isinstance(value, str | None)}
        assert line.get("port", 1) != 0


def sound_or_refused(read_as: ReadAs, content: bytes, path: Path) -> None:
    said = ""
    try:
        sound(read_as(content, path), content)
    except BadRequest as error:
        said = str(error)
    assert len(said) < 2000


@pytest.mark.parametrize("reader", READERS)
@QUIETLY
@given(data=st.data())
def test_broken_evidence_ends_as_sightings_rejects_or_a_bad_request(
    read_as: ReadAs, reader: str, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([each for each in inputs() if each.parent.name == reader]))
    content = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content)))
        what = data.draw(st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=8)))
        content = content[:place] + what + content[place + data.draw(st.integers(0, 40)) :]
    sound_or_refused(read_as, content, path)


@pytest.mark.parametrize("reader", READERS)
@QUIETLY
@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_any_bytes_at_all_are_no_more_than_a_bad_request(read_as: ReadAs, reader: str, content: bytes) -> None:
    path = next(each for each in inputs() if each.parent.name == reader)
    sound_or_refused(read_as, content, path)


@EACH_READER
def test_the_same_text_in_another_dress_is_the_same(read_as: ReadAs, path: Path) -> None:
    content = path.read_bytes()
    plain = told(read_as(content, path))
    assert plain
    dressed = {
        "gzip": gzip.compress(content),
        "bzip2": bz2.compress(content),
        "zip": zipped({path.name: content}),
        "byte order mark": codecs.BOM_UTF8 + content.removeprefix(codecs.BOM_UTF8),
    }
    if b"\r" not in content:
        dressed["CRLF"] = content.replace(b"\n", b"\r\n")
    if is_text(content):
        text = content.decode().removeprefix("\ufeff")
        dressed["UTF-16"] = text.encode("utf-16")
        dressed["UTF-16 BE"] = codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    for name, each in dressed.items():
        assert shown(told(read_as(each, path))) == shown(plain), name


def shown(found: Rows) -> Rows:
    """A line break within a value may be CRLF, and an excerpt shows it."""
    return msgspec.json.decode(msgspec.json.encode(found).replace(b"\\r\\n", b"\\n").replace(b"\\\\r", b""))  # type: ignore[no-any-return]


def is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


@EACH_READER
def test_a_cut_file_gives_what_came_before_and_says_that_it_was_cut(read_as: ReadAs, path: Path) -> None:
    content = path.read_bytes()
    packed = gzip.compress(content)
    try:
        found = read_as(packed[: len(packed) - 9], path)
    except BadRequest:
        return  # cut within the header, where nothing came before
    sound(found, content)
    assert any("gzip data ends too early" in str(line.get("reject")) for line in found)


@EACH_LIST
@pytest.mark.parametrize("bad", [b"\xff\xfe\xfd", b"a\0b", b"y" * (LINE_BYTES_MAX + 1)], ids=["latin", "nul", "long"])
def test_a_line_that_is_no_text_costs_no_more_than_itself(read_as: ReadAs, path: Path, bad: bytes) -> None:
    content = path.read_bytes().rstrip(b"\n") + b"\n"
    plain = told(read_as(content + b"no record\n", path))
    found = told(read_as(content + bad + b"\n", path))
    assert [line for line in found if "id" in line] == [line for line in plain if "id" in line]
    assert len(found) == len(plain)


def test_latin_1_is_a_reject_and_the_rest_goes_on(read_as: ReadAs) -> None:
    path = GOLDEN / "shadowserver" / "2026-11-23-event4_sinkhole-example-asn.csv"
    content = path.read_bytes()
    header, first, *rest = content.split(b"\n")
    found = read_as(b"\n".join([header, first + "é".encode("latin-1"), *rest]), path)
    assert found[0]["reject"] == "the line is not UTF-8"
    assert any("id" in line for line in found[1:])
