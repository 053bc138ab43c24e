"""What makes a command suspicious that starts by itself: one table. A trait is a reason to look, no verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.scan.autostart.entries import Entry
from tocsin.scan.limits import COMMAND_CHARACTERS_MAX

_SHELL = r"(?:\b(?:ba|da|a|z|k)?sh\b|\bpython[0-9.]*\b|\bperl\b|\bphp\b|\bbusybox\b)"
_FETCH = r"\b(?:curl|wget|tftp|ftpget|fetch|lwp-download)\b"
OPEN_FOLDERS = ("/tmp/", "/var/tmp/", "/dev/shm/", "/dev/mqueue/")  # noqa: S108 - looked for, not used
_OPEN = r"/(?:tmp|var/tmp|dev/shm|dev/mqueue)/[^\s\"';|&<>$]+(?:$|[\s\"';|&])"
# Where a command begins: a line, what follows another command, or what a shell or a starter is given.
_STARTER = r"\b(?:exec|nohup|setsid|sudo|source|env|(?:ba|da|a|z|k)?sh|python[0-9.]*|perl)\s+(?:-\w+\s+){0,3}"
_STARTED = rf"(?:^\s*|[;|&(]\s*|{_STARTER}|^\s*\.\s+)[\"']?"
_WINDOWS_OPEN = r"\\(?:Users\\Public|AppData\\Local\\Temp|Windows\\Temp|Temp)\\|%(?:TEMP|TMP|PUBLIC)%\\"
_WINDOWS_PROGRAM = r"[^\"]{0,200}\.(?:exe|dll|scr|com|bat|cmd|vbs|vbe|js|jse|ps1|hta|pif)\b"
_WINDOWS_FETCH = r"\b(?:mshta|regsvr32|bitsadmin|certutil|msiexec)(?:\.exe)?\b[^\n]{0,300}https?:"
_POWERSHELL_FETCH = r"\b(?:DownloadString|DownloadFile|Invoke-WebRequest|iwr|irm)\b"
_POWERSHELL_RUN = r"\b(?:iex|Invoke-Expression)\b"
_POWERSHELL_CODED = r"\bpowershell(?:\.exe)?\b[^\n]{0,200}\s-e(?:nc|ncodedcommand|c)?\s+[A-Za-z0-9+/=]{20}"
_CODED = rf"\bbase64\b\s+(?:-d|-D|--decode)[^\n]{{0,300}}\|\s*{_SHELL}|\beval\b[^\n]{{0,100}}\bbase64\b"
_REMOTE = r"/dev/(?:tcp|udp)/[^\s/]+/\d|\bn(?:c|cat)\b[^\n]{0,100}\s-(?:[a-z]*e|c)\s+\S*sh\b"


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


TRAITS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("starts-from-open-folder", re.compile(f"{_STARTED}{_OPEN}")),
    ("starts-from-open-folder", _any_case(f"(?:{_WINDOWS_OPEN}){_WINDOWS_PROGRAM}")),
    ("starts-fetched", re.compile(rf"{_FETCH}[^\n]{{0,600}}(?:\||;|&&)[^\n]{{0,200}}(?:{_SHELL}|\bchmod\b)")),
    ("starts-fetched", _any_case(_WINDOWS_FETCH)),
    ("starts-fetched", _any_case(rf"{_POWERSHELL_FETCH}[^\n]{{0,300}}{_POWERSHELL_RUN}")),
    ("starts-fetched", _any_case(rf"{_POWERSHELL_RUN}[^\n]{{0,300}}{_POWERSHELL_FETCH}")),
    ("starts-decoded", re.compile(rf"{_CODED}|\bexec\(\s*(?:__import__|base64|zlib)")),
    ("starts-decoded", _any_case(rf"{_POWERSHELL_CODED}|\brundll32(?:\.exe)?\s+javascript:")),
    ("starts-remote-shell", re.compile(_REMOTE)),
)
_PROGRAM = re.compile(r"(?:^|[\s\"'=;|&(])(/[^\s\"';|&()<>]+)")
_HIDDEN = re.compile(r"/\.[^/.][^/]*(?:/|$)|/\.\.\.+(?:/|$)")
_SCRIPTS = ("shell", "init")  # a line of a script names many hidden files that it does not start
_HOMES = ("/home/", "/root/", "/Users/", "/var/lib/")


def traits_of(entry: Entry) -> Iterator[str]:
    """Codes of findings, each once."""
    said = entry.command[:COMMAND_CHARACTERS_MAX]
    codes = {code: None for code, pattern in TRAITS if pattern.search(said)}
    if entry.kind == "ld.so.preload":
        codes["starts-into-all"] = None
    if entry.kind not in _SCRIPTS and any(_is_hidden(program) for program in programs_of(said)[:1]):
        codes["starts-hidden"] = None
    yield from codes


def programs_of(command: str) -> list[str]:
    """The absolute paths that a command names, in order."""
    return list(dict.fromkeys(_PROGRAM.findall(command[:COMMAND_CHARACTERS_MAX])))


def _is_hidden(program: str) -> bool:
    return bool(_HIDDEN.search(program)) and not program.startswith(_HOMES)
