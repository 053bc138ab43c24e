"""What a scan can find, in one table, and how much each weighs."""

from __future__ import annotations

import os
from typing import Literal

import msgspec

from tocsin.scan.limits import SHOWN_CHARACTERS_MAX

Weight = Literal["bad", "suspicious", "noted", "unseen"]
WEIGHTS: tuple[Weight, ...] = ("bad", "suspicious", "noted", "unseen")  # the most telling first

CODES: dict[str, Weight] = {
    # files
    "listed-file": "bad",
    "rule-matched": "bad",
    "other-names": "noted",
    "packed": "noted",
    # what is running
    "listed-server": "bad",
    "listed-address": "suspicious",
    "running-from-memory": "suspicious",
    "running-deleted": "noted",
    "running-deleted-open": "suspicious",
    "running-open-folder": "suspicious",
    "running-disguised": "suspicious",
    # what starts by itself
    "starts": "noted",
    "starts-from-open-folder": "suspicious",
    "starts-hidden": "suspicious",
    "starts-fetched": "suspicious",
    "starts-decoded": "suspicious",
    "starts-remote-shell": "suspicious",
    "starts-into-all": "suspicious",
    # the vault
    "moved": "noted",
    "not-moved": "noted",
    "system-file": "noted",
    # what was given
    "rule-ignored": "noted",
    "list-lines-unused": "noted",
    "own-file": "noted",
    # what could not be looked at
    "unreadable": "unseen",
    "odd-file": "unseen",
    "too-large": "unseen",
    "partly": "unseen",
    "too-slow": "unseen",
    "broke-examiner": "unseen",
    "too-deep": "unseen",
    "too-many": "unseen",
    "other-disk": "unseen",
    "time-up": "unseen",
    "no-connections": "unseen",
    "no-processes": "unseen",
    "autostart-unread": "unseen",
    "nothing-to-compare": "unseen",
}


class Finding(msgspec.Struct, frozen=True):
    """`path` is as the system names it (undecodable bytes as surrogates); `values` fill the sentence of the code."""

    code: str
    path: str = ""
    sha256: str = ""
    pid: int = 0
    values: dict[str, str] = {}

    @property
    def weight(self) -> Weight:
        return CODES[self.code]


def found(code: str, path: str = "", *, sha256: str = "", pid: int = 0, **values: str) -> Finding:
    """A finding whose values are fit to be shown."""
    assert code in CODES
    return Finding(code, path, sha256, pid, {name: printable(value) for name, value in values.items()})


def printable(text: str) -> str:
    """Text from outside as it can be shown: bounded, and what a terminal would obey is spelled out."""
    shown = os.fsencode(text).decode("utf-8", "backslashreplace") if not text.isascii() else text
    spelled = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in shown)
    return spelled if len(spelled) <= SHOWN_CHARACTERS_MAX else spelled[:SHOWN_CHARACTERS_MAX] + "…"
