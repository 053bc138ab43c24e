"""What we write as IODEF is valid by the schema of RFC 7970, whatever is told; and the rules find what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports.iodef_rules import faults
from tests.witness.report_world import REPORTER, group, offence
from tocsin.notices.formats.iodef import iodef_document
from tocsin.terms.addresses import parse_address

MADE = "2026-11-24T06:00:00Z"
KINDS = ("brute-force", "infected-system", "ddos", "dos", "spam", "scanner", "exploit", "vulnerable-system", "other")
AT = datetime(2026, 11, 24, tzinfo=UTC)


def document(**changes: Any) -> str:
    return iodef_document(group(offence(**changes)), REPORTER, "R-0123456789ABCDEF", MADE)


@given(
    kind=st.sampled_from(KINDS),
    confidence=st.integers(0, 100),
    address=st.sampled_from(("192.0.2.7", "2001:db8::7")),
    peer=st.sampled_from((None, "203.0.113.9", "2001:db8::9")),
    port=st.one_of(st.none(), st.integers(1, 65_535)),
    protocol=st.sampled_from((None, "tcp", "udp", "icmp", "gre")),
    malware=st.one_of(st.none(), st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)),
    lasts=st.integers(0, 10**6),
)
@settings(max_examples=150, deadline=None)
def test_every_document_is_valid(**told: object) -> None:
    peer, lasts = told.pop("peer"), told.pop("lasts")
    assert isinstance(lasts, int)
    changes = told | {
        "address": parse_address(str(told["address"])),
        "peer_address": parse_address(str(peer)) if peer else None,
        "first_at": AT,
        "last_at": AT + timedelta(seconds=lasts),
    }
    assert faults(fromstring(document(**changes).encode())) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<DetectTime>", "<StartTime>2026-01-01T00:00:00Z</StartTime><DetectTime>", "order"),
        ('purpose="reporting"', "", "no purpose"),
        ('purpose="reporting"', 'purpose="gossip"', "gossip"),
        ('rating="numeric"', 'rating="sure"', "sure"),
        ('<SystemImpact type="takeover-account"/>', "", "order"),
        ('dtype="string"', "", "no dtype"),
        ("<Port>", "<Port>x", "Port"),
        ("GenerationTime>2026-11-24T", "GenerationTime>yesterday", "yesterday"),
        ("<Flow>", "<Other/><Flow>", "no class"),
        ('role="creator"', 'role="creator" colour="red"', "colour"),
    ],
)
def test_the_rules_find_a_departure(old: str, new: str, said: str) -> None:
    valid = document(kind="brute-force", port=40001, protocol="tcp")
    assert faults(fromstring(valid.encode())) == []
    assert old in valid
    assert said in " ".join(faults(fromstring(valid.replace(old, new, 1).encode())))
