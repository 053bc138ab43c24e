"""What is on this machine, or this disk? The one door of the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.scan.autostart.entries import Entry
from tocsin.scan.autostart.find import entries_on, homes_on, registry_entries
from tocsin.scan.autostart.hive import MAGIC
from tocsin.scan.autostart.registry import HEADS
from tocsin.scan.autostart.traits import programs_of, traits_of
from tocsin.scan.examiner import Examiner
from tocsin.scan.findings import Finding, found
from tocsin.scan.limits import FILES_MAX, FINDINGS_MAX, REGISTRY_BYTES_MAX, SCAN_S
from tocsin.scan.lists import HashList, ServerList
from tocsin.scan.places import Met, NotAFile, meet, read_fd, within
from tocsin.scan.running import Program, judged, opened, programs, talks
from tocsin.scan.vault import Changed, Vault, is_system
from tocsin.scan.walk import walk
from tocsin.terms.errors import StorageFailed

Verdict = Literal["found", "suspicious", "nothing"]
# Where what attacks a machine puts itself; on this machine and on a disk they are walked, homes besides.
USUAL_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/usr/local/bin", "/opt")  # noqa: S108 - looked at, not used
USUAL_IN_HOMES = ("Downloads", ".local/bin", ".local/share", ".config/autostart", ".cache", "bin",
                  "AppData/Roaming", "AppData/Local/Temp", "Library/Application Support")  # fmt: skip
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
_REGISTRY_HEADS = (
    MAGIC,
    *(head.encode() for head in HEADS),
    *(b"\xff\xfe" + head.encode("utf-16-le") for head in HEADS),
)
_HEAD_BYTES = 96


class Setup(msgspec.Struct, frozen=True):
    """What files and connections are compared with; `skip` are the (device, inode) of what is ours; `elapsed` tells
    the seconds since the scan began. With a vault, bad files are moved into it."""

    examiner: Examiner
    hashes: HashList
    servers: ServerList
    now: datetime
    elapsed: Callable[[], float]
    seconds_max: float = SCAN_S
    skip: frozenset[tuple[int, int]] = frozenset()
    vault: Vault | None = None


class Asked(msgspec.Struct, frozen=True):
    """`paths` are walked; `disk` is a mounted one; `this_machine` looks at what runs here too."""

    paths: tuple[Path, ...] = ()
    disk: Path | None = None
    this_machine: bool = False


class Tally(msgspec.Struct):
    """What was looked at, counted while it goes."""

    files: int = 0
    size: int = 0
    entries: int = 0
    programs: int = 0
    found: int = 0
    verdict: Verdict = "nothing"


class TimeUp(Exception):
    """The scan's time is over."""


