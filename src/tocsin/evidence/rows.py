"""Rows of TEXTS that Python had to make, one record at a time, and what no term has, in a bounded form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tocsin.engine import Engine, reader_of
from tocsin.evidence.texts import RAW, TEXTS

CHUNK_ROWS = 8192
TEXT_CHARS_MAX = 4096  # of a value; no term needs more
MEMBER_BYTES_MAX = 2048  # of one value in `extra`: a payload stays in the evidence
EXTRA_BYTES_MAX = 16_384
_LEFT_OUT_MAX = 50
_SHOWN_CHARS = 200

Row = tuple[int, Mapping[str, str], str | None]  # the line, texts by term (absent ones may be missing), extra


def add_rows(engine: Engine, rows: Iterable[Row]) -> str:
    """Hands the rows to the engine, a chunk at a time; gives the query with the columns of TEXTS."""
    engine.add(RAW, reader_of(TEXTS, _chunks(rows)))
    return "SELECT " + ", ".join(name for name, _ in TEXTS) + f" FROM {RAW}"


def _chunks(rows: Iterable[Row]) -> Iterator[list[tuple[object, ...]]]:
    names = [name for name, _ in TEXTS[1:]]
    chunk: list[tuple[object, ...]] = []
    for line, texts, extra in rows:
        chunk.append((line, *(extra if name == "extra" else texts.get(name, "").strip() for name in names)))
        if len(chunk) >= CHUNK_ROWS:
            yield list(zip(*chunk, strict=True))
            chunk = []
    if chunk:
        yield list(zip(*chunk, strict=True))


def text_of(value: object) -> str:
    """A JSON value as text, at most TEXT_CHARS_MAX of it; '' is absent, as are lists and objects."""
    if isinstance(value, str):
        return value[:TEXT_CHARS_MAX]
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return msgspec.json.encode(value).decode()[:TEXT_CHARS_MAX]


def fields_of(value: object) -> Mapping[str, object]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def extra_of(fields: Mapping[str, object]) -> str | None:
    """A JSON object for `extra`: absent values left out, long ones cut, the names of what does not fit listed."""
    kept: dict[str, msgspec.Raw] = {}
    left_out: list[str] = []
    size = 0
    for name, value in fields.items():
        if value is None or value in ("", [], {}):
            continue
        text = msgspec.json.encode(value)
        if len(text) > MEMBER_BYTES_MAX:
            shown = f"{text[: 4 * _SHOWN_CHARS].decode(errors='ignore')[:_SHOWN_CHARS]}… ({len(text)} bytes)"
            text = msgspec.json.encode(shown)
        size += len(name.encode()) + len(text)
        if size > EXTRA_BYTES_MAX:
            left_out.append(name[:_SHOWN_CHARS])
            continue
        kept[name] = msgspec.Raw(text)
    if left_out:
        kept["left_out"] = msgspec.Raw(msgspec.json.encode(left_out[:_LEFT_OUT_MAX]))
    return msgspec.json.encode(kept).decode() if kept else None
