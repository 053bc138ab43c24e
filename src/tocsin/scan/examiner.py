"""The examiner seen from outside: files are handed to another process, which is killed and replaced when it dies or
takes too long."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType

import msgspec

from tocsin.scan.limits import EXAMINERS_MAX, FILE_S_MAX
from tocsin.scan.rules import RuleFile
from tocsin.scan.worker import Examined, Started
from tocsin.terms.errors import BadConfig, StorageFailed

_ANSWER_BYTES_MAX = 16 * 1024 * 1024
_COMPILE_S_MAX = 600.0
_END_S_MAX = 5.0
Command = Callable[[int], list[str]]


class _Died(Exception):
    """It ended or said something else than an answer."""


class _TooLong(Exception):
    """It did not answer in time."""


def _command(fd: int) -> list[str]:
    return [sys.executable, "-m", "tocsin.scan.worker", str(fd)]


class Examiner:
    """Examines files by their descriptors, one after another. BadConfig when a file of rules cannot be used."""

    def __init__(
        self, rules: tuple[RuleFile, ...] = (), *, file_s_max: float = FILE_S_MAX, command: Command = _command
    ) -> None:
        self.replaced = 0
        self._rules, self._file_s_max, self._command = rules, file_s_max, command
        self.started = self._start()

    def __enter__(self) -> Examiner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def examine(self, fd: int) -> Examined:
        """`left_out` says `broke-examiner` or `too-slow` where the process died of the file or was killed over it."""
        try:
            socket.send_fds(self._files, [b"."], [fd])
            return msgspec.json.decode(self._line(self._file_s_max), type=Examined)
        except (_Died, OSError, msgspec.DecodeError):
            code = "broke-examiner"
        except _TooLong:
            code = "too-slow"
        self._replace()
        return Examined(left_out=code)

    def _start(self) -> Started:
        self._files, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by this very interpreter
                self._command(theirs.fileno()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._read = b""
        try:
            assert self._process.stdin
            self._process.stdin.write(msgspec.json.encode(self._rules))
            self._process.stdin.close()
            started = msgspec.json.decode(self._line(_COMPILE_S_MAX), type=Started)
        except (_Died, _TooLong, OSError, msgspec.DecodeError) as error:
            self._end()
            raise StorageFailed(
                "the process that examines files does not start",
                remedy="fewer rules need less memory; is yara-x installed (pip install 'tocsin[scan]')?",
            ) from error
        if started.broken:
            self._end()
            raise BadConfig(started.broken, remedy="correct the rules, or leave this file out")
        return started

    def _line(self, wait_s: float) -> bytes:
        """The next line of its answers."""
        assert self._process.stdout
        out = self._process.stdout.fileno()
        while b"\n" not in self._read:
            if not select.select([out], [], [], wait_s)[0]:
                raise _TooLong
            chunk = os.read(out, 65_536)
            if not chunk or len(self._read) > _ANSWER_BYTES_MAX:
                raise _Died
            self._read += chunk
        line, _, self._read = self._read.partition(b"\n")
        return line

    def _replace(self) -> None:
        self._end()
        self.replaced += 1
        if self.replaced > EXAMINERS_MAX:
            raise StorageFailed(
                f"the process that examines files died {EXAMINERS_MAX} times",
                remedy="scan fewer files at once; the last ones told as `broke-examiner` show where",
            )
        self._start()

    def _end(self) -> None:
        self._files.close()
        self._process.kill()
        self._process.wait(_END_S_MAX)
        if self._process.stdout:
            self._process.stdout.close()
