"""Changing the configuration file from a page: checked as a whole before it takes the old one's place.

Only what stands in EDITABLE can be changed so. Paths, URLs, secrets, who is written to and how much is sent stay in
the file: whoever could set a path could make this service read any file of this machine.
"""

from __future__ import annotations

import difflib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from tocsin.book import Book, audit
from tocsin.pipeline.clock import present
from tocsin.pipeline.config import Config, load_config, reader_settings
from tocsin.terms.disk import sync_folder
from tocsin.terms.errors import BadConfig, BadRequest, Busy, StorageFailed

Form = Literal["text", "number", "choice", "prefixes", "zone"]
Value = str | int | tuple[str, ...] | None  # None: the setting is taken out, and its default holds

TEXT_MAX = 200
PREFIXES_MAX = 500
_SHOWN_MAX = 100  # characters of a value in the audit


class Setting(msgspec.Struct, frozen=True):
    """What may be changed: its name in its section, its form and label on a page, and what it means."""

    name: str
    form: Form
    label: str
    words: str


EDITABLE: dict[str, tuple[Setting, ...]] = {
    "sources": (
        Setting("title", "text", "Title", "as letters name it"),
        Setting("trust", "choice", "Trust", "a stranger alone never causes a notice"),
        Setting("reader", "choice", "Format", "empty: each file is recognised by itself"),
        Setting(
            "accuracy_s", "number", "Accuracy of its clock, seconds", "how far it may be off; margins are made from it"
        ),
    ),
    "logs": (
        Setting("prefixes", "prefixes", "Prefixes", "the networks whose every holder it names"),
        Setting("interim_s", "number", "Interim, seconds", "how often a live session reports; 0: not known"),
        Setting("gap_s_max", "number", "Longest silence, seconds", "a longer one is a gap, in which nobody is named"),
        Setting(
            "accuracy_s", "number", "Accuracy of its clock, seconds", "how far it may be off; margins are made from it"
        ),
        Setting("lease_s", "number", "Length of a lease, seconds", "where its records do not say; 0: not known"),
        Setting("zone", "zone", "Time zone", "of times without one"),
    ),
    "provider": (
        Setting("prefixes", "prefixes", "Prefixes", "your own networks: nobody else is ever named"),
        Setting(
            "shared_prefixes", "prefixes", "Shared prefixes", "those of your addresses that always serve many at once"
        ),
    ),
    "issuer": (
        Setting(
            "phone_hint",
            "text",
            "Telephone, in words",
            "how letters call the telephone number, never the number itself",
        ),
        Setting("language", "choice", "Language", "of subscribers who chose none"),
        Setting("zone", "zone", "Time zone", "of subscribers who chose none"),
    ),
}


class Change(msgspec.Struct, frozen=True):
    """One setting of a section (of the entry of that name, where there are several) to be changed."""

    section: str
    entry: str  # '' of a section that stands once
    setting: str
    value: Value

    def words(self) -> str:
        return ".".join(part for part in (self.section, self.entry, self.setting) if part)


class Edited(msgspec.Struct, frozen=True):
    """What became of the file: the lines that differ, and the configuration as it is now."""

    diff: tuple[str, ...]
    config: Config


class Writer(msgspec.Struct, frozen=True):
    """Who changes it, and why: both go to the audit."""

    actor: str
    reason: str


def is_writable(path: Path) -> bool:
    """Whether this process may put another file in its place."""
    real = path.resolve()
    return os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)


def seen_of(path: Path) -> str:
    """What a form was made from: a change of another state of the file is refused."""
    return sha256(_read(path)).hexdigest()


def change_settings(book: Book, path: Path, changes: Sequence[Change], writer: Writer, *, seen: str) -> Edited:
    """Make these changes, all or none, keeping the file's comments.

    Raises BadRequest for a setting that is not in EDITABLE, BadConfig when the file would not be a good one, Busy when
    somebody has changed it since `seen`, StorageFailed when it cannot be written.
    """

    def change(document: tomlkit.TOMLDocument) -> None:
        for each in changes:
            _change(document, each)

    return _edit(book, path, change, writer, seen=seen)


def add_source(book: Book, path: Path, name: str, values: dict[str, Value], writer: Writer, *, seen: str) -> Edited:
    """A new source, to be sent to by upload or API: it has no paths. Raises as `change_settings` does."""
    allowed = {setting.name for setting in EDITABLE["sources"]}
    if unknown := sorted(values.keys() - allowed):
        raise BadRequest(f"{unknown[0]!r} cannot be set here")

    def add(document: tomlkit.TOMLDocument) -> None:
        entry = tomlkit.table()
        entry["name"] = name
        for setting, value in values.items():
            if value is not None:
                entry[setting] = _toml(value)
        sources = document.get("sources")
        if isinstance(sources, AoT):
            sources.append(entry)
        elif sources is None:
            fresh = tomlkit.aot()
            fresh.append(entry)
            document["sources"] = fresh
        else:
            raise BadConfig("the sources are not written as [[sources]]", where=str(path), remedy="edit the file")

    return _edit(book, path, add, writer, seen=seen)


