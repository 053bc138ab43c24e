"""Offences and a contact to report them to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from tocsin.notices.reports.group import Contact, Group, Offence, Reporter
from tocsin.terms.addresses import parse_address

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
REPORTER = Reporter(name="Example Shop", mail="abuse@shop.example")
CONTACT = Contact(mail="abuse@provider.example", origin=64500, prefixes=("192.0.2.0/24",))
SECRET = b"s" * 32
CONFIG = """
[issuer]
name = "Example Shop"
domain = "shop.example"
mail_from = "abuse@shop.example"

[provider]
prefixes = ["198.51.100.0/24"]
"""


def offence(host: str = "192.0.2.1", **changes: object) -> Offence:
    this = Offence(
        address=parse_address(host),
        kind="brute-force",
        taxonomy="intrusion-attempts",
        application="ssh",
        first_at=NOW - timedelta(hours=2),
        last_at=NOW - timedelta(hours=1),
        lines=9,
        confidence=80,
        samples=("2026-11-24T03:16:38+00:00 gate sshd[1]: Failed password for […] from 192.0.2.1 port 1001 ssh2",),
        rules=("guessing", "password-failed"),
        port=1001,
        protocol="tcp",
    )
    return msgspec.structs.replace(this, **changes)


def group(*offences: Offence, contact: Contact = CONTACT) -> Group:
    return Group(contact=contact, offences=offences or (offence(),))
