"""A telephone number as networks need it: `+` and up to fifteen digits (ITU-T E.164 §6.2.1)."""

from __future__ import annotations

import re

from tocsin.terms.errors import Refused

_BETWEEN = re.compile(r"[\s().\u2010-\u2015/-]")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def international(text: str) -> str:
    """`+49 (170) 123-4567` or `0049…` to `+491701234567`. Refused for a national one: whose, nobody can tell."""
    bare = _BETWEEN.sub("", text[:60])
    number = "+" + bare[2:] if bare.startswith("00") else bare
    if not _NUMBER.fullmatch(number):
        raise Refused("the contract's telephone number is not in its international form, such as +49170…")
    return number
