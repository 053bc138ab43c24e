"""DNS as it was (a dated file), DNS on the net (against a server of our own), and both in turn."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import dns.message
import dns.rcode
import dns.rrset
import pytest

from tests.mailcheck.mail_world import ISSUED_AT, ISSUER, notice, record, signed
from tocsin.mailcheck.check import check
from tocsin.mailcheck.dnscache import AFTER_MAX, BEFORE_MAX, CachedAnswer, DnsCache, read_cache
from tocsin.mailcheck.limits import CACHE_BYTES_MAX, DNS_MAIL_S_MAX, DNS_QUESTION_S_MAX, DNS_QUESTIONS_MAX
from tocsin.mailcheck.online import Online
from tocsin.mailcheck.resolver import FirstOf, NotLookedUp, RecordKind, as_of, map_resolver, offline
from tocsin.mailcheck.setup import Setup
from tocsin.terms.errors import BadRequest

AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = f"s1._domainkey.{ISSUER}"


def answer(at: datetime, *texts: str, name: str = NAME, kind: RecordKind = "TXT") -> CachedAnswer:
    return CachedAnswer(name=name, kind=kind, answers=texts, asked_at=at)


# The dated file


def test_a_question_is_answered_as_of_the_moment() -> None:
    cache = DnsCache([answer(AT + HOUR, "new"), answer(AT - HOUR, "old")])
    assert cache.as_of(AT)(NAME) == ("old",)
    assert cache.as_of(AT + 2 * HOUR)(NAME) == ("new",)
    assert cache.as_of(AT - 2 * HOUR)(NAME) == ("old",)  # nothing before: the first after
    assert cache(NAME) == cache.as_of(None)(NAME) == ("new",)
    assert cache.as_of(AT)(NAME.upper() + ".") == ("old",)


def test_an_answer_is_believed_for_so_long() -> None:
    cache = DnsCache([answer(AT, "v")])
    for at in (AT + BEFORE_MAX, AT - AFTER_MAX):
        assert cache.as_of(at)(NAME) == ("v",)
    for at in (AT + BEFORE_MAX + HOUR, AT - AFTER_MAX - HOUR):
        with pytest.raises(NotLookedUp, match="no answer of that time"):
            cache.as_of(at)(NAME)
    with pytest.raises(NotLookedUp):
        cache.as_of(AT)(NAME, "A")


def test_a_key_that_was_withdrawn_later_takes_nothing_back() -> None:
    cache = DnsCache([answer(ISSUED_AT - HOUR, record()), answer(ISSUED_AT + 200 * HOUR)])
    raw = f"Received: from a by b; {ISSUED_AT:%a, %d %b %Y %H:%M:%S +0000}\r\n".encode() + signed(notice())
    found = {one.code: one for one in check(raw, Setup(resolve=cache)).findings}
    assert "dkim-aligned" in found
    late = DnsCache([answer(ISSUED_AT + 200 * HOUR)])
    assert "dkim-not-looked-up" in {one.code for one in check(raw, Setup(resolve=late)).findings}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "dns.jsonl"
    lines = [answer(AT, "10 mx", "é"), answer(AT, kind="A"), answer(AT, "192.0.2.1", name="a.example", kind="A")]
    path.write_bytes(b"\n".join(line.to_line() for line in lines))
    cache = read_cache(path)
    assert (cache(NAME), cache(NAME, "A"), cache("a.example", "A")) == (("10 mx", "é"), (), ("192.0.2.1",))
    assert read_cache(tmp_path / "absent").as_of(AT) is not None


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"name":"a","kind":"NS","asked_at":"2026-11-24T06:00:00Z"}',
        '{"name":"a","kind":"TXT"}',
        '{"name":"a","kind":"TXT","asked_at":"2026-11-24T06:00:00"}',
        '{"name":"a","kind":"TXT","asked_at":"2026-11-24T06:00:00Z","answers":"x"}',
        '{"name":"a","kind":"TXT","asked_at":"2026-11-24T06:00:00Z","status":"SERVFAIL"}',
        "\udcff",
        "[" * 100_000,
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "dns.jsonl"
    path.write_bytes(answer(AT).to_line() + line.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadRequest) as caught:
        read_cache(path)
    assert caught.value.where.endswith("dns.jsonl:2")


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dns.jsonl"
    with path.open("wb") as file:
        file.truncate(CACHE_BYTES_MAX + 1)
    with pytest.raises(BadRequest, match="longer than"):
        read_cache(path)
    with pytest.raises(BadRequest, match="cannot be read"):
        read_cache(tmp_path)


def test_the_next_is_asked_where_one_has_no_answer() -> None:
    both = FirstOf(map_resolver({"a.example": ("zone",)}), DnsCache([answer(AT, "cache")]))
    assert (both("a.example"), both(NAME), as_of(both, AT)(NAME)) == (("zone",), ("cache",), ("cache",))
    with pytest.raises(NotLookedUp):
        both("b.other.example")
    with pytest.raises(NotLookedUp):
        FirstOf(offline)("a.example")


# The net


Zone = dict[tuple[str, str], list[str]]
ZONE: Zone = {
    ("a.example.", "TXT"): ['"one " "two"', '"three"'],
    ("a.example.", "MX"): ["20 mx2.example.", "10 MX1.example."],
    ("a.example.", "A"): ["192.0.2.1"],
    ("a.example.", "AAAA"): ["2001:db8::1"],
}


@contextmanager
def server(zone: Zone, answer_to: Callable[[dns.message.Message], bytes | None] | None = None) -> Iterator[str]:
    """A DNS server on this machine; what `answer_to` gives None for is never answered."""
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.1", 0))
    door.settimeout(0.05)
    stopped: list[bool] = []

    def serve() -> None:
        while not stopped:
            try:
                raw, peer = door.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(raw)
            reply = answer_to(query) if answer_to else from_zone(zone, query)
            if reply is not None:
                door.sendto(reply, peer)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{door.getsockname()[1]}"
    finally:
        stopped.append(True)
        thread.join()
        door.close()


def from_zone(zone: Zone, query: dns.message.Message) -> bytes:
    reply = dns.message.make_response(query)
    question = query.question[0]
    name, kind = question.name.to_text(), question.rdtype.name
    if (name, kind) in zone:
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *zone[name, kind]))
    elif name not in {known for known, _ in zone}:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()


def clock() -> datetime:
    return AT


def test_the_net_answers_in_the_words_of_a_resolver(tmp_path: Path) -> None:
    with server(ZONE) as address:
        online = Online(clock, (address,), tmp_path / "dns.jsonl")
        assert set(online("a.example")) == {"one two", "three"}
        assert online("A.example.", "MX") == ("mx1.example", "mx2.example")
        assert online("a.example", "A") == ("192.0.2.1",)
        assert online("a.example", "AAAA") == ("2001:db8::1",)
        assert online("b.example", "A") == ()
        assert online("a.example", "PTR") == ()
        assert online(f"{'x' * 64}.example", "A") == online("a..example") == ()
    cache = read_cache(tmp_path / "dns.jsonl")
    assert cache.as_of(AT)("a.example", "MX") == ("mx1.example", "mx2.example")
    assert cache.as_of(AT)("b.example", "A") == ()
    assert b'"NXDOMAIN"' in (tmp_path / "dns.jsonl").read_bytes()


def test_a_mail_asks_a_question_once_and_not_for_ever() -> None:
    asked = []

    def count(query: dns.message.Message) -> bytes:
        asked.append(query.question[0].name.to_text())
        return from_zone(ZONE, query)

    with server(ZONE, count) as address:
        resolve = Online(clock, (address,)).as_of(AT)
        assert resolve("a.example") == resolve("a.example")
        assert asked == ["a.example."]
        for number in range(DNS_QUESTIONS_MAX - 1):
            resolve(f"n{number}.example")
        with pytest.raises(NotLookedUp, match="long enough"):
            resolve("one-more.example")
        assert len(asked) == DNS_QUESTIONS_MAX


@pytest.mark.slow
def test_a_server_that_is_silent_holds_a_mail_up_for_so_long() -> None:
    with server({}, lambda query: None) as address:
        resolve = Online(clock, (address,)).as_of(AT)
        began = time.monotonic()
        with pytest.raises(NotLookedUp, match="in time"):
            resolve("a.example")
        assert time.monotonic() - began < DNS_QUESTION_S_MAX + 0.5
        for number in range(20):
            with pytest.raises(NotLookedUp):
                resolve(f"n{number}.example")
        assert time.monotonic() - began < DNS_MAIL_S_MAX + 0.5


@pytest.mark.parametrize("junk", [b"\0", b"\xff" * 600])
def test_junk_is_no_answer(junk: bytes) -> None:
    with server({}, lambda query: junk) as address:
        began = time.monotonic()
        with pytest.raises(NotLookedUp):
            Online(clock, (address,))("a.example")
        assert time.monotonic() - began < DNS_QUESTION_S_MAX + 0.5


def test_a_refusal_is_no_answer() -> None:
    def refuse(query: dns.message.Message) -> bytes:
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.SERVFAIL)
        return reply.to_wire()

    with server({}, refuse) as address, pytest.raises(NotLookedUp):
        Online(clock, (address,))("a.example")


@pytest.mark.parametrize("address", ["not an address", "192.0.2.1:x", "[::1", "300.1.1.1", "dns.example"])
def test_a_server_that_cannot_be_asked_is_named(address: str) -> None:
    with pytest.raises(BadRequest, match="no DNS server can be asked"):
        Online(clock, (address,))
