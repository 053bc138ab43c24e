"""How many short messages a text takes, as networks count them.

A text whose every character is in the default alphabet travels in septets (3GPP TS 23.038 §6.2.1), any other as UCS-2
(§6.2.3). One message holds 160 septets or 70 UCS-2 units; a part of several holds 153 or 67, since each names its
place (TS 23.040 §9.2.3.24.1). National shift tables, by which Hindi would take less, are left out: few networks and
fewer telephones keep to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

Coding = Literal["gsm-7", "ucs-2"]

# TS 23.038 §6.2.1: the default alphabet, in the order of its table; the escape (0x1B) is no character.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # §6.2.1.1: two septets, of which a part may not hold only the first

ONE_UNITS: dict[Coding, int] = {"gsm-7": 160, "ucs-2": 70}
PART_UNITS: dict[Coding, int] = {"gsm-7": 153, "ucs-2": 67}


class Parts(msgspec.Struct, frozen=True):
    """How a text travels: its coding, and its pieces; each is a message."""

    coding: Coding
    pieces: tuple[str, ...]


def split(text: str) -> Parts:
    """The text as it would be cut. An empty one takes one message, as it does on a network."""
    coding = coding_of(text)
    size = _septets if coding == "gsm-7" else _ucs2_units
    if sum(map(size, text)) <= ONE_UNITS[coding]:
        return Parts(coding, (text,))
    return Parts(coding, tuple(_cut(text, size, PART_UNITS[coding])))


def coding_of(text: str) -> Coding:
    return "gsm-7" if outside(text) == "" else "ucs-2"


def outside(text: str) -> str:
    """The characters that the default alphabet lacks, in their order."""
    return "".join(sign for sign in text if sign not in BASIC and sign not in EXTENDED)


def _cut(text: str, size: Callable[[str], int], most: int) -> Iterable[str]:
    """No character is divided: neither an escaped one nor one beyond the Basic Multilingual Plane."""
    piece, used = "", 0
    for sign in text:
        if used + size(sign) > most:
            yield piece
            piece, used = "", 0
        piece += sign
        used += size(sign)
    yield piece


def _septets(sign: str) -> int:
    return 2 if sign in EXTENDED else 1


def _ucs2_units(sign: str) -> int:
    return 2 if ord(sign) > 0xFFFF else 1
