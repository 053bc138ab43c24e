"""From whom a mail is shown to come: whole mails through the check, with a DNS that is a map."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.mailcheck.mail_world import KNOWN, record, rsa_key, signed
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.arc import arc_of, sealers_of
from tocsin.mailcheck.authentic import Authentic, authenticate
from tocsin.mailcheck.boundary import boundary_of
from tocsin.mailcheck.check import check
from tocsin.mailcheck.dkim_signature import signatures
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.resolver import NotLookedUp, RecordKind, Resolver, map_resolver, offline, records_resolver
from tocsin.mailcheck.setup import Setup
from tocsin.mailcheck.spf import check_host, envelope_sender

NET = "net.example"
EDGE = (
    "Received: from mail.net.example (mail.net.example [198.51.100.7])\r\n"
    " by mx1.isp.example with ESMTPS id 2; Tue, 24 Nov 2026 06:00:00 +0000\r\n"
)
MAIL = (
    "From: Net <notices@net.example>\r\nTo: a@isp.example\r\nSubject: Hello\r\n"
    "Date: Tue, 24 Nov 2026 05:59:00 +0000\r\nMessage-ID: <1@net.example>\r\n\r\nHello.\r\n"
)
PATH = "Return-Path: <bounce@net.example>\r\n"
Records = dict[tuple[str, str], tuple[str, ...]]
KEY: Records = {("s1._domainkey.net.example", "TXT"): (record(),)}
SPF: Records = {(NET, "TXT"): ("v=spf1 ip4:198.51.100.0/24 -all",)}
STRICT: Records = {("_dmarc.net.example", "TXT"): ("v=DMARC1; p=reject",)}
REFUSING: Records = {(NET, "TXT"): ("v=spf1 -all",)}
ALL: Records = {**KEY, **SPF, **STRICT}


def world(*records: Records) -> Resolver:
    """A DNS that knows everything about these domains."""
    whole: Records = {(NET, "A"): ("198.51.100.7",), ("isp.example", "A"): ("192.0.2.9",)}
    for some in records:
        whole |= some
    return records_resolver(whole)


def received(raw: str | bytes = MAIL, above: str = "") -> bytes:
    return (above + PATH + EDGE).encode() + (raw.encode() if isinstance(raw, str) else raw)


def authentic(raw: bytes, resolve: Resolver) -> Authentic:
    mail = read_mail(raw)
    return authenticate(mail, resolve, boundary_of(mail))


def judge(raw: bytes, resolve: Resolver = offline, provider: str = "") -> Answer:
    return check(raw, Setup(resolve=resolve, provider=provider))


def codes(raw: bytes, resolve: Resolver = offline, provider: str = "") -> set[str]:
    return {finding.code for finding in judge(raw, resolve, provider).findings}


def test_a_signature_of_the_senders_own_shows_his_domain() -> None:
    raw = received(signed(MAIL.encode()))
    shown = authentic(raw, world(ALL))
    assert (shown.domain, shown.how, shown.verified) == (NET, "dkim", (NET,))
    assert {"dkim-aligned", "spf-aligned", "dmarc-pass"} <= codes(raw, world(ALL))


def test_so_does_a_server_that_may_send_for_it() -> None:
    shown = authentic(received(), world(SPF, STRICT))
    assert (shown.how, shown.spf.result, shown.dmarc.result) == ("spf", "pass", "pass")


def test_without_dns_the_providers_word_shows_it() -> None:
    said = "Authentication-Results: mx1.isp.example; spf=pass smtp.mailfrom=net.example; dmarc=pass\r\n"
    shown = authentic(received(above=said), offline)
    assert (shown.domain, shown.how) == (NET, "provider")
    assert "authres-passed" in codes(received(above=said))
    assert "authres-passed" not in codes(said.encode() + MAIL.encode())


def test_a_known_sender_whom_the_provider_found_to_be_himself_is_likely_genuine_without_dns() -> None:
    said = "Authentication-Results: mx1.isp.example; spf=pass smtp.mailfrom=net.example; dmarc=pass\r\n"
    assert check(received(above=said), Setup(known=KNOWN)).verdict == "likely-genuine"
    assert check(received(), Setup(known=KNOWN)).verdict == "unclear"
    assert check(said.encode() + MAIL.encode(), Setup(known=KNOWN)).verdict == "unclear"  # nobody received it


def test_a_pass_that_neither_dkim_nor_spf_bears_out_is_none() -> None:
    said = "Authentication-Results: mx1.isp.example; spf=fail smtp.mailfrom=net.example; dmarc=pass\r\n"
    assert authentic(received(above=said), offline).how == ""


@pytest.mark.parametrize("word", ["bestguesspass", "none", "temperror", "fail"])
def test_other_words_than_pass_show_nothing(word: str) -> None:
    said = f"Authentication-Results: mx1.isp.example; spf=none; dmarc={word} header.from=net.example\r\n"
    assert authentic(received(above=said), offline).how == ""


def test_a_pass_for_another_domain_shows_that_one_only() -> None:
    other = signed(MAIL.encode(), domain="list.example", selector="l1")
    resolve = world({("l1._domainkey.list.example", "TXT"): (record(),)}, STRICT, REFUSING)
    shown = authentic(received(other), resolve)
    assert (shown.domain, shown.verified) == ("", ("list.example",))
    assert {"dkim-other-domain", "spf-fail", "dmarc-fail"} <= codes(received(other), resolve)


# Failure, and how little it says


def test_a_failure_whose_owner_asks_to_refuse_speaks_lightly_against_it() -> None:
    answer = judge(received(), world(REFUSING, STRICT))
    assert [one.code for one in answer.findings if one.effect == "contradicts"] == ["dmarc-fail"]
    assert answer.verdict == "unclear"  # alone it condemns nobody


@pytest.mark.parametrize("records", [REFUSING, {**REFUSING, ("_dmarc.net.example", "TXT"): ("v=DMARC1; p=none",)}, {}])
def test_spf_alone_and_an_owner_who_asks_for_nothing_speak_against_nobody(records: Records) -> None:
    assert not [one for one in judge(received(), world(records)).findings if one.effect == "contradicts"]


@pytest.mark.parametrize("mark", ["List-Id: <x.list.example>", "ARC-Seal: i=1; a=rsa-sha256; d=list.example; s=x; b=x"])
def test_lists_and_forwarders_break_signatures_without_malice(mark: str) -> None:
    found = codes(received(f"{mark}\r\n{MAIL}"), world(REFUSING, STRICT))
    assert "dmarc-fail-passed-on" in found
    assert "dmarc-fail" not in found


def test_what_the_provider_found_at_the_time_outweighs_the_records_of_today() -> None:
    said = "Authentication-Results: mx1.isp.example; spf=pass smtp.mailfrom=net.example; dmarc=pass\r\n"
    found = codes(received(above=said), world(REFUSING, STRICT))
    assert {"dmarc-fail-now", "authres-passed"} <= found


def test_a_key_that_is_gone_fails_nobody() -> None:
    raw = received(signed(MAIL.encode()))
    found = codes(raw, world(REFUSING, STRICT))
    assert {"dkim-no-key", "dmarc-unchecked"} <= found
    assert "dmarc-fail" not in found


def test_the_providers_failure_speaks_against_it_where_the_owner_asks_to_refuse() -> None:
    said = "Authentication-Results: mx1.isp.example; spf=none; dmarc=fail ({}) header.from=net.example\r\n"
    assert "authres-failed" in codes(received(above=said.format("p=REJECT")))
    assert "authres-failed-open" in codes(received(above=said.format("p=NONE")))
    assert "authres-failed-open" in codes(received("List-Id: <x>\r\n" + MAIL, said.format("p=REJECT")))


def test_a_resolver_that_never_answers_lowers_nothing() -> None:
    def never(name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        raise NotLookedUp("DNS did not answer in time")

    answer = judge(received(signed(MAIL.encode())), never)
    assert not [one for one in answer.findings if one.effect == "contradicts"]
    assert answer.verdict == judge(received(signed(MAIL.encode()))).verdict == "unclear"


def test_where_the_two_standards_differ_both_are_said() -> None:
    records: Records = {("_dmarc.net.example", "TXT"): ("v=DMARC1; p=reject; t=y",)}
    told = {one.code: one.text for one in judge(received(), world(REFUSING, records)).findings}
    assert "fail (quarantine)" in told["dmarc-differs"]
    assert "fail (reject)" in told["dmarc-differs"]


# DKIM without a key


def test_a_body_that_changed_is_told_without_dns() -> None:
    raw = signed(MAIL.encode()).replace(b"Hello.", b"Pay!")
    assert [one.state for one in signatures(raw, offline, None)] == ["body-changed"]


@pytest.mark.parametrize(
    ("flags", "state"),
    [("t=y", "testing"), ("t=s", "verified"), ("h=sha1", "unreadable"), ("h=sha256:sha1", "verified")],
)
def test_what_a_key_may_be_used_for(flags: str, state: str) -> None:
    resolve = map_resolver({"s1._domainkey.net.example": (f"{record()}; {flags}",)})
    assert [one.state for one in signatures(signed(MAIL.encode()), resolve, None)] == [state]


def test_a_signature_that_leaves_out_the_sender_is_none() -> None:
    raw = signed(MAIL.encode()).replace(b"h=from", b"h=frog", 1)
    assert b"h=frog" in raw
    states = [one.state for one in signatures(raw.replace(b" from ", b" frog "), offline, None)]
    assert states == ["unreadable"]


# SPF


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("<a@b.example>", "a@b.example"),
        ("a@b.example", "a@b.example"),
        ("<>", ""),
        ("", ""),
        (" <a@b.example> x", "a@b.example"),
    ],
)
def test_the_envelopes_sender(value: str, sender: str) -> None:
    assert envelope_sender(read_mail(f"Return-Path: {value}\r\n\r\n".encode())) == sender


@pytest.mark.parametrize(
    ("record_text", "result", "code"),
    [
        ("v=spf1 ip4:198.51.100.7 -all", "pass", "spf-aligned"),
        ("v=spf1 -all", "fail", "spf-fail"),
        ("v=spf1 ~all", "softfail", "spf-undecided"),
        ("v=spf1 ?all", "neutral", "spf-undecided"),
        ("v=spf1 nonsense", "permerror", "spf-broken"),
        ("hello", "none", "spf-none"),
        ("v=spf1 include:elsewhere.example -all", "unchecked", "spf-unchecked"),
    ],
)
def test_what_spf_says(record_text: str, result: str, code: str) -> None:
    resolve = world({(NET, "TXT"): (record_text,)})
    assert authentic(received(), resolve).spf.result == result
    assert code in codes(received(), resolve)


def test_an_empty_envelope_is_judged_by_the_greeting() -> None:
    raw = received().replace(b"<bounce@net.example>", b"<>")
    resolve = world({("mail.net.example", "TXT"): ("v=spf1 ip4:198.51.100.7 -all",)})
    spf = authentic(raw, resolve).spf
    assert (spf.domain, spf.result) == ("mail.net.example", "pass")


def test_the_client_below_the_boundary_is_never_believed() -> None:
    claimed = (
        "Received: from x (mail.net.example [198.51.100.7]) by relay.bad.example; Tue, 24 Nov 2026 05:59:59 +0000\r\n"
    )
    raw = received(claimed + MAIL).replace(b"mail.net.example [198.51.100.7])\r\n", b"unknown [203.0.113.66])\r\n", 1)
    spf = authentic(raw, world(ALL)).spf
    assert (spf.address, spf.result) == ("203.0.113.66", "fail")


def test_records_that_include_each_other_end_soon() -> None:
    def loop(name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        return (f"v=spf1 include:a.{name[-200:]} include:b.{name[-200:]} mx a ptr exists:%{{i}}.{name[-100:]} -all",)

    began = time.monotonic()
    result, _ = check_host("198.51.100.7", "a@net.example", NET, loop)
    assert result in ("permerror", "temperror")
    assert time.monotonic() - began < 1


def test_spf_is_judged_within_an_event_loop_too() -> None:
    async def served() -> str:
        return authentic(received(), world(SPF)).spf.result

    assert asyncio.run(served()) == "pass"


# ARC


def sealed(raw: bytes, domain: str = "list.example") -> bytes:
    """The mail with a chain of one set (RFC 8617 §5.1), made by hand: relaxed headers, one of each."""
    told = f"i=1; {domain}; spf=pass smtp.mailfrom=net.example; dmarc=pass header.from=net.example"
    head, _, body = raw.partition(b"\r\n\r\n")
    signed_headers = b"".join(
        line.replace(b": ", b":", 1).lower()[: len(name) + 1] + line.partition(b": ")[2] + b"\r\n"
        for name in (b"From", b"Subject")
        for line in head.split(b"\r\n")
        if line.startswith(name + b":")
    )
    body_hash = b64encode(sha256(body).digest()).decode()
    start = f"i=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1; h=from:subject; bh={body_hash}; b="
    message = start + sign(signed_headers + b"arc-message-signature:" + start.encode())
    start = f"i=1; a=rsa-sha256; cv=none; d={domain}; s=s1; b="
    seal = start + sign(
        f"arc-authentication-results:{told}\r\narc-message-signature:{message}\r\narc-seal:{start}".encode()
    )
    headers = f"ARC-Seal: {seal}\r\nARC-Message-Signature: {message}\r\nARC-Authentication-Results: {told}\r\n"
    return headers.encode() + raw


def sign(said: bytes) -> str:
    return b64encode(rsa_key(2048).sign(said, PKCS1v15(), SHA256())).decode()


SEALER: Records = {(f"s1._domainkey.{domain}", "TXT"): (record(),) for domain in ("list.example", "isp.example")}


def test_a_chain_is_shown_and_believed_of_nobody_but_the_provider() -> None:
    raw = received(sealed(MAIL.encode()))
    shown = authentic(raw, world(SEALER, REFUSING, STRICT))
    assert (shown.arc.chain, shown.arc.sealers, shown.how) == ("pass", ("list.example",), "")
    assert {"arc-sealed", "dmarc-fail-passed-on"} <= codes(raw, world(SEALER, REFUSING, STRICT))
    own = received(sealed(MAIL.encode(), "isp.example"))
    assert authentic(own, world(SEALER, REFUSING, STRICT)).how == "provider"


def test_a_chain_that_was_broken_or_cannot_be_looked_up_is_told_apart() -> None:
    raw = sealed(MAIL.encode())
    assert arc_of(raw, world(SEALER)).chain == "pass"
    assert arc_of(raw.replace(b"Hello.", b"Pay!"), world(SEALER)).chain == "fail"
    assert arc_of(raw, offline).chain == "unchecked"
    assert arc_of(raw, offline).sealers == sealers_of(raw) == ("list.example",)
    assert arc_of(MAIL.encode(), offline).chain == "none"
    assert {"arc-broken"} <= codes(received(raw.replace(b"Hello.", b"Pay!")), world(SEALER))


def test_chains_of_strangers_are_bounded() -> None:
    began = time.monotonic()
    many = b"".join(b"ARC-Seal: i=%d; a=rsa-sha256; d=x.example; s=s; b=AAAA\r\n" % number for number in range(1000))
    assert arc_of(many + MAIL.encode(), world(SEALER)).chain == "unchecked"
    blanks = b"ARC-Seal: i=1;" + b" " * 100_000 + b"\r\n"
    assert arc_of(blanks + MAIL.encode(), world(SEALER)).chain == "unchecked"
    assert time.monotonic() - began < 1


# The way


def test_who_took_the_mail_from_whom() -> None:
    told = {one.code: one.text for one in judge(received(), provider="isp.example").findings}
    assert told["way-received"] == (
        "Your provider isp.example took the mail from mail.net.example 198.51.100.7 on 2026-11-24T06:00:00Z."
    )
    assert "way-received-inferred" in codes(received())
    assert "way-unknown" in codes(MAIL.encode())


HOP = "Received: from {} by {} with {}; {}\r\n"


@pytest.mark.parametrize(
    ("client", "code"),
    [
        ("mx1.isp.example (host.bad.example [203.0.113.66])", "way-greeting-borrowed"),
        ("[192.0.2.77] (host.bad.example [203.0.113.66])", "way-greeting-other"),
        ("x.bad.example (host.bad.example [203.0.113.66] (may be forged))", "way-name-unproven"),
    ],
)
def test_how_the_client_called_itself(client: str, code: str) -> None:
    raw = HOP.format(client, "mx1.isp.example", "ESMTP", "Tue, 24 Nov 2026 06:00:00 +0000") + MAIL
    found = {one.code: one.effect for one in judge(raw.encode()).findings}
    assert found[code] == "neutral"


@pytest.mark.parametrize(
    ("hop", "code"),
    [
        (HOP.format("a", "relay.bad.example", "SMTP", "Tue, 24 Nov 2026 09:00:00 +0000"), "way-backwards"),
        (HOP.format("a ([240.1.1.1])", "relay.bad.example", "SMTP", "x"), "way-bogus"),
        (HOP.format("a (unknown [203.0.113.66])", "relay.bad.example", "SMTP", "x"), "way-relayed"),
    ],
)
def test_what_is_odd_below_the_boundary_is_said_and_lowers_nothing(hop: str, code: str) -> None:
    found = {one.code: one.effect for one in judge(received(hop + MAIL)).findings}
    assert found[code] == "neutral"


# The author


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        ("Net <a@net.example>", NET),
        ("a@NET.example", NET),
        ("a@net.example, b@net.example", NET),
        ("a@net.example, b@other.example", ""),
        ("a@m\u00fcller.example", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_a_mail_has_one_author_or_none(sender: str, author: str) -> None:
    raw = MAIL.replace("Net <notices@net.example>", sender).encode()
    assert authentic(raw, offline).author == author
    assert authentic(b"From: a@other.example\r\n" + raw, offline).author == ""
