"""A form comes back as strict values, or with the error beside the field; never as a crash."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.shared.forms import fill


class Form(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(max_length=12)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    kind: Literal["open", "quiet"] = "open"
    sure: bool = False
    chosen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind == "quiet" and not self.sure:
            raise ValueError("say that you are sure")


def test_values_are_what_they_are_said_to_be() -> None:
    values = {"code": "ABCD", "port": "80", "kind": "quiet", "sure": "on", "stray": "x", "chosen": "2"}
    filled = fill(Form, values, {"chosen": ["1", "2"]})
    assert filled.form == Form(code="ABCD", port=80, kind="quiet", sure=True, chosen=("1", "2"))
    assert filled.errors == {}


def test_every_error_stands_beside_its_field_and_what_was_typed_is_kept() -> None:
    filled = fill(Form, {"code": "far too long a code", "port": "0", "kind": "loud"})
    assert filled.form is None
    assert set(filled.errors) == {"code", "port", "kind"}
    assert filled.value("code") == "far too long a code"
    assert fill(Form, {}).errors == {"code": "missing"}


def test_a_rule_across_fields_is_an_error_of_the_whole() -> None:
    assert fill(Form, {"code": "A", "kind": "quiet"}).errors == {"": "say that you are sure"}


@given(st.dictionaries(st.sampled_from(["code", "port", "kind", "sure", "chosen", "x"]), st.text()))
def test_nothing_that_anybody_types_breaks_it(values: dict[str, str]) -> None:
    filled = fill(Form, values, {name: [value] for name, value in values.items()})
    assert (filled.form is None) == bool(filled.errors)
