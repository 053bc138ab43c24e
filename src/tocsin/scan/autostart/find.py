"""Finding what starts by itself on a disk: the places, in one table, and who reads them."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from tocsin.scan.autostart import texts
from tocsin.scan.autostart.entries import Entry, Reader, entry_of
from tocsin.scan.autostart.hive import MAGIC, Damaged, hive
from tocsin.scan.autostart.registry import registry, registry_text
from tocsin.scan.findings import Finding, found
from tocsin.scan.limits import (
    AUTOSTART_BYTES_MAX,
    AUTOSTART_ENTRIES_MAX,
    AUTOSTART_FILES_MAX,
    HOMES_MAX,
    REGISTRY_BYTES_MAX,
)
from tocsin.scan.places import NotAFile, read_head, within


class Place(msgspec.Struct, frozen=True):
    """Files of `folder` whose names match `names`; `~` stands for every home; `None` reads the file as a registry."""

    kind: str
    folder: str
    names: str
    reader: Reader | None


PLACES = (
    *(
        Place("systemd", folder, names, texts.systemd)
        for folder in ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                       "/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/user", "/usr/lib/systemd/user",
                       "~/.config/systemd/user", "~/.local/share/systemd/user")
        for names in ("*.service", "*.d/*.conf")
    ),
    Place("cron", "/etc", "crontab", texts.system_crontab),
    Place("cron", "/etc/cron.d", "*", texts.system_crontab),
    Place("cron", "/var/spool/cron/crontabs", "*", texts.crontab),
    Place("cron", "/var/spool/cron", "*", texts.crontab),
    Place("cron", "/etc/crontabs", "*", texts.crontab),  # BusyBox
    Place("cron", "/etc", "anacrontab", texts.anacrontab),
    *(Place("cron", f"/etc/cron.{every}", "*", texts.script) for every in ("hourly", "daily", "weekly", "monthly")),
    *(Place("shell", "/etc", names, texts.script)
      for names in ("profile", "bash.bashrc", "bashrc", "zshrc", "zprofile", "environment")),
    Place("shell", "/etc/profile.d", "*", texts.script),
    Place("shell", "/etc/zsh", "*", texts.script),
    *(Place("shell", "~", names, texts.script)
      for names in (".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_logout", ".zshrc", ".zprofile",
                    ".zshenv", ".zlogin", ".xprofile", ".xinitrc", ".xsession")),
    *(Place("init", "/etc", names, texts.script) for names in ("rc.local", "rc", "rcS")),
    *(Place("init", folder, "*", texts.script)
      for folder in ("/etc/init.d", "/etc/rc.d", "/etc/rc.d/init.d", "/etc/rc.local.d", "/usr/local/etc/rc.d")),
    Place("init", "/etc", "inittab", texts.inittab),
    Place("xdg", "/etc/xdg/autostart", "*.desktop", texts.desktop),
    Place("xdg", "/usr/share/gnome/autostart", "*.desktop", texts.desktop),
    Place("xdg", "~/.config/autostart", "*.desktop", texts.desktop),
    Place("ld.so.preload", "/etc", "ld.so.preload", texts.preload),
    *(Place("launchd", folder, "*.plist", texts.launchd)
      for folder in ("/Library/LaunchAgents", "/Library/LaunchDaemons", "~/Library/LaunchAgents")),
    *(Place("registry", "/Windows/System32/config", names, None) for names in ("SOFTWARE", "SYSTEM", "DEFAULT")),
    Place("registry", "~", "NTUSER.DAT", None),
)  # fmt: skip
_HOME_FOLDERS = ("/home", "/Users", "/var/home")
_PASSWD_FIELDS = 7


def entries_on(base: Path) -> Iterator[Entry | Finding]:
    """What starts by itself on the disk mounted at `base` (`/`: this machine), and what could not be read of it."""
    homes, told, read = homes_on(base), 0, set[str]()
    for place in PLACES:
        for folder in [place.folder.replace("~", home, 1) for home in homes] if "~" in place.folder else [place.folder]:
            for path in _files(base, folder, place.names):
                if str(path) in read:
                    continue
                read.add(str(path))
                for said in entries_in(place.kind, path, place.reader):
                    told += 1
                    if told > AUTOSTART_ENTRIES_MAX:
                        yield found("too-many", str(path), limit=f"{AUTOSTART_ENTRIES_MAX:,}")
                        return
                    yield said


def entries_in(kind: str, path: Path, reader: Reader | None) -> Iterator[Entry | Finding]:
    """What one file says; with no reader it is a registry (export or hive)."""
    try:
        if reader is None:
            yield from registry_entries(path, read_head(path, REGISTRY_BYTES_MAX))
            return
        text = read_head(path, AUTOSTART_BYTES_MAX).decode("utf-8", "replace")
        for said in reader(text):
            yield entry_of(kind, str(path), said)
    except (NotAFile, FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield found("autostart-unread", str(path), why=error.strerror or str(error))


def registry_entries(path: Path, raw: bytes) -> Iterator[Entry | Finding]:
    """The Run keys of an export or a hive; nothing where it is neither."""
    try:
        if raw.startswith(MAGIC):
            for said in hive(raw):
                yield entry_of("registry", str(path), said)
        elif (text := registry_text(raw)) is not None:
            for said in registry(text):
                yield entry_of("registry", str(path), said)
    except Damaged as error:
        yield found("autostart-unread", str(path), why=str(error))


def homes_on(base: Path) -> list[str]:
    """Homes that its passwd names, and folders where homes lie, as paths on that disk."""
    homes = ["/root", "/var/root"]
    passwd = within(base, "/etc/passwd")
    try:
        text = read_head(passwd, AUTOSTART_BYTES_MAX).decode("utf-8", "replace") if passwd else ""
    except OSError:
        text = ""
    rows = (line.split(":") for line in text.splitlines())
    homes += [row[5] for row in rows if len(row) == _PASSWD_FIELDS and row[5].startswith("/") and row[5] != "/"]
    for folder in _HOME_FOLDERS:
        homes += [f"{folder}/{path.name}" for path in _names(within(base, folder))]
    return list(dict.fromkeys(homes))[:HOMES_MAX]


def _files(base: Path, folder: str, names: str) -> Iterator[Path]:
    """Files of a place, each resolved on its own disk; `a/b` is a pattern of folders and one of files in them."""
    resolved = within(base, folder)
    above, _, last = names.rpartition("/")
    tops = [path for path in _names(resolved) if fnmatch.fnmatchcase(path.name, above)] if above else [resolved]
    for top in tops:
        for path in _names(top):
            if fnmatch.fnmatchcase(path.name, last) and not path.name.endswith((".dpkg-old", ".placeholder")):
                target = within(base, "/" + os.path.relpath(path, base))
                if target is not None and not str(target).endswith("/dev/null"):  # a masked unit
                    yield target


def _names(folder: Path | None) -> list[Path]:
    try:
        return sorted(islice(folder.iterdir(), AUTOSTART_FILES_MAX)) if folder is not None else []
    except OSError:
        return []
