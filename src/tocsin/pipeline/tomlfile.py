"""A TOML file into frozen structs, with errors that name path, value and what is allowed."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from tocsin.terms.errors import BadConfig

T = TypeVar("T")

CONFIG_BYTES_MAX = 1 << 20
_SAID = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>.*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]")


def read_toml(path: Path, kind: type[T]) -> T:
    """The file as `kind`. Raises BadConfig: no such file, not TOML, or a field that is unknown or wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadConfig(
            f"cannot be read: {error.strerror}", where=str(path), remedy="`tocsin init` writes one"
        ) from error
    if len(raw) > CONFIG_BYTES_MAX:
        raise BadConfig(f"is larger than {CONFIG_BYTES_MAX} bytes", where=str(path))
    try:
        tree = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"is not TOML: {error}", where=str(path)) from error
    return as_struct(tree, kind, where=str(path))


def as_struct(tree: object, kind: type[T], *, where: str) -> T:
    try:
        return msgspec.convert(tree, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _explain(str(error), tree, kind, where) from error
    except BadConfig as error:  # a struct's own rule: it knows the setting, not the file
        place = f"`{error.where}`: " if error.where else ""
        raise BadConfig(f"{place}{error.what}", where=where, remedy=error.remedy) from error


def _explain(said: str, tree: object, kind: type, where: str) -> BadConfig:
    """msgspec's message, with the value that stands there and the names that would be allowed."""
    match = _SAID.fullmatch(said)
    what, path = (match["what"], match["path"] or "$") if match else (said, "$")
    steps = _STEP.findall(path)
    shown = path.removeprefix("$").removeprefix(".")
    unknown = _UNKNOWN.fullmatch(what)
    if unknown:
        allowed = _fields_at(kind, [name for name, index in steps if name])
        near = difflib.get_close_matches(unknown["name"], allowed, 1)
        remedy = (f"did you mean `{near[0]}`? " if near else "") + "allowed: " + ", ".join(allowed)
        place = f"{shown}.{unknown['name']}" if shown else unknown["name"]
        return BadConfig(f"`{place}` is not a setting", where=where, remedy=remedy)
    value = _value_at(tree, steps)
    seen = f"; it is {value!r:.80}" if value is not None else ""
    words = _words_at(kind, [name for name, index in steps if name])
    remedy = "allowed: " + ", ".join(words) if words else ""
    return BadConfig(f"`{shown or 'the file'}`: {what[:1].lower()}{what[1:]}{seen}", where=where, remedy=remedy)


def _value_at(tree: object, steps: list[tuple[str, str]]) -> object:
    for name, index in steps:
        if name and isinstance(tree, dict):
            tree = tree.get(name)
        elif index and isinstance(tree, list) and int(index) < len(tree):
            tree = tree[int(index)]
    return tree


def _fields_at(kind: type, names: list[str]) -> list[str]:
    """The settings of the struct that stands at that path."""
    info = _type_at(kind, names)
    return [field.encode_name for field in info.fields] if isinstance(info, msgspec.inspect.StructType) else []


def _words_at(kind: type, names: list[str]) -> list[str]:
    """The words that the setting at that path may be, where it is one of several."""
    info = _type_at(kind, names)
    if isinstance(info, msgspec.inspect.EnumType):
        return [str(each.value) for each in info.cls]
    return [str(each) for each in info.values] if isinstance(info, msgspec.inspect.LiteralType) else []


def _type_at(kind: type, names: list[str]) -> msgspec.inspect.Type:
    info = msgspec.inspect.type_info(kind)
    for name in names:
        info = _inside(info)
        if isinstance(info, msgspec.inspect.StructType):
            info = next((field.type for field in info.fields if field.encode_name == name), info)
    return _inside(info)


def _inside(info: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """Through lists and optional values to the struct itself."""
    if isinstance(info, msgspec.inspect.CollectionType):
        return _inside(info.item_type)
    if isinstance(info, msgspec.inspect.VarTupleType):
        return _inside(info.item_type)
    if isinstance(info, msgspec.inspect.UnionType):
        return next((_inside(t) for t in info.types if not isinstance(t, msgspec.inspect.NoneType)), info)
    return info
