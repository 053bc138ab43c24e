"""Objects out of lines, however they were printed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evidence.json_records import RECORD_LINES_MAX, first_object, json_objects
from tocsin.evidence.lines import Reject, numbered_lines
from tocsin.evidence.texts import Head


def read(content: bytes) -> tuple[list[tuple[int, dict[str, object]]], list[tuple[int, str]]]:
    rejects: list[Reject] = []
    found = list(json_objects(numbered_lines([content], rejects.append), rejects.append))
    return found, [(reject.line, reject.reason) for reject in rejects]


OBJECTS = st.lists(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.integers(-(2**53), 2**53) | st.text(max_size=6),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    ),
    max_size=5,
)


@given(OBJECTS, st.sampled_from([None, 1, 2, "\t"]), st.booleans())
def test_an_array_is_its_members_however_it_is_printed(
    objects: list[dict[str, object]], indent: int | str | None, is_ascii: bool
) -> None:
    found, rejects = read(json.dumps(objects, indent=indent, ensure_ascii=is_ascii).encode())
    assert ([each for _, each in found], rejects) == (objects, [])


@given(OBJECTS, st.sampled_from([1, 2, "\t"]))
def test_objects_one_after_another_over_several_lines(objects: list[dict[str, object]], indent: int | str) -> None:
    found, rejects = read("\n".join(json.dumps(each, indent=indent) for each in objects).encode())
    assert ([each for _, each in found], rejects) == (objects, [])


@pytest.mark.parametrize(
    "content",
    [
        b'[{"a":1},\n{"a":2}]',
        b'[\n{"a":1},\n{"a":2}\n]\n',
        b'[\n{"a":1}\n,\n{"a":2}\n]',
        b'[{\n  "a":1\n}, {\n  "a":2\n}]',
        b'{"a":1}{"a":2}',
        b'{"a":1}, {"a":2}',
    ],
)
def test_the_ways_in_which_programs_print_them(content: bytes) -> None:
    found, rejects = read(content)
    assert ([each for _, each in found], rejects) == ([{"a": 1}, {"a": 2}], [])


def test_an_object_has_the_line_where_it_starts() -> None:
    found, _ = read(b'[\n  {\n    "a": 1\n  },\n  {\n    "a": 2\n  }\n]\n')
    assert [number for number, _ in found] == [2, 5]


@pytest.mark.parametrize(
    ("content", "rejects"),
    [
        (b'{"a":\n{"a":1}\n', [(1, "not a JSON object")]),
        (b'[\n  {\n    "a": "x\n  },\n  {\n    "a": 1\n  }\n]', [(2, "not a JSON object")]),
        (b'[\n  {\n    "a": 7,\n  {\n    "a": 1\n  }\n]', [(2, "a JSON object that is not closed")]),
        (b'{\n "b": 2\n\x00\n{"a":1}', [(3, "the line holds a NUL byte"), (1, "a JSON object that is not closed")]),
        (b'hello\n{"a":1} world\n', [(1, "not a JSON object"), (2, "not a JSON object")]),
        (b'[7, {"a":1}]', [(1, "not a JSON object")]),
    ],
)
def test_a_bad_object_costs_itself_alone(content: bytes, rejects: list[tuple[int, str]]) -> None:
    found, refused = read(content)
    assert [each for _, each in found][-1:] == ([{"a": 1}] if content[:2] != b"[7" else [])
    assert [line for line, _ in refused][: len(rejects)] == [line for line, _ in rejects]


def test_an_object_that_never_ends_is_given_up() -> None:
    found, refused = read(b"{\n" + b' "a": 1,\n' * RECORD_LINES_MAX + b'{"a":1}\n')
    assert [each for _, each in found] == [{"a": 1}]
    assert refused[0] == (1, "a JSON object that is not closed")


@given(st.lists(st.sampled_from([*'{}[],":\\ \n', "1", "a", '"a"']), max_size=60))
def test_no_text_raises(signs: list[str]) -> None:
    read("".join(signs).encode())


def test_the_first_object_of_a_head() -> None:
    assert first_object(Head("x", b'\xef\xbb\xbf\n[\n {"a":\n1}')) == {"a": 1}
    assert first_object(Head("x", b"<xml>")) is None
