"""What is fuzzed of the mail check: bytes through each of its parsers. Nothing may come out but an answer."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import msgspec

from tests.mailcheck.mail_world import ed25519_record, notice, record, signed
from tests.mailcheck.outlook_file import outlook_file
from tocsin.mailcheck.answer import VERDICTS
from tocsin.mailcheck.arc import arc_of
from tocsin.mailcheck.authres import read_results
from tocsin.mailcheck.check import check
from tocsin.mailcheck.dkim_tags import Unusable, names_of, read_key, read_tags
from tocsin.mailcheck.dmarc import Identifiers, evaluate, evaluate_by_list
from tocsin.mailcheck.links import in_text, links_of, target_of
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.outlook import Unreadable, read_outlook
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.pictures import codes_in
from tocsin.mailcheck.received import read_hop
from tocsin.mailcheck.resolver import RecordKind, Resolver
from tocsin.mailcheck.scanners import NotTold, Urlscan, VirusTotal
from tocsin.mailcheck.setup import OwnAddress, Setup
from tocsin.mailcheck.spf import check_host
from tocsin.mailcheck.stated import stated_moments
from tocsin.terms.moments import parse_moment

OWN = OwnAddress("203.0.113.5", parse_moment("2026-11-24T03:16:38Z"))
_RECEIVED = (
    b"from a.example (b.example [192.0.2.1]) by c.example with ESMTPS id 1"
    b" for <d@e.example>; Tue, 24 Nov 2026 05:00:00 +0000"
)
_HOP = b"Received: " + _RECEIVED + b"\r\n"
_ARC = (
    b"ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=net.example; s=s1; b=AA==\r\n"
    b"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=net.example; s=s1; h=from:to; bh=AA==; b=AA==\r\n"
    b"ARC-Authentication-Results: i=1; mx.net.example; spf=pass smtp.mailfrom=net.example\r\n"
)
_HTML = (
    b'<html><body style="display:none"><a href="https://a.example/x?u=http%3A%2F%2Fb.example">bank.example</a>'
    b'<form action=//c.example><input type=password></form><img src="cid:1" alt="x"><base href=x>'
    b'<meta http-equiv=refresh content="0;url=https://d.example">'
)


class MailTarget(msgspec.Struct, frozen=True):
    """One parser with honest inputs; `run` raises where something is wrong."""

    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


def _answers(content: bytes) -> Resolver:
    """A DNS that gives a stranger's bytes to every question, in pieces."""
    texts = tuple(content.decode("latin-1").split("\n")[:20])

    def resolve(name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        return texts

    return resolve


def _whole(content: bytes) -> None:
    answer = check(content, Setup(resolve=_answers(content[:500]), own=OWN))
    assert answer.verdict in VERDICTS
    assert answer.verdict != "genuine"
    answer.to_json("x").decode()


def _spf(content: bytes) -> None:
    check_host("192.0.2.1", "a@net.example", "mx.net.example", _answers(content))


def _dmarc(content: bytes) -> None:
    shown = Identifiers(dkim=("net.example",), spf=("net.example",))
    for judge in (evaluate, evaluate_by_list):
        judge("a.net.example", shown, _answers(content))


def _dkim(content: bytes) -> None:
    signature, _, key = content.partition(b"\n\n")
    with suppress(Unusable):
        names_of(read_tags(signature))
    for algorithm in (b"rsa-sha256", b"ed25519-sha256"):
        try:
            read_key(key.decode("latin-1"), algorithm)
        except Unusable:
            continue


def _arc(content: bytes) -> None:
    head, _, text = content.partition(b"\n\n\n")
    arc_of(head, _answers(text))


def _links(content: bytes) -> None:
    for link in links_of(read_mail(b"Content-Type: text/html; charset=utf-8\n\n" + content)).links:
        assert link.target.scheme
    text = content.decode("utf-8", "replace")
    target_of(text)
    assert sum(1 for _ in in_text(text)) < 100_000


def _picture(content: bytes) -> None:
    codes_in(read_mail(b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + b64encode(content)))


def _outlook(content: bytes) -> None:
    try:
        read_outlook(io.BytesIO(content))
    except Unreadable:
        return


def _scanner(content: bytes) -> None:
    for scanner in (VirusTotal("k", fetch=lambda *_: (200, content)), Urlscan("k", fetch=lambda *_: (200, content))):
        try:
            scanner.opinion("https://a.example/", float("inf"))
        except NotTold:
            continue


@cache
def mail_targets() -> dict[str, MailTarget]:
    signature = signed(notice()).partition(b"\nFrom:")[0].partition(b":")[2]
    outlook = outlook_file(
        {"__substg1.0_007D001F": "From: a@b.example\n".encode("utf-16-le"), "__substg1.0_1000001F": b"x\0"}
    )
    listed = b"v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=r; psd=n; t=y; rua=mailto:a@b.example"
    return {
        "mail:whole": MailTarget(
            _whole, (_HOP + signed(notice()), notice().replace(b"40512", b"40513"), _HOP + _ARC + b"\r\n")
        ),
        "mail:pasted": MailTarget(read_pasted, (b"From: a@b.example\nSubject: x\n\nhello", "こんにちは".encode())),
        "mail:outlook": MailTarget(_outlook, (outlook,)),
        "mail:received": MailTarget(lambda raw: read_hop(raw.decode("utf-8", "replace")), (_RECEIVED,)),
        "mail:authres": MailTarget(
            lambda raw: read_results(raw.decode("utf-8", "replace")),
            (b'mx.b.example 1; dkim=pass (ok; "x") header.d=a.example; dmarc=fail (p=REJECT) header.from=a.example',),
        ),
        "mail:spf": MailTarget(_spf, (b"v=spf1 a mx include:x.example ip4:192.0.2.0/24 redirect=%{d}.example -all",)),
        "mail:dmarc": MailTarget(_dmarc, (listed,)),
        "mail:dkim": MailTarget(
            _dkim, (signature + b"\n\n" + record().encode(), signature + b"\n\n" + ed25519_record().encode())
        ),
        "mail:arc": MailTarget(_arc, (_ARC + b"From: a@b.example\r\n\r\nx\n\n\n" + record().encode(),)),
        "mail:links": MailTarget(_links, (_HTML, b"see https://a.example:8080/x@y www.b.example and c.com/d")),
        "mail:picture": MailTarget(_picture, (_png(),)),
        "mail:moments": MailTarget(
            lambda raw: list(stated_moments(raw.decode("utf-8", "replace"))),
            ("24. November 2026, 04:16 Uhr; 2026-11-24T03:16:38+01:00; 11/24/2026 3:16 PM; 2026年1月2日 3時".encode(),),
        ),
        "mail:scanner": MailTarget(
            _scanner,
            (
                b'{"data":{"attributes":{"last_analysis_stats":{"malicious":1,"harmless":2}}}}',
                b'{"results":[{"_id":"a"}],"verdicts":{"overall":{"malicious":true}}}',
            ),
        ),
    }


def _png() -> bytes:
    """A code that says where it leads; nothing where the extra is not installed."""
    try:
        import zxingcpp
        from PIL import Image
    except ImportError:
        return b"\x89PNG\r\n\x1a\n"
    code = zxingcpp.create_barcode("https://a.example/", zxingcpp.BarcodeFormat.QRCode)
    file = io.BytesIO()
    Image.fromarray(code.to_image(scale=4)).save(file, "PNG")
    return file.getvalue()
