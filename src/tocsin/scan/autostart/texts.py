"""The readers of texts that say what starts: systemd, cron, shells, XDG, init. Nothing is expanded or run."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from xml.parsers.expat import ExpatError

from tocsin.scan.autostart.entries import Said

_EXEC = re.compile(r"(Exec(?:Start|StartPre|StartPost|Stop|StopPost|Reload|Condition))\s*=\s*[-@:+!|]*(.*)")
_CRON_FIELDS = re.compile(r"\s*(?:@\w+|(?:[\w*/,.~?#-]+\s+){4}[\w*/,.~?#-]+)\s+(\S.*)")
_CRON_USER = re.compile(r"([a-z_][\w.-]{0,31}\$?)\s+(\S.*)", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"\s*[A-Za-z_]\w*\s*=")
_INITTAB = re.compile(r"([^:#]{0,16}):([^:]{0,16}):([^:]{1,16}):(.*)")
_PROGRAM_KEYS = ("ProgramArguments", "Program")


def systemd(text: str) -> Iterator[Said]:
    """systemd.service(5): commands of a unit, continued lines put together."""
    for number, line in _joined(text):
        match = _EXEC.match(line.strip())
        if match and match[2]:
            yield number, match[1], match[2]


def crontab(text: str) -> Iterator[Said]:
    """crontab(5) of one user."""
    for number, line in _lines(text):
        match = _CRON_FIELDS.match(line)
        if match and not (_ASSIGNMENT.match(line) and "=" in line.split()[0]):
            yield number, "", match[1]


def system_crontab(text: str) -> Iterator[Said]:
    """crontab(5) of the system, whose lines name whom they run as."""
    for number, _, command in crontab(text):
        match = _CRON_USER.match(command)
        yield number, match[1] if match else "", match[2] if match else command


def anacrontab(text: str) -> Iterator[Said]:
    """anacrontab(5): period, delay, name, command."""
    for number, line in _lines(text):
        words = line.split(None, 3)
        if len(words) == 4 and words[1].isdigit():
            yield number, words[2], words[3]


def script(text: str) -> Iterator[Said]:
    """A shell's start-up file or an init script: every line that is a command."""
    for number, line in _joined(text):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, "", line


def desktop(text: str) -> Iterator[Said]:
    """XDG autostart: `Exec` of the group `Desktop Entry`, unless it is hidden."""
    group, name, found = "", "", None
    for number, line in _lines(text):
        key, _, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if key.startswith("["):
            group = key
        elif group != "[Desktop Entry]":
            continue
        elif key == "Name":
            name = value
        elif key == "Exec":
            found = number, value
        elif key == "Hidden" and value.lower() == "true":
            return
    if found:
        yield found[0], name, found[1]


def inittab(text: str) -> Iterator[Said]:
    """inittab(5) and BusyBox's: id, runlevels, action, process."""
    for number, line in _lines(text):
        match = _INITTAB.fullmatch(line.strip())
        if match and match[4]:
            yield number, match[3], match[4]


def preload(text: str) -> Iterator[Said]:
    """ld.so.preload: libraries that are put into every program."""
    for number, line in _lines(text):
        for library in line.partition("#")[0].replace(":", " ").split():
            yield number, "", library


def launchd(text: str) -> Iterator[Said]:
    """launchd.plist(5), as XML; entities are not expanded by plistlib."""
    try:
        listed = plistlib.loads(text.encode("utf-8", "surrogateescape"), fmt=plistlib.FMT_XML)
    except (plistlib.InvalidFileException, ExpatError, ValueError, AttributeError, TypeError, KeyError, IndexError):
        return
    if not isinstance(listed, dict):
        return
    for key in _PROGRAM_KEYS:
        said = listed.get(key)
        if said:
            words = said if isinstance(said, list) else [said]
            yield 0, str(listed.get("Label", "")), " ".join(str(word) for word in words)
            return


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith(("#", ";")):
            yield number, line


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that they continue on (a backslash at the end), by the number of the first."""
    start, kept = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        if line.endswith("\\"):
            kept += line[:-1] + " "
            continue
        yield start, kept + line
        start, kept = 0, ""
    if kept:
        yield start, kept
