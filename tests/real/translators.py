"""Programs that tell of translated connections: a router in network namespaces, nfcapd fed with NAT events."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path

START_S_MAX = 30

# Run in namespaces of its own: nothing of the machine's network is touched.
_ROUTER = """set -e
mount -t tmpfs none /run
ip netns add client; ip netns add server
ip link add r0 type veth peer name c0 netns client
ip link add r1 type veth peer name s0 netns server
ip addr add 10.0.0.1/24 dev r0; ip addr add 203.0.113.1/24 dev r1; ip link set r0 up; ip link set r1 up
ip -n client addr add 10.0.0.5/24 dev c0; ip -n client link set c0 up; ip -n client route add default via 10.0.0.1
ip -n server addr add 203.0.113.9/24 dev s0; ip -n server link set s0 up
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -t nat -A POSTROUTING -o r1 -p udp -j MASQUERADE --to-ports 2000-2010
echo ready > "$2"
conntrack -E -o "$1" > "$2" & events=$!
sleep 0.5
ip netns exec client bash -c 'echo hi > /dev/udp/203.0.113.9/9000'
bash -c 'echo hi > /dev/udp/203.0.113.9/9001'
sleep 0.2
conntrack -D -p udp > /dev/null 2>&1 || true
sleep 0.5
kill $events
"""


def conntrack_events(folder: Path, form: str) -> str | None:
    """What `conntrack -E -o FORM` prints while 10.0.0.5 and the router send a packet each; None where it cannot."""
    tools = ("unshare", "ip", "iptables", "conntrack")
    if os.geteuid() != 0 or not all(map(shutil.which, tools)):
        return None
    out = folder / "events"
    command = ["unshare", "--net", "--mount", "bash", "-c", _ROUTER, "router", form, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=START_S_MAX)
    text = out.read_text() if out.exists() else ""
    return None if done.returncode and not text else text  # a kernel without these modules does not get ready


def nfdump_prints(folder: Path, packet: bytes, form: str) -> str:
    """What `nfdump -o FORM` prints, in UTC, of one NetFlow packet that nfcapd received."""
    flows = folder / "flows"
    flows.mkdir(exist_ok=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    collector = subprocess.Popen(
        ["nfcapd", "-w", str(flows), "-b", "127.0.0.1", "-p", str(port), "-t", "3600"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert collector.stdout is not None
        until = time.monotonic() + START_S_MAX
        while "Startup" not in collector.stdout.readline():
            assert time.monotonic() < until
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(packet, ("127.0.0.1", port))
        while "exporter" not in collector.stdout.readline():
            assert time.monotonic() < until
    finally:
        collector.terminate()
        collector.communicate(timeout=START_S_MAX)
    [file] = flows.glob("nfcapd.*")
    done = subprocess.run(
        ["nfdump", "-6", "-r", str(file), "-o", form],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TZ": "UTC"},
    )
    file.unlink()
    return done.stdout


Fields = list[tuple[int, int]]  # (information element, octets)


def netflow_v9(templates: dict[int, Fields], records: list[tuple[int, tuple[int | str, ...]]]) -> bytes:
    """A packet (RFC 3954) of its templates and of records (template, values); text is an IPv4 address."""
    body = _flowset(
        0,
        b"".join(
            struct.pack("!HH", number, len(fields)) + b"".join(struct.pack("!HH", *field) for field in fields)
            for number, fields in templates.items()
        ),
    )
    for number, values in records:
        octets = [
            socket.inet_aton(value) if isinstance(value, str) else value.to_bytes(size, "big")
            for value, (_, size) in zip(values, templates[number], strict=True)
        ]
        body += _flowset(number, b"".join(octets))
    return struct.pack("!HHIIII", 9, len(templates) + len(records), 100_000, 1_795_521_600, 1, 0) + body


def _flowset(number: int, body: bytes) -> bytes:
    padding = -len(body) % 4
    return struct.pack("!HH", number, 4 + len(body) + padding) + body + b"\0" * padding
