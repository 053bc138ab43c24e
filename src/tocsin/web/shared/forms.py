"""What a person types into a form: into a strict struct, or the field's error beside the field."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
from litestar.connection import Request

T = TypeVar("T", bound=msgspec.Struct)

_FIELDS_MAX = 200


class Filled(msgspec.Struct, Generic[T], frozen=True):
    """A form as it came back. `form` is absent when something was wrong: then `errors` names each field's trouble."""

    values: dict[str, str]  # as typed, to be shown again
    form: T | None
    errors: dict[str, str]

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


async def read_form(request: Request[Any, Any, Any], kind: type[T]) -> Filled[T]:
    """The urlencoded body as `kind`. A list field takes every value of its name; a missing tick box is its default.

    An empty field is absent. Unknown fields are passed over. Files are not read here.
    """
    body = await request.form()
    many = {name: [v for v in body.getall(name) if isinstance(v, str)] for name in list(dict(body))[:_FIELDS_MAX]}
    values = {name: them[-1].strip() for name, them in many.items() if them}
    return fill(kind, values, many)


def fill(kind: type[T], values: dict[str, str], many: dict[str, list[str]] | None = None) -> Filled[T]:
    """Each field by itself, so that every error is told at once; then the whole, for rules across fields."""
    found: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        raw = _raw(field, values, many or {})
        if raw is None:
            if field.required:
                errors[field.name] = "missing"
            continue
        try:
            found[field.name] = msgspec.convert(raw, field.type, strict=False)
        except msgspec.ValidationError as error:
            errors[field.name] = str(error).partition(" - at `")[0]
    if errors:
        return Filled(values, None, errors)
    try:
        return Filled(values, kind(**found), {})
    except ValueError as error:  # a rule of the struct's own
        return Filled(values, None, {"": str(error)})


def _raw(field: msgspec.structs.FieldInfo, values: dict[str, str], many: dict[str, list[str]]) -> object:
    info = msgspec.inspect.type_info(field.type)
    if isinstance(info, msgspec.inspect.CollectionType | msgspec.inspect.VarTupleType):
        return many.get(field.name) or None
    value = values.get(field.name) or None
    if value is not None and isinstance(info, msgspec.inspect.BoolType):
        return value in {"on", "true", "1", "yes"}
    return value
