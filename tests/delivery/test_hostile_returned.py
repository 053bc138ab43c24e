"""Whatever a mail that came back holds, it is sorted, soon and with little memory."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.delivery.returned import crlf, mail, reply_to, report, verp
from tests.delivery.test_returned import come, opened_house, sealed, story
from tests.notices.notice_world import SECRET
from tests.notices.notice_world import keys as world_keys
from tests.notices.notice_world import sealed as world_sealed
from tocsin.notices.inbound.sort import Kind, Sorted, sort_mail
from tocsin.pipeline.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened_house(tmp_path) as opened:
        yield opened


def look(raw: bytes) -> Sorted:
    return sort_mail(raw, domain="net.example", secret=SECRET)


HOSTILE: dict[str, Callable[[], bytes]] = {  # made when asked for: some are megabytes
    "empty": lambda: b"",
    "no header": lambda: b"\r\nx",
    "no body": lambda: b"From: x",
    "four million empty lines": lambda: report(verp(world_keys()), "\n" * 4_000_000),
    "a million blocks": lambda: report(verp(world_keys()), "Action: failed\n\n" * 260_000),
    "a million fields": lambda: report(verp(world_keys()), "Status: 5.1.1\n" * 280_000),
    "endless continuation": lambda: report(verp(world_keys()), "Diagnostic-Code: smtp; x\n" + " y\n" * 1_000_000),
    "a header of megabytes": lambda: (
        b"References: " + b"<n-7k3qd9m2xa4f8cbe.00000000000000000000@net.example> " * 70_000 + b"\r\n\r\nx"
    ),
    "many addresses": lambda: b"To: " + b"bounce+n-x-y@net.example, " * 100_000 + b"\r\n\r\nx",
    "many codes": lambda: mail("From: a", body="AAAAA-BBBBB-CCCC " * 200_000),
    "many parts": lambda: b'Content-Type: multipart/report; boundary="x"\r\n\r\n' + b"--x\r\n\r\n" * 500_000,
    "deep": lambda: b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(5_000)
    ),
    "boundary of signs": lambda: b'Content-Type: multipart/report; boundary="(.*)+$["\r\n\r\n--(.*)+$[\r\n\r\nx',
    "charset of scripts": lambda: mail("From: a", media_type="text/plain; charset=unicode_escape", body="\\x41"),
    "bad base64": lambda: crlf("From: a\nContent-Transfer-Encoding: base64\n\n!!!!====AAAA\n"),
    "html only": lambda: mail(
        "From: a", media_type="text/html", body="<script>x()</script><p>Hello</p>" + "<b>" * 100_000
    ),
    "NULs": lambda: b"From: \0\r\nSubject: \0\0\r\n\r\n\0",
    "surrogates": lambda: b"From: \xed\xa0\x80\r\nSubject: =?utf-8?b?7aCA?=\r\n\r\n\xed\xa0\x80",
    "a mail of megabytes": lambda: mail("From: a", body="x" * 9_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_takes_long_or_fails(name: str) -> None:
    raw = HOSTILE[name]()
    begun = time.process_time()
    found = look(raw)
    assert time.process_time() - begun < 3
    assert len(found.text) <= 20_000
    assert len(found.fates) <= 20
    assert max(len(found.sender), len(found.subject)) <= 300
    assert (found.sender + found.subject).isprintable()
    found.text.encode()


def test_text_that_turns_what_follows_is_plain_in_the_time_line(house: House) -> None:
    raw = reply_to(sealed(house)).replace(b"Re: your notice", b"=?utf-8?b?4oCuPHNjcmlwdD4=?=")
    come(house, raw)
    assert story(house.book)[1].endswith(": <script>"), "the override is gone; the page escapes the rest"


def test_html_alone_gives_its_words() -> None:
    found = look(
        mail("From: a", media_type="text/html", body="<style>p{}</style><p>I did <b>it</b></p><script>x</script>")
    )
    assert found.text.split() == ["I", "did", "it"]


FIELDS = st.sampled_from(
    [
        "Action: failed",
        "Status: 5.1.1",
        "Final-Recipient: rfc822; a@b",
        "",
        " more",
        "Content-Type: multipart/report",
        "--x",
    ]
)


@given(
    st.one_of(st.binary(max_size=2_000), st.lists(FIELDS, max_size=40).map(lambda lines: "\r\n".join(lines).encode()))
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_sorted(raw: bytes) -> None:
    assert look(raw).kind in Kind
    head = b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n--x\r\n'
    assert look(head + b"Content-Type: message/delivery-status\r\n\r\n" + raw).kind is Kind.BOUNCE


def test_a_real_notice_that_is_quoted_names_itself() -> None:
    mail_of_ours = world_sealed()
    quoted = re.sub(r"(?m)^", "> ", mail_of_ours.raw.decode())
    found = look(mail("From: robin@post.example", body=quoted))
    assert found.kind is Kind.REPLY
    assert msgspec.structs.asdict(found.hints)["codes"]
