"""The picture of docs/what-your-provider-can-see.md, made of a household that was written by hand.

Run as a program (`python -m tests.traffic.picture`) it draws it anew.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.home.home_world import Home
from tocsin.engine import Engine
from tocsin.traffic.judge import judge
from tocsin.traffic.page import time_line
from tocsin.traffic.read import read_traffic

PICTURE = Path(__file__).parents[2] / "docs" / "flows-camera.svg"
CAMERA = "192.168.1.20"


def camera_picture(folder: Path) -> str:
    """A camera that is called for each minute by its master, and scans for ten minutes when it is told to."""
    home = Home()
    home.ordinary("192.168.1.21")
    home.scanner(CAMERA, at_s=2400, tries=2000)
    for minute in range(120):
        home.flow(CAMERA, "198.51.100.200", 48101, at_s=minute * 60, caller_port=30000 + minute)
    logs = home.write(folder / "logs")
    with Engine(folder / "work") as engine:
        found = judge(read_traffic(engine, [logs]))
    [host] = [each for each in found.hosts if each.host == CAMERA]
    return time_line(host, host.behaviours) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        PICTURE.write_text(camera_picture(Path(work)))
