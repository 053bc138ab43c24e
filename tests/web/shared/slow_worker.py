"""A worker process whose only kind of work takes as long as its payload says: `python -m … CONFIG NOTES`.

It writes a line to NOTES when it begins and when it ends a job.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import msgspec

from tocsin.pipeline.clock import present
from tocsin.pipeline.house import House
from tocsin.pipeline.work import Pace, Worker
from tocsin.web.shared.site import Site

PACE = Pace(lasts=timedelta(seconds=2), renew_s=0.4, idle_s=0.05)


def main(config_file: Path, notes: Path) -> None:
    site = Site.open(config_file=config_file, data=None)

    def slow(house: House, payload: bytes) -> bytes:
        seconds = msgspec.json.decode(payload, type=float)
        note(notes, "begin")
        time.sleep(seconds)
        note(notes, "end")
        return b'"done"'

    worker = Worker(site.book, site.config, site.fresh_house, clock=present, kinds={"slow": slow}, pace=PACE)
    worker.serve(threading.Event())


def note(notes: Path, what: str) -> None:
    with notes.open("a") as file:
        file.write(f"{what} {os.getpid()}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
