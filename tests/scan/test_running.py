"""Programs that run and their connections: real processes of our own, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.scan.scan_world import codes
from tocsin.scan import running
from tocsin.scan.findings import Finding
from tocsin.scan.lists import ServerList
from tocsin.scan.running import Program, judged, opened, programs, talks

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@contextmanager
def _sleeping(file: Path, name: str = "x") -> Iterator[Program]:
    """A copy of `sleep` that runs, once its program is really the copy."""
    shutil.copy(shutil.which("sleep") or "", file)
    process = subprocess.Popen([name, "60"], executable=file)
    try:
        for _ in range(500):
            if os.readlink(f"/proc/{process.pid}/exe") == str(file):
                break
            time.sleep(0.01)
        yield next(p for p in programs() if isinstance(p, Program) and p.pid == process.pid)
    finally:
        process.kill()
        process.wait()


def test_a_program_whose_file_was_deleted_is_still_read(tmp_path: Path) -> None:
    with _sleeping(tmp_path / "bot") as program:
        content = (tmp_path / "bot").read_bytes()
        with opened(program) as met:
            assert met.folder >= 0
        (tmp_path / "bot").unlink()
        gone = next(p for p in programs() if isinstance(p, Program) and p.pid == program.pid)
        assert gone.path.endswith(" (deleted)")
        with opened(gone) as met:
            assert os.read(met.fd, len(content) + 1) == content
            assert met.folder == -1


def test_a_program_that_calls_itself_a_part_of_the_kernel(tmp_path: Path) -> None:
    with _sleeping(tmp_path / "bot") as program:
        named = Program(program.pid, program.name, program.path, "[kworker/0:1]")
        assert "running-disguised" in codes(list(judged(named)))
        assert "running-disguised" not in codes(list(judged(program)))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/bin/python3.11", []),
        ("/usr/bin/python3.11 (deleted)", ["running-deleted"]),
        ("/tmp/.x/bot", ["running-open-folder"]),
        ("/dev/shm/bot (deleted)", ["running-deleted-open"]),
        ("/memfd:x (deleted)", ["running-from-memory"]),
    ],
)
def test_how_a_program_runs(path: str, expected: list[str]) -> None:
    assert codes(list(judged(Program(1, "x", path, "x")))) == expected


@pytest.mark.parametrize(("listed", "code"), [("127.0.0.2:{port}", "listed-server"), ("127.0.0.2", "listed-address")])
def test_a_connection_to_a_server_of_the_list_is_told_with_its_program(listed: str, code: str) -> None:
    with socket.create_server(("127.0.0.2", 0)) as listening:
        port = listening.getsockname()[1]
        servers = ServerList()
        servers.add("c2.txt", [listed.format(port=port)])
        names = {os.getpid(): Program(os.getpid(), "python", "/usr/bin/python")}
        assert [f for f in talks(servers, names) if f.values.get("peer") == f"127.0.0.2:{port}"] == []
        with socket.create_connection(("127.0.0.2", port)):
            told = [f for f in talks(servers, names) if f.values.get("peer") == f"127.0.0.2:{port}"]
    assert [(f.code, f.pid, f.path, f.values["list"]) for f in told] == [
        (code, os.getpid(), "/usr/bin/python", "c2.txt")
    ]


def test_what_may_not_be_seen_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise psutil.AccessDenied(1)

    monkeypatch.setattr(psutil, "net_connections", denied)
    assert codes(list(talks(ServerList(), {}))) == ["no-connections"]
    monkeypatch.setattr(running, "_path_of", denied)
    assert [told.code for told in programs() if isinstance(told, Finding)] == ["no-processes"]
