"""The form behind a section of the configuration: what it offers, and what is meant by what comes back. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tocsin.evidence.formats import readers
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.pipeline.config import Config
from tocsin.pipeline.settings import EDITABLE, PREFIXES_MAX, TEXT_MAX, Change, Setting, Value
from tocsin.terms.roles import Trust
from tocsin.web.desk.zones import ZONES

MAY: dict[str, str] = {"sources": "lead", "logs": "lead", "issuer": "lead", "provider": "admin"}
TITLES = {"sources": "source", "logs": "binding log", "issuer": "who writes", "provider": "own networks"}
PAGES = {"sources": "/sources", "logs": "/sources", "issuer": "/contacts", "provider": "/networks"}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as a form shows it."""

    setting: Setting
    value: str  # as it is typed
    choices: tuple[str, ...] = ()
    may_be_empty: bool = True


class Meant(msgspec.Struct, frozen=True):
    """What a form that came back asks for, or each field's trouble."""

    changes: tuple[Change, ...]
    errors: dict[str, str]


def entries(config: Config, section: str) -> dict[str, msgspec.Struct]:
    """What stands in that section, by name ('' of one that stands once)."""
    if section == "sources":
        return {each.name: each for each in config.sources}
    if section == "logs":
        return {each.name: each for each in config.logs}
    return {"": config.issuer if section == "issuer" else config.provider}


def fields_of(section: str, standing: msgspec.Struct | None) -> list[Field]:
    """As they stand now; of a new entry, empty."""
    return [_field(section, setting, standing) for setting in EDITABLE[section]]


def _field(section: str, setting: Setting, standing: msgspec.Struct | None) -> Field:
    value = getattr(standing, setting.name) if standing is not None else None
    return Field(
        setting=setting,
        value="\n".join(value) if isinstance(value, tuple) else "" if value is None else str(value),
        choices=_choices(section, setting),
        may_be_empty=setting.name not in ("trust", "language") and (section, setting.name) != ("provider", "prefixes"),
    )


def _choices(section: str, setting: Setting) -> tuple[str, ...]:
    if setting.form == "zone":
        return ZONES
    by_name: dict[str, tuple[str, ...]] = {
        "trust": tuple(str(each) for each in Trust),
        "reader": tuple(readers()),
        "language": tuple(LANGUAGES),
    }
    return by_name.get(setting.name, ())


def meant(section: str, entry: str, standing: msgspec.Struct | None, values: Mapping[str, str]) -> Meant:
    """Only what differs from what stands there is a change."""
    changes: list[Change] = []
    errors: dict[str, str] = {}
    for field in fields_of(section, standing):
        name = field.setting.name
        typed = values.get(name, "").replace("\r\n", "\n").strip()
        if typed == field.value.strip():
            continue
        value, trouble = _value(field, typed)
        if trouble:
            errors[name] = trouble
        else:
            changes.append(Change(section, entry, name, value))
    return Meant(tuple(changes), errors)


def _value(field: Field, typed: str) -> tuple[Value, str]:
    if not typed:
        return (None, "") if field.may_be_empty else (None, "This cannot be empty.")
    if field.setting.form == "number":
        ok = typed.isascii() and typed.isdigit() and len(typed) <= 9
        return (int(typed), "") if ok else (None, "A whole number.")
    if field.setting.form == "prefixes":
        lines = tuple(line.strip() for line in typed.split("\n") if line.strip())
        return (lines, "") if len(lines) <= PREFIXES_MAX else (None, f"At most {PREFIXES_MAX} prefixes.")
    if field.choices and typed not in field.choices and typed != field.value:
        return None, "Choose one of the list."
    if len(typed) > TEXT_MAX or not typed.isprintable():
        return None, f"One line of at most {TEXT_MAX} characters."
    return typed, ""
