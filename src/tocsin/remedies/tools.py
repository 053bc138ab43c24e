"""Tools of several makers, by device: `tools.toml`. None is ours, none is needed, none is paid for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tocsin.remedies.threat import Device, Threat

_FILE = Path(__file__).parent / "tools.toml"
# For these no tool on the market helps: the device itself is put right.
_WITHOUT = ("box", "built-in", "exposed")


class Tool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`got` says where it comes from and how to make sure of it: a sentence of the words, under `tool`."""

    name: str
    maker: str
    devices: tuple[Device, ...]
    got: Literal["built_in", "signature", "store", "package", "menu"]
    site: str = ""  # where to look for it: a host, to be typed in
    sha256: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""  # of the one release that `name` names
    cures: tuple[str, ...] = ()  # only for these; empty: for all


class _Tools(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tools: tuple[Tool, ...] = msgspec.field(name="tool")


@cache
def tools() -> tuple[Tool, ...]:
    """All of them, in the order of the file."""
    return msgspec.toml.decode(_FILE.read_bytes(), type=_Tools).tools


def tools_for(threat: Threat) -> tuple[Tool, ...]:
    """Those that may help against this threat on one of its devices."""
    return tuple(
        tool
        for tool in tools()
        if set(tool.devices) & set(threat.devices)
        and (threat.cure in tool.cures if tool.cures else threat.cure not in _WITHOUT)
    )
