"""A letter on paper from facts: the same facts and fonts give the same bytes.

The form is DIN 5008:2020-03 B: the address lies in the window of a C6/5 or DL envelope, folded at the marks. It is made
as PDF/A-2u: a character that no font can draw is an error, and no letter with a box in the place of a name is posted.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tocsin.notices.channels import LetterConfig
from tocsin.notices.compose import compose
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.local import day_words
from tocsin.notices.outline import Block, outline, subject
from tocsin.notices.quoted import bare
from tocsin.proof.facts import Facts
from tocsin.proof.proof import make_proof
from tocsin.terms.errors import BadConfig, Refused

if TYPE_CHECKING:
    import typst

ADDRESS_LINES_MAX = 6  # DIN 5008: the address zone has six lines
_ADDRESS_COLUMNS_MAX = 48
_SENDER_COLUMNS_MAX = 70
_TEMPLATE = Path(__file__).parent / "letter.typ"
# Debian's fonts-noto-core and fonts-noto-cjk; the first that has a character draws it.
FONTS = ("Noto Sans", "Noto Sans Devanagari", "Noto Sans CJK JP")
MONO = "Noto Sans Mono CJK JP"
_LEADING = {"hi": 0.75, "ja": 0.8}  # signs above and below the line need room


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the template is given."""

    language: str
    fonts: tuple[str, ...]
    mono: tuple[str, ...]
    leading: float
    title: str
    issuer: str
    sender_line: str
    sender_address: tuple[str, ...]
    address: tuple[str, ...]
    date: str
    notice: str
    blocks: tuple[Block, ...]
    proof: str


def compose_paper(
    facts: Facts, code: str, issuer: Issuer, keys: Keys, config: LetterConfig, config_folder: Path
) -> bytes:
    """A PDF. `facts.recipient` is the postal address in lines, without the name.

    Refused when the address does not fit into a window or a character cannot be drawn; BadConfig when the fonts or the
    program that sets are absent; else as `compose`.
    """
    letter = compose(facts, code, issuer)  # the same words as the mail's, and the same proof
    proof = make_proof(facts, letter.text, letter.html, keys.proof)
    words = catalogue(facts.language)
    name, sender = bare(facts.issuer_name, _ADDRESS_COLUMNS_MAX), _lines(config.sender_address)
    told = _Told(
        language=facts.language,
        fonts=FONTS,
        mono=(MONO, *FONTS),
        leading=_LEADING.get(facts.language, 0.62),
        title=subject(facts, words),
        issuer=name,
        sender_line=bare(" · ".join((name, *sender)), _SENDER_COLUMNS_MAX),
        sender_address=sender,
        address=address_lines(facts),
        date=day_words(facts.issued_at, facts.zone, words),
        notice=facts.notice,
        blocks=outline(facts, code, issuer, words),
        proof=proof.block(),
    )
    return _set(told, facts, str(config_folder / config.fonts) if config.fonts else "")


def address_lines(facts: Facts) -> tuple[str, ...]:
    """The name and the address as they stand in the window."""
    lines = (facts.name, *re.split(r"[\r\n]+", facts.recipient))
    kept = tuple(bare(line, _ADDRESS_COLUMNS_MAX) for line in lines if line.strip())
    if not 2 <= len(kept) <= ADDRESS_LINES_MAX or not facts.name.strip():
        raise Refused(f"an address for a letter is a name and one to {ADDRESS_LINES_MAX - 1} lines", where=facts.notice)
    if cut := next((line for line in kept if line.endswith("\u2026")), None):
        raise Refused(f"a line of the address is too long for the window: {cut}", where=facts.notice)
    return kept


def _lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(bare(line, _ADDRESS_COLUMNS_MAX) for line in lines)


def _set(told: _Told, facts: Facts, fonts: str) -> bytes:
    try:
        import typst  # noqa: PLC0415 - an extra: who posts no letters does without
    except ImportError as error:
        raise BadConfig("the program that sets letters is absent", remedy="pip install 'tocsin[garden]'") from error
    with tempfile.TemporaryDirectory(
        prefix="tocsin-letter-"
    ) as empty:  # its root: no other file can be named from within
        root = Path(empty)
        template = root / _TEMPLATE.name
        template.write_bytes(_TEMPLATE.read_bytes())
        try:
            return bytes(
                typst.compile(
                    template,
                    root=root,
                    font_paths=_fonts(fonts),
                    format="pdf",
                    pdf_standards="a-2u",
                    sys_inputs={"letter": msgspec.json.encode(told).decode()},
                    timestamp=facts.issued_at,
                    package_path=root / "none",
                    package_cache_path=root / "none",
                )
            )
        except typst.TypstError as error:
            raise Refused(f"the letter cannot be set: {error.message[:200]}", where=facts.notice) from error


@cache
def _fonts(folder: str) -> typst.Fonts:
    """Found once in a process. BadConfig when one of those that the letters need is not there."""
    import typst  # noqa: PLC0415

    found = typst.Fonts(include_system_fonts=True, font_paths=[folder] if folder else [])
    absent = [name for name in (*FONTS, MONO) if name not in found.families()]
    if absent:
        remedy = "apt-get install fonts-noto-core fonts-noto-cjk, or name their folder"
        raise BadConfig(f"there is no font {absent[0]!r}", where="letter.fonts", remedy=remedy)
    return found
