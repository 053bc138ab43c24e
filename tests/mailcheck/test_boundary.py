"""Where trust ends: Received headers as servers write them, the reader's provider, and his results."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.mailcheck.authres import counted, others, read_results
from tocsin.mailcheck.boundary import Boundary, boundary_of, provider_of
from tocsin.mailcheck.domains import plain_name, registrable
from tocsin.mailcheck.limits import HOPS_MAX
from tocsin.mailcheck.mail import Mail, read_mail
from tocsin.mailcheck.received import hops_of, read_hop

AT = "Tue, 24 Nov 2026 06:00:00 +0000"
INNER = f"from mx1.isp.example (mx1.isp.example [192.0.2.9]) by store.isp.example with LMTP id 1; {AT}"
EDGE = f"from mail.net.example (mail.net.example [198.51.100.7]) by mx1.isp.example (Postfix) with ESMTPS id 2; {AT}"
BEFORE = "from laptop ([10.0.0.5]) by mail.net.example with ESMTPSA id 3; Tue, 24 Nov 2026 05:59:58 +0000"


def mail(*headers: str, sender: str = "Net <notices@net.example>") -> Mail:
    lines = [*headers, f"From: {sender}", "To: a@isp.example", "Subject: s", f"Date: {AT}", "", "Hello", ""]
    return read_mail("\r\n".join(lines).encode())


def received(*hops: str) -> list[str]:
    return [f"Received: {hop}" for hop in hops]


@pytest.mark.parametrize(
    ("value", "helo", "name", "address", "by"),
    [
        (EDGE, "mail.net.example", "mail.net.example", "198.51.100.7", "mx1.isp.example"),
        (
            "from x (unknown [192.0.2.1]) by mx.isp.example (8.17/8.17) with ESMTP; d",
            "x",
            "",
            "192.0.2.1",
            "mx.isp.example",
        ),
        ("from x (h.example [192.0.2.1] (may be forged)) by b.example; d", "x", "h.example", "192.0.2.1", "b.example"),
        (
            "from h.example ([192.0.2.1] helo=x) by b.example with esmtp (Exim 4.97)",
            "x",
            "h.example",
            "192.0.2.1",
            "b.example",
        ),
        ("from [192.0.2.1] (helo=x) by b.example with esmtp", "x", "", "192.0.2.1", "b.example"),
        (
            "from h.example ([192.0.2.1]:5025 helo=x.example) by b.example",
            "x.example",
            "h.example",
            "192.0.2.1",
            "b.example",
        ),
        ("from unknown (HELO x) (192.0.2.1) by b.example with SMTP", "x", "", "192.0.2.1", "b.example"),
        (
            "from A.example (2001:db8::1) by B.example (2001:db8::2) with Microsoft SMTP Server",
            "a.example",
            "",
            "2001:db8::1",
            "b.example",
        ),
        (
            "from [IPv6:2001:db8::1] (h.example [IPv6:2001:db8::1]) by b.example",
            "ipv6:2001:db8::1",
            "h.example",
            "2001:db8::1",
            "b.example",
        ),
        (
            "from h.example (h.example. [192.0.2.1]) by mx.b.example with ESMTPS id x for <a@b.example> (TLS1_3)",
            "h.example",
            "h.example",
            "192.0.2.1",
            "mx.b.example",
        ),
        ("by 2001:db8:a05:1:: with SMTP id abc; d", "", "", "", "2001:db8:a05:1::"),
        ("(qmail 123 invoked by uid 0); 24 Nov 2026 06:00:00 -0000", "", "", "", ""),
        ("from x by", "x", "", "", ""),
        ("((((", "", "", "", ""),
        ("", "", "", "", ""),
    ],
)
def test_servers_write_it_in_many_ways(value: str, helo: str, name: str, address: str, by: str) -> None:
    hop = read_hop(value)
    assert (hop.helo, hop.name, hop.address, hop.by) == (helo, name, address, by)


def test_the_provider_is_who_wrote_the_topmost_and_the_boundary_where_his_client_is_another() -> None:
    boundary = boundary_of(mail(*received(INNER, EDGE, BEFORE)))
    assert (boundary.provider, boundary.is_given) == ("isp.example", False)
    assert (len(boundary.hops), len(boundary.below)) == (2, 1)
    assert (boundary.address, boundary.helo) == ("198.51.100.7", "mail.net.example")
    assert boundary.received_at is not None


def test_what_the_sender_wrote_below_never_moves_the_boundary() -> None:
    forged = "from bank.example (bank.example [203.0.113.1]) by mx9.isp.example with ESMTPS id 9; " + AT
    boundary = boundary_of(mail(*received(INNER, EDGE, forged, forged)))
    assert (len(boundary.hops), boundary.address) == (2, "198.51.100.7")


def test_a_client_that_greets_with_the_providers_name_is_still_another() -> None:
    greeting = f"from mx1.isp.example (unknown [198.51.100.7]) by mx1.isp.example with SMTP id 2; {AT}"
    forged = f"from bank.example (bank.example [203.0.113.1]) by mx1.isp.example with ESMTPS id 9; {AT}"
    assert boundary_of(mail(*received(greeting, forged))).address == "198.51.100.7"


def test_the_reader_may_say_who_his_provider_is() -> None:
    assert boundary_of(mail(*received(INNER, EDGE)), "isp.example").is_given
    assert boundary_of(mail(*received(INNER, EDGE)), "MX.isp.example.").provider == "isp.example"
    other = boundary_of(mail(*received(INNER, EDGE)), "other.example")
    assert (other.provider, other.hops, other.headers_end) == ("other.example", (), 0)
    assert provider_of("gmail.com") == provider_of("mx.google.com")


def test_a_mail_without_received_has_been_received_by_nobody() -> None:
    boundary = boundary_of(mail())
    assert (boundary.provider, boundary.address, boundary.judged_at) == ("", "", None)


def test_a_server_that_names_only_itself_names_no_provider() -> None:
    hops = received("from localhost (localhost [127.0.0.1]) by localhost with LMTP; " + AT, INNER, EDGE)
    boundary = boundary_of(mail(*hops))
    assert (boundary.provider, len(boundary.hops)) == ("isp.example", 3)


def test_ten_thousand_hops_are_read_in_bounded_time() -> None:
    began = time.monotonic()
    many = mail(*received(*[EDGE] * 10_000))
    assert len(hops_of(many)) <= HOPS_MAX
    assert boundary_of(many).address == "198.51.100.7"
    read_hop("from " + "(" * 100_000 + "[1.2.3.4]" * 10_000)
    read_results(";" * 100_000 + "(" * 100_000)
    assert time.monotonic() - began < 2


@given(st.text(max_size=300))
def test_no_header_breaks_the_reading(text: str) -> None:
    read_hop(text)
    read_results(text)
    registrable(text)
    assert plain_name(plain_name(text)) == plain_name(text)


# Authentication-Results


GOOD = "Authentication-Results: mx1.isp.example; dkim=pass header.d=net.example; dmarc=pass header.from=net.example"


def said(*headers: str, provider: str = "") -> list[tuple[str, str, str]]:
    read = mail(*headers)
    return [(one.method, one.result, one.domain) for one in counted(read, boundary_of(read, provider))]


@pytest.mark.parametrize(
    ("value", "server", "results"),
    [
        ("isp.example; none", "isp.example", []),
        ("isp.example 1; spf=pass smtp.mailfrom=a@net.example", "isp.example", [("spf", "pass", "net.example")]),
        (
            "isp.example; dkim=pass (2048-bit key; ok) header.i=@Net.example",
            "isp.example",
            [("dkim", "pass", "net.example")],
        ),
        (
            'isp.example; dkim=fail reason="a; b" header.d=net.example; x',
            "isp.example",
            [("dkim", "fail", "net.example")],
        ),
        (
            "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=net.example; dmarc=bestguesspass header.from=net.example",
            "",
            [("spf", "pass", "net.example"), ("dmarc", "bestguesspass", "net.example")],
        ),
        ("mailscanner (amavisd-new); dkim=pass header.d=net.example", "mailscanner", [("dkim", "pass", "net.example")]),
        ("", "", []),
    ],
)
def test_results_are_read_as_servers_write_them(value: str, server: str, results: list[tuple[str, ...]]) -> None:
    read = read_results(value)
    assert (read.server, [(one.method, one.result, one.domain) for one in read.said]) == (server, results)


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        ("isp.example; dmarc=fail (p=REJECT sp=NONE dis=NONE) header.from=net.example", "reject"),
        ("dmarc=fail action=oreject header.from=net.example", "reject"),
        ("dmarc=fail action=quarantine header.from=net.example", "quarantine"),
        ("dmarc=fail header.from=net.example", ""),
    ],
)
def test_what_the_domain_asks_for_is_read_where_it_is_told(value: str, policy: str) -> None:
    assert read_results(value).said[0].policy == policy


def test_the_providers_results_count() -> None:
    assert said(GOOD, *received(INNER, EDGE)) == [("dkim", "pass", "net.example"), ("dmarc", "pass", "net.example")]
    assert said(*received(INNER, EDGE), GOOD) == said(GOOD, *received(INNER, EDGE))  # written below its Received


def test_anybody_elses_do_not() -> None:
    forged = GOOD.replace("mx1.isp.example", "mx.other.example")
    assert said(forged, *received(INNER, EDGE)) == []
    assert said(*received(INNER, EDGE, BEFORE), GOOD) == []  # below the sender's own Received
    assert said(GOOD) == []
    assert said(GOOD, provider="isp.example") == []  # he has not received it
    assert said(*received(INNER, EDGE), GOOD, provider="other.example") == []
    unnamed = "Authentication-Results: dmarc=pass header.from=net.example"
    assert said(unnamed, *received(INNER, EDGE)) == []  # only one provider leaves out his name


def test_of_two_results_of_one_method_the_upper_counts() -> None:
    bad = "Authentication-Results: mx1.isp.example; dkim=fail header.d=net.example; dmarc=fail header.from=net.example"
    assert said(bad, *received(INNER, EDGE), GOOD) == said(bad, *received(INNER, EDGE))


def test_those_that_do_not_count_are_named() -> None:
    read = mail(GOOD, *received(INNER, EDGE, BEFORE), "Authentication-Results: mx.bank.example; dkim=pass")
    assert others(read, boundary_of(read)) == ("mx.bank.example",)
    assert others(read, Boundary()) == ("mx1.isp.example", "mx.bank.example")


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("a.b.net.example", "net.example"),
        ("A.NET.EXAMPLE.", "net.example"),
        ("example", ""),
        ("192.0.2.1", ""),
        ("", ""),
        ("a..b", ""),
        ("x" * 300, ""),
        ("m\u00fcller.example", "xn--mller-kva.example"),
    ],
)
def test_the_registered_domain_of_a_name(name: str, domain: str) -> None:
    assert registrable(name) == domain