class Scan:
    """One scan; `tally` is right after `findings` has ended."""

    def __init__(self, asked: Asked, setup: Setup) -> None:
        self.tally = Tally()
        self._asked, self._setup = asked, setup
        self._base = asked.disk or Path("/")
        self._seen: set[tuple[int, int]] = set()

    def findings(self) -> Iterator[Finding]:
        """What was found, as it is found; never raises for what lies on the disk."""
        try:
            for finding in self._all():
                self._weigh(finding)
                self.tally.found += 1
                yield finding
                if self.tally.found >= FINDINGS_MAX:
                    yield found("too-many", limit=f"{FINDINGS_MAX:,}")
                    return
        except TimeUp:
            yield found("time-up")

    def _weigh(self, finding: Finding) -> None:
        if finding.weight == "bad":
            self.tally.verdict = "found"
        elif finding.weight == "suspicious" and self.tally.verdict == "nothing":
            self.tally.verdict = "suspicious"

    def _all(self) -> Iterator[Finding]:
        yield from self._about_lists()
        if self._asked.this_machine:
            yield from self._running()
        if self._asked.this_machine or self._asked.disk:
            yield from self._starting()
            for place in self._usual():
                yield from self._walked(place)
        for path in self._asked.paths:
            yield from self._walked(str(path))

    def _about_lists(self) -> Iterator[Finding]:
        if not (self._setup.examiner.started.rules or self._setup.hashes):
            yield found("nothing-to-compare")
        for rule, why in self._setup.examiner.started.ignored:
            yield found("rule-ignored", rule=rule, why=why)
        for listed in (self._setup.hashes, self._setup.servers):
            for name, count in listed.unused.items():
                if count:
                    yield found("list-lines-unused", list=name, count=str(count))

    def _running(self) -> Iterator[Finding]:
        running: dict[int, Program] = {}
        for program in programs():
            if isinstance(program, Finding):
                yield program
                continue
            running[program.pid] = program
            self.tally.programs += 1
            yield from judged(program)
            try:
                with opened(program) as met:
                    yield from self._file(met, pid=program.pid)
            except OSError as error:
                yield found("unreadable", program.path, pid=program.pid, why=error.strerror or str(error))
        if self._setup.servers:
            yield from talks(self._setup.servers, running)

    def _starting(self) -> Iterator[Finding]:
        for entry in entries_on(self._base):
            yield from self._entry(entry)

    def _entry(self, entry: Entry | Finding) -> Iterator[Finding]:
        """What is to be said of something that starts by itself, and its programs as files."""
        if isinstance(entry, Finding):
            yield entry
            return
        self.tally.entries += 1
        place = f"{entry.path}:{entry.line}" if entry.line else f"{entry.path} {entry.name}"
        for code in list(traits_of(entry)) or ["starts"]:
            yield found(code, entry.path, kind=entry.kind, command=entry.command, place=place)
        for program in programs_of(entry.command):
            path = within(self._base, program)
            try:
                if path is not None:
                    with meet(path) as met:
                        yield from self._file(met)
            except (OSError, ValueError):
                continue  # no such program, or none of ours to read: the entry itself has been told

    def _usual(self) -> Iterator[str]:
        homes = (f"{home}/{name}" for home in homes_on(self._base) for name in USUAL_IN_HOMES)
        for place in (*USUAL_PLACES, *homes):
            path = within(self._base, place)
            if path is not None and path.is_dir():
                yield str(path)

    def _walked(self, top: str) -> Iterator[Finding]:
        for met in walk(top, self._setup.skip):
            if isinstance(met, Finding):
                yield met
                continue
            yield from self._file(met)
            if self.tally.files >= FILES_MAX:
                yield found("too-many", top, limit=f"{FILES_MAX:,}")
                return

    def _file(self, met: Met, pid: int = 0) -> Iterator[Finding]:
        """One file, once a scan, however many names lead to it."""
        if self._setup.elapsed() > self._setup.seconds_max:
            raise TimeUp
        identity = (met.status.st_dev, met.status.st_ino)
        if identity in self._seen or identity in self._setup.skip or not met.status.st_size:
            return
        self._seen.add(identity)
        self.tally.files += 1
        self.tally.size += met.status.st_size
        examined = self._setup.examiner.examine(met.fd)
        if examined.failed:
            yield found("unreadable", met.path, pid=pid, why=examined.failed)
            return
        if examined.left_out:
            yield found(examined.left_out, met.path, pid=pid)
        yield from self._by_head(met)
        bad = [found("rule-matched", met.path, sha256=examined.sha256, pid=pid, rule=rule) for rule in examined.rules]
        listed = self._setup.hashes.find(examined.sha256) if examined.sha256 else None
        if listed is not None:
            bad.insert(0, found("listed-file", met.path, sha256=examined.sha256, pid=pid, list=listed))
        yield from bad
        if bad:
            yield from self._moved(met, examined.sha256, bad[0])

    def _by_head(self, met: Met) -> Iterator[Finding]:
        """Registries tell what Windows starts; packed files are said not to have been opened."""
        head = read_fd(met.fd, _HEAD_BYTES)
        if head.startswith(_REGISTRY_HEADS):
            for entry in registry_entries(Path(met.path), read_fd(met.fd, REGISTRY_BYTES_MAX)):
                yield from self._entry(entry)
        elif head.startswith(_PACKED):
            yield found("packed", met.path)

    def _moved(self, met: Met, digest: str, why: Finding) -> Iterator[Finding]:
        if met.status.st_nlink > 1:
            yield found("other-names", met.path, count=str(met.status.st_nlink - 1))
        if self._setup.vault is None:
            return
        if met.folder < 0:
            yield found("not-moved", met.path, why="it runs; its file is found by its place")
            return
        if is_system(met.path, str(self._base)):
            yield found("system-file", met.path)
            return
        try:
            reason = why.values.get("rule") or why.values.get("list", "")
            held = self._setup.vault.take(met, digest, reason, self._setup.now)
        except (Changed, NotAFile):
            yield found("not-moved", met.path, why="it changed meanwhile")
        except StorageFailed as error:
            yield found("not-moved", met.path, why=error.what)
        else:
            yield found("moved", met.path, sha256=digest, id=held.id)
