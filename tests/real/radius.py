"""A real FreeRADIUS on loopback, for as long as it takes to give it some accounting records."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

INSTALLED = shutil.which("freeradius") is not None and shutil.which("radclient") is not None
WHY_NOT = "FreeRADIUS is not installed (apt-get install freeradius freeradius-utils)"

_CONFIG = """
prefix = /usr
localstatedir = {folder}
logdir = {folder}
raddbdir = {folder}
run_dir = {folder}
libdir = /usr/lib/freeradius
modconfdir = /etc/freeradius/3.0/mods-config
log {{ destination = files
  file = {folder}/radius.log }}
security {{ allow_vulnerable_openssl = yes }}
client nas {{
  ipaddr = 127.0.0.1
  secret = testing123
}}
modules {{
{modules}
}}
server default {{
  listen {{
    type = acct
    ipaddr = 127.0.0.1
    port = {port}
  }}
  accounting {{
{accounting}
  }}
}}
"""

SESSION = """User-Name = "{user}"
NAS-Identifier = "bng-1"
NAS-IP-Address = 192.0.2.1
NAS-Port-Id = "slot 3 port 11"
Acct-Session-Id = "0000A7F3"
Framed-IP-Address = 203.0.113.7
Framed-IPv6-Prefix = 2001:db8:1:2::/64
Delegated-IPv6-Prefix = 2001:db8:ab00::/56
Calling-Station-Id = "02:00:00:00:00:07"
Acct-Status-Type = {status}
Acct-Delay-Time = {delay}
{more}
"""


def account(folder: Path, *, modules: str, accounting: str, records: str) -> None:
    """Let FreeRADIUS, with these modules called in this order, answer the records; then stop it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = _CONFIG.format(folder=folder, port=port, modules=modules, accounting=accounting)
    (folder / "radiusd.conf").write_text(config)
    server = subprocess.Popen(
        ["freeradius", "-f", "-d", str(folder), "-n", "radiusd"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        _send(folder, port, records)
    finally:
        server.terminate()
        server.wait(10)


def _send(folder: Path, port: int, records: str) -> None:
    log = folder / "radius.log"
    for _ in range(100):
        if log.exists() and "Ready to process requests" in log.read_text():
            break
        time.sleep(0.1)
    (folder / "records").write_text(records)
    done = subprocess.run(
        ["radclient", "-d", str(folder), "-r", "3", "-t", "2", "-p", "1", "-f", str(folder / "records"),
         f"127.0.0.1:{port}", "acct", "testing123"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.fail(f"FreeRADIUS did not answer: {done.stderr}\n{log.read_text() if log.exists() else ''}")
