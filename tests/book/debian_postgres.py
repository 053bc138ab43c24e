"""Debian's own PostgreSQL: a cluster of ours in a folder of its own, reached by a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

_BINARIES = Path("/usr/lib/postgresql")
_ACCOUNT = "postgres"  # the server refuses to run as root


def newest_binaries() -> Path | None:
    """Where the newest installed version's programs are: `/usr/lib/postgresql/15/bin` on Debian 12."""
    found = [path for path in _BINARIES.glob("*/bin") if (path / "initdb").exists()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def running(binaries: Path) -> Iterator[sa.URL]:
    """A running server, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-", dir="/tmp"))
    if os.getuid() == 0:
        shutil.chown(folder, _ACCOUNT)
    data = folder / "data"
    try:
        _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", _ACCOUNT, "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=100"
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield sa.make_url(f"postgresql+psycopg://{_ACCOUNT}@/postgres?host={folder}")
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*words: object) -> None:
    command = [str(word) for word in words]
    if os.getuid() == 0:
        command = ["runuser", "-u", _ACCOUNT, "--", *command]
    subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def has_account() -> bool:
    """Whether there is somebody as whom the server can run."""
    try:
        pwd.getpwnam(_ACCOUNT)
    except KeyError:
        return os.getuid() != 0
    return True
