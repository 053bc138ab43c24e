"""Everything that is said of a threat in one language, put together for a page, a screen or a program."""

from __future__ import annotations

import msgspec

from tocsin.remedies.steps import devices_text, steps, useless
from tocsin.remedies.threat import Device, Source, Threat
from tocsin.remedies.tools import tools_for
from tocsin.remedies.words import called, say, words_of


class DeviceSteps(msgspec.Struct, frozen=True, kw_only=True):
    """What to do on one kind of device; `name` as it is said."""

    device: Device
    name: str
    steps: tuple[str, ...]


class ToolSaid(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tool, and how to make sure of it."""

    name: str
    maker: str
    how: str
    site: str = ""
    sha256: str = ""


class Sheet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole of it."""

    threat: str
    name: str
    kinds: tuple[str, ...]
    aliases: tuple[str, ...]
    what: str
    devices: str
    signs: tuple[str, ...]
    seen: str
    by_device: tuple[DeviceSteps, ...]
    useless: tuple[str, ...]
    tools: tuple[ToolSaid, ...]
    sources: tuple[Source, ...]
    ports: tuple[str, ...] = ()


def sheet(threat: Threat, language: str) -> Sheet:
    """BadRequest for a language without words."""
    words = words_of(threat.key, language)
    role = "exposed" if threat.is_exposure else "infected"
    return Sheet(
        threat=threat.key,
        name=called(threat.key, language),
        kinds=threat.kinds,
        aliases=tuple(dict.fromkeys(threat.aliases.all())),
        what=words.what,
        devices=devices_text(threat.devices, language),
        signs=words.signs,
        seen=words.seen,
        by_device=tuple(
            DeviceSteps(device=each, name=device_name(each, language), steps=steps(threat, each, language))
            for each in threat.devices
        ),
        useless=useless(role, threat, language),
        tools=tuple(
            ToolSaid(
                name=each.name,
                maker=each.maker,
                how=say(f"tool.{each.got}", language),
                site=each.site,
                sha256=each.sha256,
            )
            for each in tools_for(threat)
        ),
        sources=threat.sources,
        ports=threat.ports,
    )


def device_name(device: Device, language: str) -> str:
    """A device's name as a heading has it: with a capital letter where the language has them."""
    name = say(f"device.{device}", language)
    return name[0].upper() + name[1:]


def to_json(found: Sheet) -> bytes:
    """One line."""
    return msgspec.json.encode(found)
