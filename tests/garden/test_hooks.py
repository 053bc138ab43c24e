"""Other access servers: a program is an argument list and never a shell; an HTTP server may break at every step."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import pytest

from tests.garden.hooks_world import ORDER, Server, answering, program, said
from tocsin.garden.config import NasSection
from tocsin.garden.hooks import ANSWER_BYTES_MAX, tell_by_command, tell_by_http
from tocsin.terms.errors import BadConfig

_ORDER = {
    "what": "enclose",
    "quarantine": "G-0123456789AB",
    "nas": "bng-1",
    "session": "a-1",
    "login": "anna'; touch $(x) `y` | z@isp.example",
    "address": "198.51.100.7",
    "at": "2026-11-24T03:16:00Z",
}


# --- a program ---------------------------------------------------------------------------------------------------


def test_a_program_gets_the_order_as_json_and_its_arguments_as_they_stand(tmp_path: Path) -> None:
    """No shell has read the arguments, and the login is not among them."""
    told = "[sys.argv[2:], json.load(sys.stdin), dict(os.environ)]"
    write = f"import json, os, sys; json.dump({told}, open(sys.argv[1], 'w'))"
    out = tmp_path / "heard"
    os.environ["TOCSIN_SECRET_OF_A_TEST"] = "x"
    try:
        answer = tell_by_command(program(tmp_path, write, str(out), "$HOME", "a b; touch c", "*"), ORDER)
    finally:
        del os.environ["TOCSIN_SECRET_OF_A_TEST"]
    arguments, order, environment = json.loads(out.read_text("utf-8"))
    assert answer.next == "done"
    assert arguments == ["$HOME", "a b; touch c", "*"]
    assert order == _ORDER
    assert "TOCSIN_SECRET_OF_A_TEST" not in environment
    assert sorted(each.name for each in tmp_path.iterdir()) == ["heard", "program.py"]


@pytest.mark.parametrize(
    ("text", "next_", "words"),
    [
        ("", "done", "done"),
        ('print(\'{"next": "gone", "words": "no such session"}\')', "gone", "no such session"),
        ('print(\'{"next": "later", "words": "busy"}\')', "later", "busy"),
        ('import sys; print(\'{"next": "later", "words": "busy"}\'); sys.exit(3)', "later", "busy"),
        ('import sys; print(\'{"next": "done"}\'); sys.exit(1)', "person", "it ended with 1"),
        ("import sys; sys.exit(7)", "person", "it ended with 7"),
        ('print(\'{"next": "maybe"}\')', "done", "done"),
        ("print('x' * 70_000)", "person", "its answer is too long to be one"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "person", "it ended with -9"),
        ("import os; os.close(0); print('')", "done", "done"),  # it does not want to know
    ],
)
def test_what_a_program_says(tmp_path: Path, text: str, next_: str, words: str) -> None:
    answer = tell_by_command(program(tmp_path, text), ORDER)
    assert (answer.next, answer.words, answer.sent) == (next_, words, True)


def test_a_program_that_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    text = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\ntime.sleep(60)"
    )
    answer = tell_by_command(program(tmp_path, text, timeout_s=3.0), ORDER)
    assert answer.next == "later"
    assert "did not end within 3 s" in answer.words
    assert _is_gone(int(pid.read_text()))


def test_a_program_that_is_not_there_is_for_a_person() -> None:
    answer = tell_by_command(NasSection(name="all", via="command", command=("/nowhere/garden",)), ORDER)
    assert (answer.next, answer.sent) == ("person", False)
    with pytest.raises(BadConfig, match="whole path"):
        NasSection(name="all", via="command", command=("garden",))


def _is_gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


# --- HTTP --------------------------------------------------------------------------------------------------------


def test_a_server_gets_the_order_once_by_name_with_its_token() -> None:
    with answering("200 OK", said("done", "a\nb")) as server:
        answer = tell_by_http(server.nas, ORDER, "secret")
        again = tell_by_http(server.nas, ORDER, "")
    assert (answer.next, answer.words) == ("done", "a b")
    assert again.next == "done"
    (head, body), (second, _) = server.heard
    assert head[0] == "POST /garden?x=1 HTTP/1.1"
    assert "Authorization: Bearer secret" in head
    assert not any(line.startswith("Authorization") for line in second)
    keys = [line for line in (*head, *second) if line.startswith("Idempotency-Key")]
    assert keys == ["Idempotency-Key: G-0123456789AB-enclose-a-1"] * 2
    assert json.loads(body) == _ORDER


@pytest.mark.parametrize(
    ("status", "body", "next_"),
    [
        ("204 No Content", b"", "done"),
        ("200 OK", said("person", "no such filter"), "person"),
        ("200 OK", b"<html>", "done"),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", b"", "person"),
        ("401 Unauthorized", b"", "person"),
        ("404 Not Found", said("gone", "no such session"), "gone"),
        ("409 Conflict", said("done"), "person"),
        ("429 Too Many Requests", b"", "later"),
        ("500 Internal Server Error", said("done"), "later"),
        ("503 Service Unavailable", b"", "later"),
        ("200 OK", b"x" * (ANSWER_BYTES_MAX + 1), "person"),
        ("200 OK", said("done") + b" " * (ANSWER_BYTES_MAX - len(said("done"))), "done"),
    ],
)
def test_what_a_server_says(status: str, body: bytes, next_: str) -> None:
    with answering(status, body) as server:
        assert tell_by_http(server.nas, ORDER, "").next == next_
    assert len(server.heard) == 1, "a redirect is not followed, nothing is sent twice"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",
    ],
)
def test_a_server_that_breaks_off_is_asked_again_later(answer: bytes) -> None:
    with Server(answer) as server:
        said_ = tell_by_http(server.nas, ORDER, "")
    assert (said_.next, said_.sent) == ("later", True)


def test_a_server_that_hangs_is_asked_again_later() -> None:
    with answering("200 OK", holds=True) as server:
        began = time.monotonic()
        answer = tell_by_http(server.nas, ORDER, "")
    assert (answer.next, answer.words) == ("later", "no answer in time")
    assert time.monotonic() - began < 10


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    nas = NasSection(name="all", via="http", url=f"http://127.0.0.1:{port}/")
    answer = tell_by_http(nas, ORDER, "")
    assert (answer.next, answer.sent) == ("later", False)


@pytest.mark.parametrize("url", ["http://nas.isp.example/", "https://a:b@nas.isp.example/", "ftp://127.0.0.1/", ""])
def test_an_address_that_anybody_could_read_along_is_refused(url: str) -> None:
    with pytest.raises(BadConfig):
        NasSection(name="all", via="http", url=url)
