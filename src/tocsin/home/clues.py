"""What a device's own calls and words say of its kind: one data file, and how the signs are put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec

KIND_MIN = 0.5  # below this nobody says what it is
UNKNOWN = "unknown"


class Clue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any of its signs speaks for `kind` with `weight`; more of one clue's signs say no more than one."""

    kind: str
    weight: float
    maker: str = ""
    names: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()


class Installed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names that only somebody's own choice calls."""

    what: str
    names: tuple[str, ...]


class Clues(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    clue: tuple[Clue, ...]
    installed: tuple[Installed, ...]


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one device, all in lower case. `serves_names`: others ask it for names."""

    said: tuple[str, ...] = ()  # host names, vendor classes, user agents
    asked: frozenset[str] = frozenset()  # those of the clues' names that it has asked for
    maker: str = ""
    serves_names: bool = False


class Guess(msgspec.Struct, frozen=True):
    """A kind and how sure, 0 to 1; `maker` where a sign names it and the network card does not."""

    kind: str
    sure: float
    maker: str = ""


@cache
def clues() -> Clues:
    return msgspec.toml.decode(files(__package__).joinpath("clues.toml").read_bytes(), type=Clues)


def all_names() -> list[str]:
    """Every name that is looked for; nothing else that a device asks is ever taken out of the logs."""
    of_kinds = {name for clue in clues().clue for name in clue.names}
    return sorted(of_kinds | {name for each in clues().installed for name in each.names})


def guess(signs: Signs) -> Guess:
    """The likeliest kind: independent signs add up (1 - the product of the doubts), one clue counts once."""
    doubts: dict[str, float] = {}
    maker = ""
    for clue in clues().clue:
        if _speaks(clue, signs):
            doubts[clue.kind] = doubts.get(clue.kind, 1.0) * (1 - clue.weight)
            maker = maker or clue.maker
    if signs.serves_names:
        doubts["router"] = doubts.get("router", 1.0) * 0.2
    if not doubts:
        return Guess(UNKNOWN, 0.0)
    kind = min(sorted(doubts), key=lambda each: doubts[each])
    sure = 1 - doubts[kind]
    return Guess(kind, round(sure, 2), maker) if sure >= KIND_MIN else Guess(UNKNOWN, round(sure, 2))


def installed(asked: Iterable[str]) -> str:
    """What somebody has installed himself, by the names it calls; '' where nothing shows it."""
    names = set(asked)
    return next((each.what for each in clues().installed if names & set(each.names)), "")


def _speaks(clue: Clue, signs: Signs) -> bool:
    return (
        bool(signs.asked.intersection(clue.names))
        or any(word in text for word in clue.says for text in signs.said)
        or any(word in signs.maker for word in clue.makers)
    )
