"""A real FreeRADIUS as the access server: it takes CoA and Disconnect on loopback and knows which sessions are open.

The wire is FreeRADIUS's own; what a router would know of its sessions stands in a JSON file that a small program reads.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRET = "testing123"
_START_S = 20
_CONFIG = """
prefix = /usr
localstatedir = {folder}
logdir = {folder}
raddbdir = {folder}
run_dir = {folder}
libdir = /usr/lib/freeradius
log {{ destination = files
  file = {folder}/radius.log }}
security {{ allow_vulnerable_openssl = yes }}
client desk {{
  ipaddr = 127.0.0.1
  secret = testing123
  require_message_authenticator = yes
}}
modules {{
  always ok {{
    rcode = ok
  }}
  always reject {{
    rcode = reject
  }}
  exec nas {{
    wait = yes
    program = "{python} {folder}/nas.py {folder}/sessions.json"
    input_pairs = request
    output_pairs = reply
    shell_escape = no
    timeout = 8
  }}
}}
server default {{
  listen {{
    type = coa
    ipaddr = 127.0.0.1
    port = {port}
  }}
  recv-coa {{
    if (!&Message-Authenticator) {{
      update reply {{
        &Error-Cause := Invalid-Request
      }}
      reject
    }}
    nas
  }}
  send-coa {{
    {signed}
  }}
}}
"""
_NAS = '''
"""Which session fits, and what becomes of it. Says Error-Cause by its output, ACK or NAK by its exit code."""
import json, os, sys
path = sys.argv[1]
held = {name: os.environ.get(name, "").strip('"') for name in (
    "User-Name", "Acct-Session-Id", "Framed-IP-Address", "NAS-Identifier", "Filter-Id", "Event-Timestamp")}
known = json.load(open(path))
known["heard"].append(held)
def fits(s):
    asked = (held["User-Name"], held["Acct-Session-Id"], held["Framed-IP-Address"], held["NAS-Identifier"])
    return all(not a or a == b for a, b in zip(asked, (s["login"], s["session"], s["address"], s["nas"])))
found = [s for s in known["sessions"] if fits(s)]
cause = known["cause"] or (503 if not found else 508 if len(found) > 1 else 0)
if not cause:
    if held["Filter-Id"]:
        found[0]["filter"] = held["Filter-Id"]
    else:
        known["sessions"].remove(found[0])
json.dump(known, open(path + ".new", "w")); os.replace(path + ".new", path)
if cause:
    print("Error-Cause = %d" % cause)
sys.exit(1 if cause else 0)
'''


class AccessServer:
    """`sessions` are open at it; `heard` is what it was asked, in order."""

    def __init__(self, folder: Path, port: int) -> None:
        self._path = folder / "sessions.json"
        self.port = port
        self.secret_file = folder / "secret"
        self._write({"sessions": [], "heard": [], "cause": 0})

    def open(self, login: str, session: str, address: str, nas: str = "bng-1") -> None:
        """A session begins."""
        known = self._read()
        known["sessions"].append({"login": login, "session": session, "address": address, "nas": nas, "filter": ""})
        self._write(known)

    def close(self, session: str) -> None:
        known = self._read()
        known["sessions"] = [each for each in known["sessions"] if each["session"] != session]
        self._write(known)

    def says(self, cause: int) -> None:
        """From now on it refuses everything with this Error-Cause; 0: no more."""
        self._write(self._read() | {"cause": cause})

    @property
    def filters(self) -> dict[str, str]:
        """The filter of each open session."""
        return {each["session"]: each["filter"] for each in self._read()["sessions"]}

    @property
    def heard(self) -> list[dict[str, str]]:
        return list(self._read()["heard"])

    def _read(self) -> dict[str, list[dict[str, str]]]:
        known: dict[str, list[dict[str, str]]] = json.loads(self._path.read_text("utf-8"))
        return known

    def _write(self, known: object) -> None:
        fresh = self._path.with_suffix(".fresh")
        fresh.write_text(json.dumps(known), encoding="utf-8")
        os.replace(fresh, self._path)


@contextmanager
def access_server(folder: Path, *, signs: bool = True) -> Iterator[AccessServer]:
    """It runs for as long as the block does. `signs`: its answers carry a Message-Authenticator."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sign = "update reply {\n Message-Authenticator := 0x00\n}" if signs else "ok"
    config = _CONFIG.format(folder=folder, port=port, python=sys.executable, signed=sign)
    (folder / "radiusd.conf").write_text(config, encoding="utf-8")
    (folder / "nas.py").write_text(_NAS, encoding="utf-8")
    (folder / "secret").write_text(SECRET + "\n", encoding="utf-8")
    (folder / "secret").chmod(0o600)
    opened = AccessServer(folder, port)
    server = subprocess.Popen(
        ["freeradius", "-f", "-d", str(folder), "-n", "radiusd"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        _await(folder / "radius.log", server)
        yield opened
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout is not None:
            server.stdout.close()


def _await(log: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while not (log.exists() and "Ready to process requests" in log.read_text("utf-8", "replace")):
        said = log.read_text("utf-8", "replace") if log.exists() else ""
        assert server.poll() is None, f"FreeRADIUS ended: {said}"
        assert time.monotonic() < until, f"FreeRADIUS did not start: {said}"
        time.sleep(0.05)
