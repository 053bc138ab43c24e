"""Asking on the net: against servers on the loopback that speak as the real ones do."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from tocsin.attribution.networks.config import OnlineConfig
from tocsin.attribution.networks.online import asking, fetch
from tocsin.attribution.networks.online.asking import Told
from tocsin.attribution.networks.online.cache import Cache
from tocsin.attribution.networks.online.fetch import FetchFailed, download
from tocsin.attribution.networks.online.look_up import look_up
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import Refused

NOW = datetime(2026, 11, 24, tzinfo=UTC)
V4, V6 = parse_address("192.0.2.1"), parse_address("2001:db8::1")
CARD = [
    "vcard",
    [["version", {}, "text", "4.0"], ["fn", {}, "text", "Abuse"], ["email", {}, "text", "abuse@isp.example"]],
]
RDAP = {  # as the registries answer, RFC 9083 §5.4
    "objectClassName": "ip network",
    "rdapConformance": ["rdap_level_0"],
    "handle": "192.0.2.0 - 192.0.2.255",
    "startAddress": "192.0.2.0",
    "endAddress": "192.0.2.255",
    "ipVersion": "v4",
    "country": "de",
    "entities": [
        {
            "objectClassName": "entity",
            "roles": ["registrant"],
            "vcardArray": ["vcard", [["email", {}, "text", "registrant@isp.example"]]],
            "entities": [{"objectClassName": "entity", "roles": ["technical", "abuse"], "vcardArray": CARD}],
        },
    ],
}
PEERINGDB = {
    "data": [
        {
            "id": 1,
            "asn": 64500,
            "poc_set": [
                {"role": "Abuse", "visible": "Public", "name": "Desk", "email": "ABUSE@as.example"},
                {"role": "NOC", "visible": "Public", "name": "NOC", "email": "noc@as.example"},
            ],
        }
    ],
    "meta": {},
}


class Web:
    """What lies at each path, and what was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.body_by_path: dict[str, bytes] = {}
        self.header_by_path: dict[str, tuple[int, dict[str, str]]] = {}
        self.asked: list[str] = []
        self.wait_s = 0.0

    def config(self, *clients: str, **more: object) -> OnlineConfig:
        values = {"clients": clients, "rdap_bootstrap": f"{self.url}/boot/", "peeringdb": f"{self.url}/api/"}
        return OnlineConfig(**{"timeout_s": 5.0, "queries_per_s": 100.0, **values, **more})  # type: ignore[arg-type]


