"""Two network namespaces with a wire between them: a real DHCP server in one, its clients in the other. Root only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CLIENT = Path(__file__).with_name("dhcp_client.py")
SERVER_V4, RELAY_V4 = "192.0.2.1", "192.0.2.2"
WIRE = "v0"  # the server's end


def why_not(*programs: str) -> str | None:
    """Why no test with these programs can run here; None when one can."""
    absent = [program for program in (*programs, "ip") if shutil.which(program) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return None if os.geteuid() == 0 else "network namespaces need root"


class Link:
    """The two namespaces; programs run in them."""

    def __init__(self) -> None:
        self.server, self.client = (f"tocsin-{os.getpid()}-{side}" for side in ("server", "client"))

    def run(self, side: str, *command: str) -> str:
        done = subprocess.run(
            ["timeout", "20", "ip", "netns", "exec", side, *command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def client_v4(self, mac: str, circuit: str, *actions: str) -> str:
        """What the client behind the relay does (dhcp_client.py); its address."""
        command = (sys.executable, str(CLIENT), SERVER_V4, RELAY_V4, mac, circuit, *actions)
        return self.run(self.client, *command).strip()

    def client_v6(self, folder: Path, *more: str) -> None:
        """dhclient gets an address (and what `more` asks for), keeps it for two seconds, and gives it back."""
        common = ("-6", "-N", *more, "-sf", "/bin/true", "-lf", str(folder / "client"), "-pf", str(folder / "pid6"))
        self.run(self.client, "dhclient", *common, "-1", "-cf", "/dev/null", "v1")
        time.sleep(2)
        self.run(self.client, "dhclient", *common, "-r", "-cf", "/dev/null", "v1")
        time.sleep(0.3)


@contextmanager
def link() -> Iterator[Link]:
    made = Link()
    try:
        for side in (made.server, made.client):
            _ip("netns", "add", side)
        _ip("link", "add", WIRE, "netns", made.server, "type", "veth", "peer", "name", "v1", "netns", made.client)
        for side, wire, address in ((made.server, WIRE, SERVER_V4), (made.client, "v1", RELAY_V4)):
            _ip("-n", side, "link", "set", "lo", "up")
            _ip("netns", "exec", side, "sysctl", "-qw", f"net.ipv6.conf.{wire}.accept_dad=0")
            _ip("-n", side, "link", "set", wire, "up")
            _ip("-n", side, "addr", "add", f"{address}/24", "dev", wire)
        _ip("-n", made.server, "addr", "add", "2001:db8:1::1/64", "dev", WIRE, "nodad")
        yield made
    finally:
        for side in (made.server, made.client):  # a client that still runs would keep its namespace alive
            left = subprocess.run(["ip", "netns", "pids", side], capture_output=True, text=True, check=False).stdout
            for number in left.split():
                os.kill(int(number), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", side], capture_output=True, check=False)


@contextmanager
def serving(link: Link, command: Sequence[str], log: Path, **environment: str) -> Iterator[None]:
    """The server, for as long as the block lasts; what it says goes to `log`."""
    with log.open("wb") as said:
        server = subprocess.Popen(
            ["ip", "netns", "exec", link.server, *command],
            stdout=said, stderr=subprocess.STDOUT, env=os.environ | environment,
        )  # fmt: skip
        try:
            yield
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log.read_text()[-2000:]}") from error
        finally:
            server.terminate()
            server.wait(10)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
