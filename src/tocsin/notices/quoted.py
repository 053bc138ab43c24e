"""Text from outside (a malware's name, a source, a person's name), made safe to print in a letter.

Bounded; no control, direction or invisible characters; nothing that a mail program would turn into a link. Mail
programs link by themselves whatever looks like an address, so escaping alone is not enough: the dot of `bad.example`
becomes `[.]`, as analysts write it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NAME_MAX = 80
SOURCE_MAX = 60
SOURCE_REF_MAX = 60
MALWARE_MAX = 40
PROTOCOL_MAX = 12
ADDRESS_MAX = 45  # the longest text of an IPv6 address (RFC 4291 §2.2 form 3)
GROWTH_MAX = 4  # how many times longer than its bound a text can be once its links are taken apart

# Control, format (zero-width and direction marks), surrogate, private use, unassigned.
_UNPRINTABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))

_HTTP = re.compile(r"\b(h)tt(ps?)\b", re.IGNORECASE)
_SCHEME = re.compile(r"(mailto|tel|sms|file|data|javascript|skype|whatsapp):|(\w):(?=//)", re.IGNORECASE)
# A dot (or one of the three that IDNA takes for a dot, RFC 3490 §3.1) before what could be a top-level domain. The
# signs of vowels, as in `कंपनी.भारत`, are no letters to `re`: whatever is neither ASCII nor a blank counts as one.
_DOT = re.compile(
    r"(?<=[\w\u0080-\U0010ffff])[.\u3002\uff0e\uff61](?=[^\W\d_](?:[^\W\d_]|[\u0080-\U0010ffff])|xn--)|(?<=www)\.",
    re.IGNORECASE,
)
_AT = re.compile("[@\uff20]")
_SHARE = re.compile(r"\\{2,}|/{3,}")
_DASHES = re.compile(r"-{3,}")  # the fence of a proof's block stands in no name
_TELEPHONE = re.compile(r"\+?(?:\d[\s().\u2010-\u2015/-]{0,3}){10,}")


@lru_cache(maxsize=4096)
def quoted(text: str, longest: int) -> str:
    """One line of at most `longest` characters, `…` where more were given, its links taken apart."""
    return _unlinked(bare(text, longest))


def quoted_name(text: str) -> str:
    """A malware's name. Ten digits or more are no part of one, but could be a telephone number to ring."""
    return quoted(_TELEPHONE.sub("…", bare(text, MALWARE_MAX)), MALWARE_MAX)


@lru_cache(maxsize=4096)
def bare(text: str, longest: int) -> str:
    """One line of at most `longest` printable characters, blanks folded, `…` where more were given."""
    kept = "".join(
        " " if character.isspace() else character
        for character in text[: longest * 4]
        if character.isspace() or unicodedata.category(character) not in _UNPRINTABLE
    )
    line = " ".join(kept.split())
    return line if len(line) <= longest and len(text) <= longest * 4 else line[: longest - 1].rstrip() + "…"


def _unlinked(text: str) -> str:
    for pattern, instead in (
        (_HTTP, r"\1xx\2"),
        (_SCHEME, r"\1\2[:]"),
        (_DOT, "[.]"),
        (_AT, "[at]"),
        (_SHARE, "/"),
        (_DASHES, "--"),
    ):
        text = pattern.sub(instead, text)
    return text
