"""A real FreeRADIUS writes the detail file that we read: Debian's package, on loopback, with radclient as the NAS."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import TABLES, read_log
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake

pytestmark = pytest.mark.skipif(
    shutil.which("freeradius") is None or shutil.which("radclient") is None,
    reason="FreeRADIUS is not installed (apt-get install freeradius freeradius-utils)",
)

_CONFIG = """
prefix = /usr
localstatedir = {folder}
logdir = {folder}
raddbdir = {folder}
run_dir = {folder}
libdir = /usr/lib/freeradius
modconfdir = {folder}
log {{ destination = files
  file = {folder}/radius.log }}
security {{ allow_vulnerable_openssl = yes }}
client nas {{
  ipaddr = 127.0.0.1
  secret = testing123
}}
modules {{
  detail {{
    filename = {folder}/detail
    header = "%t"
    permissions = 0600
    locking = no
  }}
}}
server default {{
  listen {{
    type = acct
    ipaddr = 127.0.0.1
    port = {port}
  }}
  accounting {{
    detail
  }}
}}
"""

_SESSION = """User-Name = "anna@dsl.example"
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
_RECORDS = "\n".join(
    (
        _SESSION.format(status="Start", delay=0, more=""),
        _SESSION.format(status="Interim-Update", delay=7, more="Acct-Session-Time = 1800"),
        _SESSION.format(status="Stop", delay=0, more="Acct-Session-Time = 3600\nAcct-Terminate-Cause = User-Request"),
        'NAS-Identifier = "bng-1"\nNAS-IP-Address = 192.0.2.1\nAcct-Session-Id = "x"\n'
        "Acct-Status-Type = Accounting-On\n",
    )
)


@pytest.fixture
def detail(tmp_path: Path) -> Iterator[Path]:
    """The detail file that FreeRADIUS wrote of those records."""
    folder = tmp_path / "radius"
    folder.mkdir()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "radiusd.conf").write_text(_CONFIG.format(folder=folder, port=port))
    server = subprocess.Popen(
        ["freeradius", "-f", "-d", str(folder), "-n", "radiusd"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        _send(folder, port)
        yield folder / "detail"
    finally:
        server.terminate()
        server.wait(10)


def _send(folder: Path, port: int) -> None:
    (folder / "records").write_text(_RECORDS)
    for _ in range(20):  # until the server listens
        done = subprocess.run(
            ["radclient", "-d", str(folder), "-r", "1", "-t", "1", "-f", str(folder / "records"), f"127.0.0.1:{port}",
             "acct", "testing123"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
        (folder / "detail").unlink(missing_ok=True)
        time.sleep(0.5)
    log = folder / "radius.log"
    pytest.fail(f"FreeRADIUS did not answer: {done.stderr}\n{log.read_text() if log.exists() else ''}")


def test_what_freeradius_wrote_is_read_without_loss(detail: Path, lake: Lake, tmp_path: Path) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - the real server stamps its records with the real time
    log = LogConfig(name="radius", reader="freeradius", prefixes=("203.0.113.0/24",))
    kept = keep(tmp_path / "data", detail)
    with lake.writing(*TABLES) as writing:
        found = read_log(writing, kept, log, name="detail", at=now, window=window_at(now))
    assert found.rejects == 0
    rows = lake.engine.rows(
        f'SELECT status, count(*), count(network), max(session_s), min("at") FROM {lake.scan("lease_events")}'
        " GROUP BY status ORDER BY status"
    )
    counts = {status: (events, networks, session_s) for status, events, networks, session_s, _ in rows}
    assert counts == {
        "start": (3, 3, None),
        "interim": (3, 3, 1800),
        "stop": (3, 3, 3600),
        "nas-on": (1, 0, None),
    }
    moments = {str(status): at for status, _, _, _, at in rows if isinstance(at, datetime)}
    assert all(abs(now - at) < timedelta(minutes=1) for at in moments.values())
    delay = moments["start"] - moments["interim"]
    assert timedelta(seconds=5) <= delay <= timedelta(seconds=9), "RFC 2866 §5.2: it was sent 7 s late and says so"
