"""Whom a domain belongs to, and whom a name claims."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tocsin.mailcheck import hosts
from tocsin.mailcheck.directory import Directory, directory, shipped
from tocsin.mailcheck.places import is_free_mail
from tocsin.proof.known import load_known
from tocsin.proof.organisations import Domain, Organisation

BOOK = shipped()
OWN = Organisation(
    name="Example Broadband",
    kind="provider",
    country="in",
    domains=(Domain("old.example", until=date(2020, 12, 31)), Domain("new.example", since=date(2020, 6, 1))),
    source="https://new.example/",
    checked=date(2026, 11, 24),
)


def name_of(host: str, day: date | None = None, book: Directory = BOOK) -> str:
    owner = book.owner(host, day)
    return owner.name if owner else ""


def claims(text: str, *, whole: bool = True) -> list[str]:
    return [claim.organisation.name for claim in BOOK.claimed(text, whole=whole)]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("csk.gov.in", "CERT-In"),
        ("www.cyberswachhtakendra.gov.in", "CERT-In"),
        ("mtnl.net.in", "MTNL"),
        ("amazon.co.jp", "Amazon"),
        ("service.paypal.de", "PayPal"),
        ("paypal.tk", ""),
        ("paypal.com.evil.example", ""),
        ("notpaypal.com", ""),
        ("someone.web.app", ""),
        ("", ""),
    ],
)
def test_a_host_belongs_to_whom_its_domain_belongs(host: str, name: str) -> None:
    assert name_of(host) == name


def test_a_domain_counts_while_it_was_theirs() -> None:
    book = Directory([OWN])
    assert name_of("mail.old.example", date(2019, 1, 1), book) == "Example Broadband"
    assert name_of("mail.old.example", date(2021, 1, 1), book) == ""
    assert name_of("new.example", date(2019, 1, 1), book) == ""
    assert name_of("new.example", None, book) == "Example Broadband"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Microsoft account team ,_", "Microsoft"),
        ("PayPaI", "PayPal"),
        ("Micr0soft", "Microsoft"),
        ("Mcafee™ Notice", "McAfee"),
        ("D'isney Plus", "Disney Plus"),
        ("M\u0435t\u0430\u041c\u0430sk.io", "MetaMask"),
        ("N\u200de\u200dt\u200df\u200dlix", "Netflix"),
        ("楽天市場", "Rakuten"),
        ("साइबर स्वच्छता केंद्र", "CERT-In"),
        ("Deutsche Telekom AG", "Deutsche Telekom"),
        ("Telefonica", "Movistar"),
        ("LEDGER", "Ledger"),
        ("Norton Support", "Norton"),
    ],
)
def test_a_senders_name_claims_an_organisation(text: str, name: str) -> None:
    assert claims(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Tim",
        "Otto",
        "Elisa Norton",
        "Bell",
        "Free Shipping to everybody",
        "Anna Weber",
        "",
        "Orange juice",
        "Apple pie",
    ],
)
def test_people_and_everyday_words_claim_nobody(text: str) -> None:
    assert claims(text) == []


def test_what_only_looks_like_the_name_is_told_from_the_name() -> None:
    assert [claim.is_disguised for text in ("PayPal", "PayPaI", "Telefonica") for claim in BOOK.claimed(text)] == [
        False,
        True,
        False,
    ]


def test_a_known_file_adds_organisations_and_replaces_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(
        '[[organisation]]\nname = "MTNL"\nkind = "provider"\ndomains = ["line.example", { name = "was.example", '
        'until = 2001-01-01 }]\nsource = "the bill"\nchecked = 2026-11-24\n',
        encoding="utf-8",
    )
    known = load_known(path)
    book = directory(known.organisations)
    assert name_of("line.example", book=book) == "MTNL"
    assert name_of("was.example", date(2026, 1, 1), book) == ""
    assert name_of("mtnl.net.in", book=book) == ""
    assert name_of("bsnl.co.in", book=book) == "BSNL"


def test_every_shipped_entry_has_its_date_its_source_and_domains_that_are_domains() -> None:
    for one in BOOK.organisations:
        assert one.source.startswith("https://"), one.name
        assert one.checked.year >= 2026
        assert one.sights
        for domain in one.every_domain:
            host = domain.name.replace(".*", ".com")
            assert "." not in host or hosts.is_name(host), (one.name, domain.name)


def test_every_shipped_name_is_found_by_its_own_name() -> None:
    missed = [
        (one.name, name)
        for one in BOOK.organisations
        for name in (one.name, *one.names)
        if name not in (*one.common, *one.surnames) and one.name not in claims(name)
    ]
    assert missed == []


def test_mailboxes_that_anybody_gets_are_at_the_domain_itself() -> None:
    assert is_free_mail("yahoo.co.uk")
    assert not is_free_mail("arf.mail.yahoo.com")
    assert name_of("arf.mail.yahoo.com") == "Yahoo"
