"""What others say of a mail's server and of its links: only when the reader asks, and "nothing known" shows nothing."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.mailcheck.mail_world import codes_of, dns, notice, signed
from tocsin.cli.check import command
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check
from tocsin.mailcheck.link_lists import LinkLists, load_lists
from tocsin.mailcheck.reputation import dns_list
from tocsin.mailcheck.resolver import Resolver, offline, records_resolver
from tocsin.mailcheck.scanners import (
    SCANNER_BYTES_MAX,
    SCANNER_LINKS_MAX,
    SCANNER_MAIL_S_MAX,
    SCANNER_MINUTE_MAX,
    NotTold,
    Scanner,
    Urlscan,
    VirusTotal,
    over_the_net,
    read_key,
)
from tocsin.mailcheck.setup import Setup
from tocsin.terms.errors import BadConfig

SERVER, LIST = "198.51.100.7", "bl.lists.example"
RECEIVED = (
    f"Received: from mx.net.example (mx.net.example [{SERVER}]) by mx.home.example; Tue, 24 Nov 2026 05:00:03 +0000\n"
)
LINK = "https://pages.example/x?y=1"
HEAD = f"{RECEIVED}From: a@net.example\nTo: anna@home.example\nSubject: hi\nContent-Type: text/html\n\n"
MAIL = f'{HEAD}See <a href="{LINK}">this page</a> for more.\n'.encode()

# The server


def lists(*lines: str) -> LinkLists:
    made = LinkLists()
    made.add("drop.txt", lines)
    return made


@pytest.mark.parametrize(
    "line", [SERVER, "198.51.100.0/24 ; SBL1", f'"{SERVER}",x', f"::ffff:{SERVER}", "198.51.100.7/32"]
)
def test_a_server_on_a_local_list_is_told_and_does_not_condemn(line: str) -> None:
    answer = check(MAIL, Setup(lists=lists(line)))
    assert "origin-listed" in codes_of(answer)
    assert answer.verdict == "unclear"


@pytest.mark.parametrize(
    "line", ["198.51.101.0/24", "198.51.100.7.example", "127.0.0.1 a.example", "198.51.100.7/33", "# x"]
)
def test_other_lines_are_not_the_server(line: str) -> None:
    assert "origin-listed" not in codes_of(check(MAIL, Setup(lists=lists(line))))


def test_the_narrowest_network_is_named(tmp_path: Path) -> None:
    (tmp_path / "wide.txt").write_text("198.51.0.0/16\n2001:db8::/32\n")
    (tmp_path / "narrow.txt").write_text("198.51.100.0/24\n")
    found = load_lists(tmp_path)
    assert (found.find_address(SERVER), found.find_address("198.51.1.1")) == ("narrow.txt", "wide.txt")
    assert (found.find_address("2001:db8::5"), found.find_address("192.0.2.1")) == ("wide.txt", None)


def test_a_mail_whose_sender_is_shown_is_not_held_against_its_server() -> None:
    answer = check(RECEIVED.encode() + signed(notice()), Setup(lists=lists(SERVER), resolve=dns()))
    assert "origin-listed-shown" in codes_of(answer)
    assert not codes_of(answer) & {"origin-listed"}


def zone(*answers: str) -> Resolver:
    return records_resolver({(f"7.100.51.198.{LIST}", "A"): answers})


def test_a_dns_list_is_asked_only_when_it_is_named() -> None:
    asked: list[str] = []

    def resolve(name: str, kind: str = "TXT") -> tuple[str, ...]:
        asked.append(name)
        return ()

    check(MAIL, Setup(resolve=resolve))
    assert not [name for name in asked if name.startswith("7.100.51.198.")]
    assert "origin-not-listed" in codes_of(check(MAIL, Setup(resolve=resolve, dns_lists=(LIST,))))
    assert f"7.100.51.198.{LIST}" in asked


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (("127.0.0.2",), "origin-listed"),
        ((), "origin-not-listed"),
        (("127.255.255.254",), "origin-unchecked"),  # "you ask by a public resolver"
        (("192.0.2.80",), "origin-unchecked"),  # a resolver that sells what is not there
        (("127.0.0.2", "192.0.2.80"), "origin-unchecked"),
    ],
)
def test_what_a_dns_list_answers(answers: tuple[str, ...], code: str) -> None:
    told = codes_of(check(MAIL, Setup(resolve=zone(*answers), dns_lists=(LIST,))))
    assert {one for one in told if one.startswith("origin-")} == {code}


def test_a_dns_list_that_is_silent_lowers_nothing() -> None:
    silent = check(MAIL, Setup(resolve=offline, dns_lists=(LIST,)))
    assert "origin-unchecked" in codes_of(silent)
    assert silent.verdict == check(MAIL, Setup()).verdict


def test_names_of_dns_lists_are_names() -> None:
    assert dns_list(" Zen.Lists.Example. ") == "zen.lists.example"
    for text in ("", "x", "a..b", "https://a.example/"):
        with pytest.raises(ValueError, match="no name of a DNS list"):
            dns_list(text)


# Its links

Reply = tuple[int, bytes]


@contextmanager
def service(reply: Callable[[str], Reply]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A scanner on this machine: its address, and who asked for what with which key."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("x-apikey") or self.headers.get("API-Key") or ""))
            status, body = reply(self.path)
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", body.decode())
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def virustotal(**stats: int) -> Reply:
    return 200, json.dumps({"data": {"attributes": {"last_analysis_stats": stats, "other": [1]}, "id": "x"}}).encode()


def scanned(scanner: Scanner, raw: bytes = MAIL) -> tuple[set[str], Answer]:
    answer = check(raw, Setup(scanners=(scanner,)))
    return {code for code in codes_of(answer) if code.startswith("scanner-")}, answer


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (virustotal(malicious=12, harmless=60, undetected=20), "scanner-flags"),
        (virustotal(malicious=2, harmless=60), "scanner-doubts"),
        (virustotal(malicious=0, harmless=90), "scanner-clean"),
        ((404, b"{}"), "scanner-clean"),
        ((429, b"{}"), "scanner-unchecked"),
        ((401, b"{}"), "scanner-unchecked"),
        ((500, b""), "scanner-unchecked"),
        ((200, b"[" * 100_000), "scanner-unchecked"),
        ((200, b"x" * (SCANNER_BYTES_MAX + 1)), "scanner-unchecked"),
        ((302, b"http://127.0.0.1:9/"), "scanner-unchecked"),
    ],
)
def test_virustotal_is_asked_what_it_knows(reply: Reply, code: str) -> None:
    with service(lambda _: reply) as (base, asked):
        codes, answer = scanned(VirusTotal("secret-key", base))
    assert codes == {code}
    assert asked == [(f"/urls/{urlsafe_b64encode(LINK.encode()).decode().rstrip('=')}", "secret-key")]
    assert "secret-key" not in answer.to_json().decode()
    assert (answer.verdict == check(MAIL, Setup()).verdict) or code == "scanner-flags"


def test_nothing_known_is_no_support() -> None:
    with service(lambda _: virustotal(harmless=90)) as (base, _):
        _, answer = scanned(VirusTotal("k", base))
    assert next(one for one in answer.findings if one.code == "scanner-clean").effect == "neutral"
    assert answer.verdict == "unclear"


@pytest.mark.parametrize(
    ("results", "is_malicious", "code"),
    [(["a1"], True, "scanner-flags"), (["a1"], False, "scanner-clean"), ([], True, "scanner-clean")],
)
def test_urlscan_is_asked_for_the_newest_scan(results: list[str], is_malicious: bool, code: str) -> None:
    def reply(path: str) -> Reply:
        if path.startswith("/search/"):
            return 200, json.dumps({"results": [{"_id": one, "task": {}} for one in results]}).encode()
        assert path == "/result/a1/"
        return 200, json.dumps({"verdicts": {"overall": {"malicious": is_malicious, "score": 100}}}).encode()

    with service(reply) as (base, asked):
        codes, _ = scanned(Urlscan("key", base))
    assert codes == {code}
    assert asked[0] == ("/search/?size=1&q=task.url%3A%22https%3A%2F%2Fpages.example%2Fx%3Fy%3D1%22", "key")


def test_nobody_is_asked_about_a_mail_without_links_or_without_the_option() -> None:
    with service(lambda _: (200, b"")) as (base, asked):
        scanned(VirusTotal("k", base), notice())
        check(MAIL, Setup())
    assert asked == []


def test_a_link_that_carries_the_reader_is_asked_about_without_its_path() -> None:
    raw = MAIL.replace(b"?y=1", b"?to=anna%40home.example")
    with service(lambda _: (404, b"")) as (base, asked):
        scanned(VirusTotal("k", base), raw)
    assert asked[0][0] == "/urls/" + urlsafe_b64encode(b"https://pages.example/").decode().rstrip("=")


def test_so_many_links_are_asked_about_in_a_minute() -> None:
    many = MAIL + "".join(f'<a href="https://p{number}.example/x">x</a>' for number in range(50)).encode()
    with service(lambda _: (404, b"")) as (base, asked):
        scanner = VirusTotal("k", base)
        codes, _ = scanned(scanner, many)
        assert (codes, len(asked)) == ({"scanner-clean"}, SCANNER_LINKS_MAX)
        codes, _ = scanned(scanner, many)
        assert (codes, len(asked)) == ({"scanner-unchecked"}, SCANNER_MINUTE_MAX)


def test_a_scanner_that_drips_or_hangs_holds_a_mail_up_for_so_long() -> None:
    def drip(_: str) -> Reply:
        time.sleep(SCANNER_MAIL_S_MAX + 1)
        return 200, b""

    with service(drip) as (base, _):
        started = time.monotonic()
        codes, _ = scanned(VirusTotal("k", base))
        assert codes == {"scanner-unchecked"}
        assert time.monotonic() - started < SCANNER_MAIL_S_MAX


def test_a_scanner_that_is_not_there_is_unchecked() -> None:
    with pytest.raises(NotTold, match="did not answer"):
        over_the_net("http://127.0.0.1:9/", {}, 1)


@given(st.binary(max_size=300), st.integers(100, 599))
def test_no_answer_of_a_scanner_breaks_the_check(body: bytes, status: int) -> None:
    for scanner in (VirusTotal("k", fetch=lambda *_: (status, body)), Urlscan("k", fetch=lambda *_: (status, body))):
        assert scanned(scanner)[0]


def test_a_key_is_one_line_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("abc123\n")
    assert read_key(path) == "abc123"
    for wrong in (b"", b"a b", b"a\nb", b"\xff"):
        path.write_bytes(wrong)
        with pytest.raises(BadConfig):
            read_key(path)
    with pytest.raises(BadConfig, match="cannot be read"):
        read_key(tmp_path / "none")


@pytest.mark.parametrize("arguments", [["--dns-list", LIST], ["--online", "--dns-list", "x"]])
def test_the_command_refuses_a_dns_list_that_it_must_not_ask(arguments: list[str]) -> None:
    assert CliRunner().invoke(command, [*arguments, "-"], input=MAIL).exit_code == 2