@pytest.fixture
def web() -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.asked.append(self.path)
            time.sleep(there.wait_s)
            body = there.body_by_path.get(self.path)
            status, headers = there.header_by_path.get(self.path, (200 if body is not None else 404, {}))
            since = self.headers.get("If-Modified-Since")
            if since and headers.get("Last-Modified") == "old":
                status, body = 304, None
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there = Web(f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield there
        server.shutdown()


def with_registry(web: Web, body: object) -> None:
    services = [[["192.0.0.0/8"], ["https://wrong.example/"]], [["192.0.2.0/24"], [f"{web.url}/rdap"]], [["junk"], []]]
    web.body_by_path["/boot/ipv4.json"] = json.dumps({"version": "1.0", "services": services}).encode()
    web.body_by_path["/boot/ipv6.json"] = json.dumps({"services": [[["2001:db8::/32"], [f"{web.url}/rdap/"]]]}).encode()
    for address in ("192.0.2.1", "2001:db8::1"):
        web.body_by_path[f"/rdap/ip/{address}"] = body if isinstance(body, bytes) else json.dumps(body).encode()


def ask(config: OnlineConfig, folder: Path, *, now: datetime = NOW) -> Told:
    return look_up(config, folder, V4, 64500, now=now)[0]


def test_nobody_is_asked_unless_the_configuration_names_him(web: Web, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nobody may be asked"):
        look_up(web.config(), tmp_path, V4, None, now=NOW)
    assert web.asked == []


def test_rdap_asks_the_registry_of_the_longest_prefix_for_the_abuse_entity(web: Web, tmp_path: Path) -> None:
    with_registry(web, RDAP)
    told = ask(web.config("rdap"), tmp_path)
    assert told == Told(
        client="rdap", abuse_contacts=("abuse@isp.example",), prefix="192.0.2.0 - 192.0.2.255", country="DE"
    )
    assert look_up(web.config("rdap"), tmp_path, V6, None, now=NOW)[0].abuse_contacts == ("abuse@isp.example",)
    assert web.asked == ["/boot/ipv4.json", "/rdap/ip/192.0.2.1", "/boot/ipv6.json", "/rdap/ip/2001:db8::1"]


def test_an_answer_is_kept_for_a_while(web: Web, tmp_path: Path) -> None:
    with_registry(web, RDAP)
    config = web.config("rdap", cache_hours=2)
    first = ask(config, tmp_path)
    assert [ask(config, tmp_path, now=NOW + timedelta(hours=hours)) for hours in (0, 1)] == [first, first]
    assert len(web.asked) == 2
    ask(config, tmp_path, now=NOW + timedelta(hours=2))
    assert len(web.asked) == 4


def test_what_is_not_there_is_kept_too(web: Web, tmp_path: Path) -> None:
    with_registry(web, RDAP)
    del web.body_by_path["/rdap/ip/192.0.2.1"]
    assert [ask(web.config("rdap"), tmp_path) for _ in range(2)] == [Told(client="rdap")] * 2
    assert len(web.asked) == 2


def test_a_failure_is_told_and_not_kept(web: Web, tmp_path: Path) -> None:
    with_registry(web, RDAP)
    web.header_by_path["/rdap/ip/192.0.2.1"] = (503, {})
    assert "answered 503" in str(ask(web.config("rdap"), tmp_path).failure)
    del web.header_by_path["/rdap/ip/192.0.2.1"]
    assert ask(web.config("rdap"), tmp_path).failure is None


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[1]",
        b"[" * 100_000,
        b'{"entities": 5}',
        b'{"entities": [{"roles": ["abuse"], "vcardArray": {"a": 1}}]}',
        b"\xff",
    ],
)
def test_an_answer_of_another_shape_is_a_failure(web: Web, tmp_path: Path, body: bytes) -> None:
    with_registry(web, body)
    assert ask(web.config("rdap"), tmp_path).failure


@pytest.mark.parametrize("card", [[], ["vcard"], ["vcard", 7], ["vcard", [7, [], ["email"], ["email", {}, "text", 7]]]])
def test_a_strange_card_names_nobody(web: Web, tmp_path: Path, card: list[object]) -> None:
    with_registry(web, {"entities": [{"roles": ["abuse"], "vcardArray": card}]})
    assert ask(web.config("rdap"), tmp_path) == Told(client="rdap")


