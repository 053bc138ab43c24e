"""What is running: programs, and the servers that they are connected to. Read only; nothing is ended."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path

import msgspec
import psutil

from tocsin.scan.autostart.traits import OPEN_FOLDERS
from tocsin.scan.findings import Finding, found
from tocsin.scan.limits import CONNECTIONS_MAX, PROCESSES_MAX
from tocsin.scan.lists import ServerList
from tocsin.scan.places import Met, meet

_DELETED = " (deleted)"
_MEMORY = ("/memfd:", "/dev/zero", "/proc/")
_KERNEL_THREAD = re.compile(r"\[(?:k\w+|migration|rcu\w*|cpuhp|watchdog|ksoftirqd)[/:\w.+-]*\]")


class Program(msgspec.Struct, frozen=True):
    """A running process: `path` of its program ('' where it cannot be seen), as the system tells it."""

    pid: int
    name: str
    path: str
    command: str = ""


def programs() -> Iterator[Program | Finding]:
    """Every process that can be seen. Kernel threads have no program and are left out."""
    try:
        listed = list(islice(psutil.process_iter(), PROCESSES_MAX))
    except psutil.Error as error:
        yield found("no-processes", why=str(error))
        return
    hidden = 0
    for process in listed:
        try:
            program = Program(process.pid, process.name(), _path_of(process), " ".join(process.cmdline()[:20]))
        except (psutil.NoSuchProcess, FileNotFoundError):
            continue
        except (psutil.Error, OSError):
            hidden += 1
            continue
        if program.path:
            yield program
    if hidden:
        yield found("no-processes", why=f"{hidden} processes belong to others")


def judged(program: Program) -> Iterator[Finding]:
    """What is suspicious in how it runs; a reason to look, no verdict."""
    path = program.path.removesuffix(_DELETED)
    is_deleted, is_open = program.path.endswith(_DELETED), path.startswith(OPEN_FOLDERS)
    if path.startswith(_MEMORY):
        yield _found("running-from-memory", program)
    elif is_deleted:
        yield _found("running-deleted-open" if is_open else "running-deleted", program)
    elif is_open:
        yield _found("running-open-folder", program)
    if _KERNEL_THREAD.fullmatch(program.command.strip()) or _KERNEL_THREAD.fullmatch(program.name):
        yield _found("running-disguised", program)


def talks(servers: ServerList, names: dict[int, Program]) -> Iterator[Finding]:
    """Connections to servers of the list; of each process and server one."""
    try:
        connections = psutil.net_connections(kind="inet")
    except (psutil.Error, OSError) as error:
        yield found("no-connections", why=str(error))
        return
    told = set()
    for connection in connections[:CONNECTIONS_MAX]:
        if not connection.raddr:
            continue
        address, port, pid = connection.raddr.ip, connection.raddr.port, connection.pid or 0
        listed = servers.find(address, port)
        if listed is None or (pid, address, port) in told:
            continue
        told.add((pid, address, port))
        program = names.get(pid)
        peer = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        yield found(
            "listed-server" if listed[1] else "listed-address",
            program.path if program else "",
            pid=pid,
            peer=peer,
            list=listed[0],
            program=program.name if program else "?",
        )


def opened(program: Program) -> AbstractContextManager[Met]:
    """The very program that runs: in its place, or, where its file is gone or another's (Linux), as the kernel still
    has it; then there is no folder that it could be moved from. Entering raises OSError."""
    link = f"/proc/{program.pid}/exe"
    try:
        if os.path.samefile(program.path, link):
            return meet(Path(os.path.realpath(program.path)))
    except OSError:
        pass
    return _without_place(program, link) if os.path.islink(link) else meet(Path(program.path))


@contextmanager
def _without_place(program: Program, link: str) -> Iterator[Met]:
    fd = os.open(link, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield Met(program.path, -1, "", fd, os.fstat(fd))
    finally:
        os.close(fd)


def _path_of(process: psutil.Process) -> str:
    """As the kernel says it, ` (deleted)` and all; elsewhere as psutil has it."""
    link = f"/proc/{process.pid}/exe"
    return os.readlink(link) if os.path.islink(link) else process.exe()


def _found(code: str, program: Program) -> Finding:
    return found(code, program.path, pid=program.pid, program=program.name, command=program.command)
