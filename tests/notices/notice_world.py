"""A provider, its keys, and facts to write about."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser

from msgspec.structs import replace

from tocsin.notices.compose import Letter, compose
from tocsin.notices.dkim_key import generate_dkim_key
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.seal import Sealed, seal
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts, Trouble
from tocsin.proof.keys import generate_key

SECRET = bytes(range(32))
NOTICE = "N-7K3QD9M2XA4F8CBE"
CODE = make_code(SECRET, NOTICE)
SEEN_AT = datetime(2026, 11, 24, 3, 16, 38, tzinfo=UTC)
ISSUER = Issuer(name="Example Broadband", domain="net.example", mail_from="notices@net.example")

INFECTED = Trouble(
    kind="infected-system",
    role="infected",
    address="203.0.113.7",
    seen_at=SEEN_AT,
    source="Example CERT",
    count=12,
    first_at=datetime(2026, 11, 22, 21, 5, 9, tzinfo=UTC),
    malware="mirai",
    port=40512,
    protocol="tcp",
    peer_address="198.51.100.9",
    peer_port=8080,
    source_ref="CERT-2026-4711",
)
ATTACKER = replace(INFECTED, kind="brute-force", role="attacker", malware=None, peer_port=22)
EXPOSED = replace(
    INFECTED,
    kind="potentially-unwanted-accessible",
    role="exposed",
    malware=None,
    port=23,
    peer_address=None,
    peer_port=None,
)
BY_ROLE = {"infected": INFECTED, "attacker": ATTACKER, "exposed": EXPOSED}
ROLES = tuple(BY_ROLE)

FACTS = Facts(
    notice=NOTICE,
    issuer="net.example",
    issuer_name="Example Broadband",
    recipient="anna.weber@mail.example",
    name="Anna Weber",
    line="···· 4711",
    language="en",
    zone="Europe/Berlin",
    troubles=(INFECTED,),
    issued_at=SEEN_AT + timedelta(hours=1),
    expires_at=SEEN_AT + timedelta(days=30),
    code_sha256=code_digest(CODE),
)


@cache
def keys() -> Keys:
    proof = generate_key("net.example", SEEN_AT - timedelta(days=1), SEEN_AT + timedelta(days=365))
    return Keys(proof=proof, dkim=generate_dkim_key(), secret=SECRET)


def facts_about(*troubles: Trouble, language: str = "en") -> Facts:
    return replace(FACTS, troubles=troubles, language=language)


def letter_about(*troubles: Trouble, language: str = "en") -> Letter:
    return compose(facts_about(*troubles, language=language), CODE, ISSUER)


def sealed(facts: Facts = FACTS) -> Sealed:
    return seal(compose(facts, CODE, ISSUER), facts, ISSUER, keys())


class Tags(HTMLParser):
    """The tags and attributes of an HTML text, by a parser that is not ours."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes.update(name for name, _ in attrs)


# What mail programs turn into links by themselves: a scheme, a mailbox, a name that ends like a domain, a file share.
# IDNA's wide dots count between narrow letters only: between wide ones they end a Japanese sentence.
LINK = re.compile(
    r"\w://|mailto:|www\.|\S@\S|(?<=\w)\.[^\W\d_]{2,}|(?<=[\u0900-\u0dff])\.[^\W\d_]|\.[\u0900-\u0dff]{2,}|(?<=[a-z0-9])[\u3002\uff0e\uff61][a-z]{2,}|\\\\\w",
    re.IGNORECASE,
)


def squeezed(words: str) -> str:
    """Without any white space: where a line breaks is not a word."""
    return "".join(words.split())