def test_a_body_past_the_bound_is_a_failure(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_registry(web, b" " * 2000)
    monkeypatch.setattr(asking, "ANSWER_BYTES_MAX", 1999)
    assert "more than 1999 bytes" in str(ask(web.config("rdap"), tmp_path).failure)


def test_a_server_that_does_not_answer_is_left(web: Web, tmp_path: Path) -> None:
    with_registry(web, RDAP)
    web.wait_s = 3
    assert "did not answer" in str(ask(web.config("rdap", timeout_s=0.2), tmp_path).failure)


def test_a_redirect_leads_nowhere_but_to_the_web(web: Web, tmp_path: Path) -> None:
    with_registry(web, RDAP)
    web.header_by_path["/rdap/ip/192.0.2.1"] = (302, {"Location": "file:///etc/hostname"})
    assert ask(web.config("rdap"), tmp_path).failure
    web.header_by_path["/rdap/ip/192.0.2.1"] = (302, {"Location": "ftp://127.0.0.1/x"})
    assert ask(web.config("rdap"), tmp_path).failure
    web.body_by_path["/moved"] = json.dumps(RDAP).encode()
    web.header_by_path["/rdap/ip/192.0.2.1"] = (302, {"Location": "/moved"})
    assert ask(web.config("rdap"), tmp_path).abuse_contacts == ("abuse@isp.example",)


def test_no_client_is_asked_faster_than_allowed(web: Web, tmp_path: Path) -> None:
    with_registry(web, RDAP)
    began = time.monotonic()
    ask(web.config("rdap", queries_per_s=4.0), tmp_path)  # two questions
    assert time.monotonic() - began >= 0.25


def test_peeringdb_says_the_contacts_of_the_origin(web: Web, tmp_path: Path) -> None:
    web.body_by_path["/api/net?asn=64500&depth=2"] = json.dumps(PEERINGDB).encode()
    config = web.config("peeringdb")
    assert look_up(config, tmp_path, V4, 64500, now=NOW)[0].abuse_contacts == ("abuse@as.example",)
    assert "no origin is known" in str(look_up(config, tmp_path, V4, None, now=NOW)[0].failure)


@contextmanager
def name_server(texts_by_name: dict[str, list[str]], rcode: dns.rcode.Rcode = dns.rcode.NXDOMAIN) -> Iterator[str]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            query = dns.message.from_wire(data)
            name = query.question[0].name
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            texts = texts_by_name.get(name.to_text())
            if texts is None:
                answer.set_rcode(rcode)
            else:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *(f'"{text}"' for text in texts)))
            socket.sendto(answer.to_wire(), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1@{server.server_address[1]}"
        server.shutdown()


def test_abusix_says_it_in_a_text_record(web: Web, tmp_path: Path) -> None:
    zone = "abuse-contacts.abusix.zone."
    v6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
    texts = {
        f"1.2.0.192.{zone}": ["abuse@isp.example,second@isp.example"],
        v6 + zone: ["six@isp.example", "no address"],
    }
    with name_server(texts) as server:
        config = web.config("abusix", dns_servers=(server,))
        assert ask(config, tmp_path).abuse_contacts == ("abuse@isp.example", "second@isp.example")
        assert look_up(config, tmp_path, V6, None, now=NOW)[0].abuse_contacts == ("six@isp.example",)
        nobody = look_up(config, tmp_path, parse_address("192.0.2.2"), None, now=NOW)[0]
        assert nobody == Told(client="abusix")
    assert ask(config, tmp_path).abuse_contacts == ("abuse@isp.example", "second@isp.example")  # kept


def test_a_name_server_that_fails_is_a_failure(web: Web, tmp_path: Path) -> None:
    with name_server({}, dns.rcode.SERVFAIL) as server:
        told = ask(web.config("abusix", dns_servers=(server,), timeout_s=1.0), tmp_path)
    assert "was not resolved" in str(told.failure)


def test_a_full_cache_drops_what_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.attribution.networks.online.cache.FILES_MAX", 2)
    old = Cache(tmp_path, now=NOW, lasts=timedelta(hours=1))
    old.put("a", b"1")
    old.put("b", None)
    old.put("c", b"3")
    assert (old.get("a"), old.get("b"), old.get("c")) == ((b"1",), (None,), None)
    new = Cache(tmp_path, now=NOW + timedelta(hours=2), lasts=timedelta(hours=1))
    new.put("c", b"3")
    assert (new.get("a"), new.get("c")) == (None, (b"3",))


def test_a_damaged_cache_file_is_asked_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path, now=NOW, lasts=timedelta(hours=1))
    cache.put("a", b"1")
    for path in tmp_path.iterdir():
        path.write_bytes(b"{")
    assert cache.get("a") is None


def test_a_download_is_whole_or_not_at_all(web: Web, tmp_path: Path) -> None:
    target = tmp_path / "new" / "table.gz"
    web.body_by_path["/table.gz"] = b"one"
    assert download(f"{web.url}/table.gz", target, timeout_s=5)
    web.body_by_path["/table.gz"] = b"cut"
    web.header_by_path["/table.gz"] = (200, {"Content-Length": "10"})
    with pytest.raises(FetchFailed):
        download(f"{web.url}/table.gz", target, timeout_s=5)
    web.header_by_path["/table.gz"] = (200, {})
    with pytest.raises(FetchFailed, match="more than 2 bytes"):
        download(f"{web.url}/table.gz", target, timeout_s=5, bytes_max=2)
    assert [path.read_bytes() for path in target.parent.iterdir()] == [b"one"]


def test_a_file_that_is_no_newer_is_not_fetched_again(web: Web, tmp_path: Path) -> None:
    target = tmp_path / "table"
    web.body_by_path["/table"] = b"one"
    web.header_by_path["/table"] = (200, {"Last-Modified": "old"})
    assert [download(f"{web.url}/table", target, timeout_s=5) for _ in range(2)] == [True, False]


def test_only_the_web_is_fetched_from(tmp_path: Path) -> None:
    for url in ("file:///etc/hostname", "ftp://127.0.0.1/x", "http://127.0.0.1:1/x"):
        with pytest.raises(FetchFailed):
            download(url, tmp_path / "x", timeout_s=1)
    assert list(tmp_path.iterdir()) == []
    assert fetch.DOWNLOAD_BYTES_MAX > 4 << 30  # RIPE's dump unpacked would fit
