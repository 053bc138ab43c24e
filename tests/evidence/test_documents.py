"""JSON documents come apart into their objects, whatever their form, and what is broken costs little of the rest."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.evidence.documents import (
    DOCUMENT_LINE_BYTES_MAX,
    NESTING_MAX,
    OBJECT_BYTES_MAX,
    Found,
    json_objects,
    opening_fields,
)
from tocsin.evidence.lines import Reject, numbered_lines
from tocsin.evidence.texts import Head

BUNDLE = ("objects[]",)
EVENTS = ("response[]", "response[].Event", "response[].Event.Attribute[]", "Event", "Event.Attribute[]")


def objects(
    content: bytes, apart: Collection[str] = (), block_bytes: int = 1 << 16
) -> tuple[list[Found], list[tuple[int, str]]]:
    rejects: list[Reject] = []
    blocks = (content[start : start + block_bytes] for start in range(0, len(content), block_bytes))
    lines = numbered_lines(blocks, rejects.append, line_bytes_max=DOCUMENT_LINE_BYTES_MAX)
    found = list(json_objects(lines, rejects.append, apart=apart))
    return found, [(reject.line, reject.reason) for reject in rejects]


def numbers(content: bytes, apart: Collection[str] = ()) -> tuple[list[tuple[int, object]], list[tuple[int, str]]]:
    found, rejects = objects(content, apart)
    return [(one.line, one.fields.get("n")) for one in found], rejects


THREE = [{"n": 1, "s": 'a "quoted" {text\\'}, {"n": 2, "deep": {"l": [1, {"m": []}]}}, {"n": 3}]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("\n".join(map(json.dumps, THREE)), [1, 2, 3]),
        ("\r\n".join(map(json.dumps, THREE)), [1, 2, 3]),
        (" ".join(map(json.dumps, THREE)), [1, 1, 1]),
        (json.dumps(THREE), [1, 1, 1]),
        (json.dumps(THREE, indent=2), [2, 6, 17]),
        (json.dumps(THREE, indent=0), [2, 6, 17]),
        ("\n\n".join(json.dumps(one, indent=1) for one in THREE), [1, 6, 18]),
        ("[\n" + ",\n".join(map(json.dumps, THREE)) + "\n]\n", [2, 3, 4]),
    ],
)
def test_every_form_of_a_document_gives_the_same_objects(content: str, lines: list[int]) -> None:
    found, rejects = objects(content.encode())
    assert ([one.fields for one in found], rejects) == (THREE, [])
    assert [one.line for one in found] == lines


def test_elements_come_apart_before_the_object_they_stood_in() -> None:
    bundle = {"type": "bundle", "objects": [{"n": 1, "objects": {"0": {}}}, {"n": 2}], "id": "x"}
    for indent in (None, 0, 4):
        found, rejects = objects(json.dumps(bundle, indent=indent).encode(), BUNDLE)
        assert rejects == []
        assert [(one.path, one.number, one.within, one.fields) for one in found] == [
            ("objects[]", 2, 1, {"n": 1, "objects": {"0": {}}}),
            ("objects[]", 3, 1, {"n": 2}),
            ("", 1, 0, {"type": "bundle", "objects": [], "id": "x"}),
        ]


def test_objects_inside_of_objects_come_apart_by_their_paths() -> None:
    document = {"response": [{"Event": {"n": 1, "Attribute": [{"n": 2}], "Object": [{"Attribute": [{"n": 3}]}]}}]}
    found, _ = objects(json.dumps(document, indent=1).encode(), EVENTS)
    assert [(one.path, one.within) for one in found] == [
        ("response[].Event.Attribute[]", 3),
        ("response[].Event", 2),
        ("response[]", 1),
        ("", 0),
    ]
    assert found[1].fields == {"n": 1, "Attribute": [], "Object": [{"Attribute": [{"n": 3}]}]}


@pytest.mark.parametrize(
    ("content", "kept", "rejects"),
    [
        (b'{"n":1}\n{"n":2\n{"n":3}\n', [(1, 1), (3, 3)], [(2, "not a JSON object")]),
        (b'{"n":1\n{"n":2}\n{"n":3}\n', [(2, 2), (3, 3)], [(1, "a bracket that does not belong there")]),
        (b'{"n":1}\n{"n":2,}\n{"n":3}', [(1, 1), (3, 3)], [(2, "not a JSON object")]),
        (b'{"n":1}\n"text"\nhello\n{"n":3}', [(1, 1), (4, 3)], [(2, "not a JSON object"), (3, "not a JSON object")]),
        (b'[{"n":1},{"n":2,},{"n":3}]', [(1, 1), (1, 3)], [(1, "not a JSON object")]),
        (b'[\n {"n":1},\n {"n": "2\n },\n {"n":3}\n]', [(2, 1), (5, 3)], [(3, "a quote that is not closed")]),
        (b'[\n {"n":1},\n {"n": 2\n {"n":3}\n]', [(2, 1), (4, 3)], [(3, "a bracket that does not belong there")]),
        (b'[\n {"n":1},\n {"n":\0 2},\n {"n":3}\n]', [(2, 1), (4, 3)], [(3, "the line holds a NUL byte")]),
        (
            b'[\n {"n":1},\n {\n  "n":\xff 2\n },\n {"n":3}\n]',
            [(2, 1), (6, 3)],
            [(4, "the line is not UTF-8"), (3, "a line in it could not be read")],
        ),
        (b'[{"n":1},{"n":2', [(1, 1)], [(1, "the document ends within the object")]),
        (b'[{"n":1},', [(1, 1)], [(1, "the document ends too early")]),
        (b'{"n":1}\n{"n":NaN}\n{"n":3}', [(1, 1), (3, 3)], [(2, "not a JSON object")]),
        (b'{"n":1}\n{"n":"\\ud800"}\n{"n":3}', [(1, 1), (3, 3)], [(2, "not a JSON object")]),
        (b'{"n":1}\n{"n":1e999}\n{"n":3}', [(1, 1), (3, 3)], [(2, "not a JSON object")]),
        (b'{"n":9,"n":1}\n[]\n\n', [(1, 1)], [(2, "not a JSON object")]),
    ],
)
def test_what_is_broken_is_a_reject_and_the_rest_goes_on(
    content: bytes, kept: list[tuple[int, object]], rejects: list[tuple[int, str]]
) -> None:
    assert numbers(content) == (kept, rejects)


def test_a_document_that_is_cut_keeps_what_it_had_said() -> None:
    document = json.dumps({"Event": {"n": 7, "Attribute": [{"n": 1}, {"n": 2}]}}, indent=1)
    found, rejects = objects(document[: document.index("2")].encode(), EVENTS)
    assert [(one.path, one.fields) for one in found] == [
        ("Event.Attribute[]", {"n": 1}),
        ("Event", {"n": 7, "Attribute": []}),
        ("", {"Event": None}),
    ]
    assert rejects == [(8, "the document ends within the object")]


def test_an_object_has_a_longest_length() -> None:
    fits = b'{"n":1,"s":"' + b"x" * (OBJECT_BYTES_MAX - 14) + b'"}'
    found, rejects = numbers(b"[" + fits + b"," + fits.replace(b"xx", b"xxx", 1) + b',{"n":3}]')
    assert found == [(1, 1), (1, 3)]
    assert rejects == [(1, f"the object is longer than {OBJECT_BYTES_MAX} bytes")]


def test_an_object_has_a_deepest_nesting() -> None:
    def nested(depth: int) -> bytes:
        return b'{"n":' * depth + b"1" + b"}" * depth

    found, rejects = numbers(b"[" + b",\n".join(nested(depth) for depth in (1, NESTING_MAX, NESTING_MAX + 1, 1)) + b"]")
    assert [line for line, _ in found] == [1, 2, 4]
    assert rejects == [(3, f"nested deeper than {NESTING_MAX}")]


@pytest.mark.parametrize("bomb", [b"[" * 1_000_000, b'{"a":' * 1_000_000, b'{"a":\n' * 200_000, b'{"a":"\\' * 500_000])
def test_a_bomb_is_a_few_rejects(bomb: bytes) -> None:
    found, rejects = numbers(bomb)
    assert found == []
    assert 1 <= len(rejects) <= 2


def test_a_line_without_end_is_one_reject_in_bounded_memory() -> None:
    rejects: list[Reject] = []
    block = b'{"a":"' + b"x" * (1 << 22)
    blocks = (block for _ in range(50))  # 200 MiB
    tracemalloc.start()
    lines = numbered_lines(blocks, rejects.append, line_bytes_max=DOCUMENT_LINE_BYTES_MAX)
    assert list(json_objects(lines, rejects.append)) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [reject.line for reject in rejects] == [1]
    assert peak < 4 * DOCUMENT_LINE_BYTES_MAX


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["objects", "a", "", "\\"]), inner),
    max_leaves=12,
)
DOCUMENTS = st.lists(
    st.builds(
        lambda value, indent: json.dumps(value, indent=indent).encode(),
        st.dictionaries(st.sampled_from(["objects", "b"]), JSON) | st.lists(JSON, max_size=4),
        st.sampled_from([None, 0, 2]),
    )
    | st.binary(max_size=20),
    max_size=6,
)


@settings(deadline=None, max_examples=150)
@given(DOCUMENTS, st.integers(1, 40), st.sampled_from([(), BUNDLE]), st.integers(0, 400))
def test_hostile_documents_end_as_objects_and_rejects_in_order(
    documents: list[bytes], block_bytes: int, apart: tuple[str, ...], cut: int
) -> None:
    content = b"\n".join(documents)[: cut or None]
    found, _ = objects(content, apart, block_bytes)
    tops = [one.line for one in found if not one.path]
    assert tops == sorted(tops)
    parts = [one.line for one in found if one.path]
    assert parts == sorted(parts)
    assert found == objects(content, apart)[0]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), max_size=5), st.sampled_from([None, 0, 3]))
def test_every_whole_object_is_found(values: list[dict[str, object]], indent: int | None) -> None:
    for content in (json.dumps(values, indent=indent), "\n".join(json.dumps(one, indent=indent) for one in values)):
        found, rejects = objects(content.encode())
        assert ([one.fields for one in found], rejects) == (values, [])


def test_the_head_tells_the_first_objects_own_fields() -> None:
    start = b'\xef\xbb\xbf [ {"type": "bundle", "n": 1, "in": {"type": "x"}, "objects": [{"id": "y"}], "last": "cut he'
    assert opening_fields(Head("x.json", start)) == {"type": "bundle", "n": "", "in": "", "objects": "", "last": ""}
    assert opening_fields(Head("x.json", b"text {}")) == {}
