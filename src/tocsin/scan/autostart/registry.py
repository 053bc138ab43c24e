"""Windows' Run keys out of a `.reg` export (version 5 in UTF-16, version 4 in the code page)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.scan.autostart.entries import Said

HEADS = ("Windows Registry Editor Version 5.00", "REGEDIT4")
# Keys, without the hive and control set before them, whose values are commands; a value named in brackets alone.
_RUN_KEYS = re.compile(
    r"(?:.*\\)?(?:Microsoft\\Windows\\CurrentVersion\\(?:Policies\\Explorer\\)?Run(?:Once|OnceEx|Services|ServicesOnce)?"
    r"|Microsoft\\Windows NT\\CurrentVersion\\Windows\\Run)(?:\\[0-9]+)?",
    re.IGNORECASE,
)
_SINGLE_VALUES = (  # key, value
    (re.compile(r".*\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon", re.IGNORECASE), ("shell", "userinit")),
    (re.compile(r".*\\Microsoft\\Windows NT\\CurrentVersion\\Windows", re.IGNORECASE), ("load", "run", "appinit_dlls")),
    (re.compile(r".*\\Image File Execution Options\\[^\\]+", re.IGNORECASE), ("debugger",)),
    (re.compile(r".*\\Services\\[^\\]+", re.IGNORECASE), ("imagepath",)),
    (re.compile(r".*\\Services\\[^\\]+\\Parameters", re.IGNORECASE), ("servicedll",)),
    (re.compile(r".*\\Active Setup\\Installed Components\\[^\\]+", re.IGNORECASE), ("stubpath",)),
)  # fmt: skip
_VALUE = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|@)=(.*)')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_HEX = re.compile(r"hex\((?:1|2|7)\):([0-9a-fA-F,\s]*)")
_ESCAPED = re.compile(r"\\(.)")


def is_start(key: str, value: str) -> bool:
    """Whether this value of this key is started by Windows itself; `key` is its whole path."""
    if _RUN_KEYS.fullmatch(key):
        return True
    return any(pattern.fullmatch(key) and value.lower() in names for pattern, names in _SINGLE_VALUES)


def registry_text(raw: bytes) -> str | None:
    """The text of an export; None where it is none."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16", "replace")
    else:
        text = raw.decode("utf-8-sig", "replace")
    return text if text.lstrip().startswith(HEADS) else None


def registry(text: str) -> Iterator[Said]:
    """Line, `key\\value`, and the command."""
    key = ""
    for number, line in _joined(text):
        if line.startswith("["):
            key = line.strip("[]")
            if line.startswith("[-"):
                key = ""
            continue
        match = _VALUE.match(line)
        if not (match and key):
            continue
        value = _ESCAPED.sub(r"\1", match[1] or "")
        command = _command(match[2]) if is_start(key, value) else ""
        if command:
            yield number, f"{key}\\{value}", command


def _command(said: str) -> str:
    quoted = _STRING.match(said)
    if quoted:
        return _ESCAPED.sub(r"\1", quoted[1])
    packed = _HEX.match(said)
    if packed is None:
        return ""  # a number or a deletion
    digits = re.sub(r"[^0-9a-fA-F]", "", packed[1])
    return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-16-le", "replace").rstrip("\0").replace("\0", " ")


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Long hexadecimal values go on in the next line after a backslash."""
    start, kept = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        if line.endswith("\\") and ("hex" in line or kept):
            kept += line[:-1].strip()
            continue
        yield start, (kept + line.strip()) if kept else line.strip()
        start, kept = 0, ""
