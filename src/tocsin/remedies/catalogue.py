"""The catalogue itself, and finding a threat in it: by a malware's name as feeds write it, by kind, by an open port."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from tocsin.remedies.threat import Threat, read_threat
from tocsin.terms.errors import BadConfig

_FOLDER = Path(__file__).parent / "threats"
NAME_MAX = 200  # characters of a name that are looked at
_PARTS_MAX = 24
_RUN_MAX = 4  # parts of a name that may be one alias: `Zero Access`
_PART = re.compile(r"[^\W_]+")


@cache
def threats() -> Mapping[str, Threat]:
    """Every threat by its key, in the order of the keys. BadConfig for a file that is none."""
    return {path.stem: read_threat(path) for path in sorted(_FOLDER.glob("*.toml"))}


def find(name: str) -> Threat | None:
    """The threat of that name: `Mirai`, `avalanche-andromeda`, `Backdoor:Linux/Mirai.B!MTB`, `win.qakbot`.

    A name that is an alias as a whole, else the last part of it that is one: before it stands a group or a platform.
    """
    key = _key_of(name[:NAME_MAX])
    return threats()[key] if key else None


def find_open(kind: str, port: int | None, protocol: str | None) -> Threat | None:
    """The exposure of that port. Without a protocol, when both mean the same one."""
    if port is None:
        return None
    keys = {
        key
        for proto in ([protocol] if protocol else ["tcp", "udp"])
        for key in _keys_by_port().get(f"{port}/{proto}", ())
    }
    fitting = [threats()[key] for key in sorted(keys) if kind in threats()[key].kinds]
    return fitting[0] if len(fitting) == 1 else None


def of_kind(kind: str) -> list[Threat]:
    """Every threat that feeds report as this kind (RSIT)."""
    return [threat for threat in threats().values() if kind in threat.kinds]


def normal(name: str) -> str:
    """The letters and digits of a name, small: by it names are compared."""
    return "".join(_PART.findall(name.casefold()))


@lru_cache(maxsize=4096)
def _key_of(name: str) -> str | None:
    by_name = _key_by_name()
    if (whole := normal(name)) in by_name:
        return by_name[whole]
    parts = _PART.findall(name.casefold())[:_PARTS_MAX]
    for start in range(len(parts) - 1, -1, -1):
        for length in range(min(_RUN_MAX, len(parts) - start), 0, -1):
            if (run := "".join(parts[start : start + length])) in by_name:
                return by_name[run]
    return None


@cache
def _key_by_name() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, threat in threats().items():
        for name in _names(threat):
            if found.setdefault(name, key) != key:
                raise BadConfig(f"{name!r} is a name of {found[name]} and of {key}", remedy="an alias means one threat")
    return found


def _names(threat: Threat) -> Iterator[str]:
    for name in (threat.key, threat.name, *threat.aliases.all()):
        yield normal(name)


@cache
def _keys_by_port() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, threat in threats().items():
        for port in threat.ports:
            found.setdefault(port, []).append(key)
    return {port: tuple(keys) for port, keys in found.items()}
