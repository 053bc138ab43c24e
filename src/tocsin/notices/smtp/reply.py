"""What a mail server answers. Its text is hostile: bounded, and without anything that could move a terminal."""

from __future__ import annotations

import re

import msgspec

LINE_BYTES_MAX = 2_000  # RFC 5321 §4.5.3.1.5 allows 512
LINES_MAX = 100
TEXT_CHARACTERS_MAX = 250
_LINE = re.compile(rb"(?P<code>[2-5][0-5][0-9])(?:(?P<more>[ -])(?P<text>.*))?", re.DOTALL)
_ENHANCED = re.compile(r"(?P<code>[245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)", re.ASCII)


class Broken(Exception):
    """The conversation cannot go on: it was cut, took too long, or what came is no SMTP."""


class Reply(msgspec.Struct, frozen=True):
    """`code` is 200 to 559; `lines` are without it."""

    code: int
    lines: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_for_now(self) -> bool:
        """Trying again later may help (RFC 5321 §4.2.1)."""
        return 400 <= self.code < 500

    @property
    def is_for_good(self) -> bool:
        return 500 <= self.code < 600

    @property
    def enhanced(self) -> str | None:
        """RFC 2034 §4: the code of RFC 3463 at the start of the text, if its class agrees with the reply's."""
        match = _ENHANCED.match(self.lines[0]) if self.lines else None
        return match["code"] if match and match["code"][0] == str(self.code)[0] else None

    @property
    def text(self) -> str:
        return f"{self.code} {' '.join(self.lines)}"[:TEXT_CHARACTERS_MAX].rstrip()


def parse_line(raw: bytes) -> tuple[int, bool, str]:
    """(code, whether another line follows, text) of a line without its end. Broken when it is no reply."""
    match = _LINE.fullmatch(raw)
    if match is None:
        raise Broken(f"the server said what is no reply: {printable(raw[:60])!r}")
    return int(match["code"]), match["more"] == b"-", printable(match["text"] or b"")


def printable(raw: bytes) -> str:
    """ASCII that can be printed; whatever else stands as a question mark."""
    return "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in raw)