def _change(document: tomlkit.TOMLDocument, change: Change) -> None:
    if change.setting not in {setting.name for setting in EDITABLE.get(change.section, ())}:
        raise BadRequest(f"{change.words()} cannot be changed here", remedy="edit the file")
    table = _table(document, change)
    if change.value is None:
        if change.setting in table:
            table.remove(change.setting)
    else:
        table[change.setting] = _toml(change.value)


def _table(document: tomlkit.TOMLDocument, change: Change) -> Table:
    found = document.get(change.section)
    if change.entry:
        entries = found if isinstance(found, AoT) else ()
        for each in entries:
            if isinstance(each, Table) and each.get("name") == change.entry:
                return each
        raise BadRequest(f"there is no {change.section}.{change.entry}", remedy="edit the file")
    if found is None:
        found = tomlkit.table()
        document[change.section] = found
    if not isinstance(found, Table):
        raise BadConfig(f"[{change.section}] is not written as a section", where="the file", remedy="edit the file")
    return found


def _toml(value: Value) -> object:
    """A list of prefixes stands a line each when it is long: a diff then shows which one has come."""
    if isinstance(value, tuple):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(value) > 4)
    return value


def _edit(book: Book, path: Path, edit: Callable[[tomlkit.TOMLDocument], None], writer: Writer, *, seen: str) -> Edited:
    real = path.resolve()
    with _alone(real):
        before = _read(real)
        if sha256(before).hexdigest() != seen:
            raise Busy("the configuration has been changed meanwhile", remedy="look at it again, then change it")
        try:
            document = tomlkit.parse(before.decode("utf-8"))
            edit(document)
            after = tomlkit.dumps(document)
        except (TOMLKitError, UnicodeDecodeError) as error:
            raise BadConfig(f"cannot be changed here: {error}", where=real.name, remedy="edit the file") from error
        diff = tuple(_diff(before.decode("utf-8"), after))
        if not diff:
            return Edited((), load_config(real))
        return Edited(diff, _replace(book, real, after, diff, writer))


def _replace(book: Book, real: Path, after: str, diff: Sequence[str], writer: Writer) -> Config:
    """The new file stands beside the old one, is read as the old one would be, and takes its place with its audit."""
    handle, name = tempfile.mkstemp(prefix=f".{real.name}-", suffix=".toml", dir=_folder(real))
    half = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        config = _checked(half, real)
        shutil.copymode(real, half)
        with suppress(PermissionError):
            os.chown(half, real.stat().st_uid, real.stat().st_gid)
        with book.write() as tx:
            for line in diff:
                audit.append(
                    tx, at=present(), actor=writer.actor, action="settings changed", object=line, reason=writer.reason
                )
            half.replace(real)
        sync_folder(real.parent)
    except OSError as error:
        raise StorageFailed(f"cannot be written: {error.strerror}", where=real.name) from error
    finally:
        half.unlink(missing_ok=True)
    return config


def _checked(half: Path, real: Path) -> Config:
    try:
        config = load_config(half)
        for source in config.sources:
            reader_settings(source, real)
    except BadConfig as error:
        raise BadConfig(error.what, where=error.where.replace(str(half), real.name), remedy=error.remedy) from error
    return config


def _folder(real: Path) -> Path:
    if not is_writable(real):
        raise StorageFailed("this process may not write it", where=real.name, remedy="edit the file")
    return real.parent


def _diff(before: str, after: str) -> Iterator[str]:
    """The lines that went (-) and came (+), each under its section's name; cut to what the audit takes."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=10_000)
    section = ""
    for line in list(lines)[2:]:
        bare = line[1:].strip()
        if bare.startswith("["):
            section = bare
        elif line[:1] == " " and bare.startswith("name =") and section.startswith("[["):
            section = f"{section.partition(' ')[0]} {bare.partition('=')[2].partition('#')[0].strip()}"
        if line[:1] in "+-" and bare:
            yield f"{section} {line[:1]} {bare}"[:290] if not bare.startswith("[") else f"{line[:1]} {bare}"[:290]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageFailed(f"cannot be read: {error.strerror}", where=path.name) from error


@contextmanager
def _alone(real: Path) -> Iterator[None]:
    """One change at a time, over all processes of this machine."""
    folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
