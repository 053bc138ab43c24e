"""Which process this is, and whether another still lives: what a killed one has left belongs to nobody."""

from __future__ import annotations

import os
import socket
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

_PROC = Path("/proc")
_HOST_CHARS_MAX = 40
_MARK_CHARS = 16
_START_FIELD = 19  # of /proc/<pid>/stat, counted after the name: when it started, in ticks since boot; proc(5)


class Fate(StrEnum):
    """What is known of a process."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"  # of another host, or of a name that we did not make


def this_process() -> str:
    """`host:pid:mark`, at most 65 characters; the mark tells it from an earlier process of the same number."""
    return f"{_host()}:{os.getpid()}:{_mark(os.getpid())}"


def fate_of(name: str) -> Fate:
    """Of a process as `this_process` named it. A number that has been given to another process since is `gone`."""
    host, pid, mark = (*name.rsplit(":", 2), "", "")[:3]
    if host != _host() or not (pid.isascii() and pid.isdigit()) or not mark or not _mark(os.getpid()):
        return Fate.UNKNOWN
    return Fate.ALIVE if _mark(int(pid)) == mark else Fate.GONE


def is_running(pid: int) -> bool:
    """Whether a process of this host has that number now; one that has died and was not fetched yet does not run."""
    return bool(_mark(pid))


def _host() -> str:
    return socket.gethostname()[:_HOST_CHARS_MAX]


def _mark(pid: int) -> str:
    """Follows from boot, PID namespace and start; '' where there is no such process (or no /proc)."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("utf-8")
        space = os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()
    if state in ("Z", "X"):  # dead; only its parent has not asked for it yet
        return ""
    return sha256(f"{boot}\n{space}\n{fields[_START_FIELD - 1]}".encode()).hexdigest()[:_MARK_CHARS]
