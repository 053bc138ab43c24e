"""Findings on attachments, by what they are called and how they begin. None is opened or run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.mail import Part

# What runs when it is opened, or is only there to hold such a thing past a filter.
_RUNS = frozenset(
    re.findall(
        r"\S+",
        "exe scr com pif bat cmd ps1 vbs vbe js jse wsf wsh hta msi msix jar cpl dll apk lnk url iso img vhd vhdx reg "
        "chm one library-ms scf msc ace",
    )
)
_MACROS = frozenset(["docm", "xlsm", "pptm", "dotm", "xltm", "xlam", "ppam", "xlsb"])
_PAGES = frozenset(["html", "htm", "shtml", "xhtml", "mht", "mhtml", "svg"])
_PACKED = frozenset(["zip", "rar", "7z", "gz", "alz", "egg", "cab", "z", "tar", "arj"])
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TOLD_PASSWORD = re.compile(
    r"(?:password|passwort|kennwort|passcode|contrase\u00f1a|senha|mot de passe|wachtwoord|パスワード|पासवर्ड)"
    r"\W{0,6}(?:is|ist|es|est|para|for|は)?\W{0,6}\w{3,20}",
    re.IGNORECASE,
)
_NAME_CHARACTERS_MAX = 255


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.is_proved:
        return
    told: set[str] = set()
    for part in seen.mail.parts:
        for finding in _of(part, seen):
            if finding.code not in told:
                told.add(finding.code)
                yield finding


def _of(part: Part, seen: Inspection) -> Iterator[Finding]:
    name = part.filename[-_NAME_CHARACTERS_MAX:].strip().lower()
    pieces = _BIDI.sub("", name).split(".")
    ending = pieces[-1] if len(pieces) > 1 else ""
    if _BIDI.search(name) or (
        len(pieces) > 2 and ending in _RUNS | _PAGES and pieces[-2] in ("pdf", "doc", "xls", "jpg")
    ):
        yield found("attached-disguised", name=part.filename)
    if ending in _RUNS:
        yield found("attached-program", name=part.filename)
    elif ending in _MACROS:
        yield found("attached-macros", name=part.filename)
    elif ending in _PAGES or (name and part.media_type in ("text/html", "image/svg+xml")):
        yield found("attached-page", name=part.filename)
    elif ending in _PACKED and _TOLD_PASSWORD.search(seen.wording.body[:4_000]):
        yield found("attached-locked", name=part.filename)
