"""Obeys the queue without the book, and is killed at its n-th write, rename or removal: `CONFIG DATA N`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.garden.queue import alone, obey
from tocsin.pipeline.config import load_config

_steps = iter(range(1, int(sys.argv[3])))  # those that it lives through


def counted(real: Callable[..., Any]) -> Callable[..., Any]:
    """It may die before it is done: that is after the one before, and after whatever lies between."""

    def step(*positional: Any, **named: Any) -> Any:
        if next(_steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*positional, **named)

    return step


def main() -> None:
    config_file, data = Path(sys.argv[1]), Path(sys.argv[2])
    config = load_config(config_file)
    os.fsync = counted(os.fsync)
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]
    with alone(data):
        obey(data, config.garden, config_file.parent, at=datetime(2026, 11, 24, 12, tzinfo=UTC))


main()
