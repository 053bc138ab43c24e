"""The published test suites and the examples of the standards, on real data beside the checkout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tocsin.mailcheck.arc import arc_of
from tocsin.mailcheck.boundary import boundary_of
from tocsin.mailcheck.dkim_signature import signatures
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.resolver import NotLookedUp, RecordKind, Resolver, map_resolver
from tocsin.mailcheck.spf import check_host

LIESER = "mail/auth/dkim_verifier_lieser/test/data"
RFC6376_KEY = (
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYf"
    "cTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
RFC8463_KEYS = {
    "brisbane._domainkey.football.example.com": ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",),
    "test._domainkey.football.example.com": (
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J1"
        "6JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4"
        "w3QIDAQAB",
    ),
}
DNS = map_resolver(
    RFC8463_KEYS
    | {
        "brisbane._domainkey.example.com": (RFC6376_KEY,),
        "s.flags._domainkey.example.com": (f"{RFC6376_KEY}; t=s",),
    }
)


def as_sent(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def states(raw: bytes, resolve: Resolver = DNS, at: datetime | None = None) -> list[str]:
    return [one.state for one in signatures(as_sent(raw), resolve, at)]


@pytest.mark.shared
def test_the_example_of_rfc_6376(shared: Path) -> None:
    raw = (shared / LIESER / "rfc6376-A.2.eml").read_bytes()
    assert states(raw) == ["verified"]
    assert states(raw.replace(b"dinner", b"lunch")) == ["bad-signature"]
    assert states(raw.replace(b"hungry", b"thirsty")) == ["body-changed"]


@pytest.mark.shared
def test_both_examples_of_rfc_8463(shared: Path) -> None:
    raw = (shared / LIESER / "rfc8463-A.3.eml").read_bytes()
    assert states(raw) == ["verified", "verified"]
    signed_at = datetime.fromtimestamp(1528637909, UTC)
    assert states(raw, at=signed_at) == ["verified", "verified"]
    swapped = map_resolver(dict(zip(RFC8463_KEYS, reversed(RFC8463_KEYS.values()), strict=True)))
    assert states(raw, swapped) == ["unreadable", "unreadable"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("rfc6376-A.2", "verified"),
        ("rfc6376-A.2-body_modified", "body-changed"),
        ("rfc6376-A.2-header_subject_modified", "bad-signature"),
        ("rfc6376-A.2-ill_formed-missing_v", "unreadable"),
        ("rfc6376-A.2-ill_formed-list_id", "verified"),
        ("dkim/added_header-from", "bad-signature"),
        ("dkim/added_header-subject", "header-added"),
        ("dkim/added_header-to", "header-added"),
        ("dkim/added_header-date", "header-added"),
        ("dkim/alignment-from_not_in_auid", "verified"),
        ("dkim/alignment-signed_by_parent_domain", "verified"),
        ("dkim/flags_s-auid_and_sdid_match", "verified"),
        ("dkim/flags_s-auid_is_subdomain_of_sdid", "unreadable"),
        ("dkim/header_with_non_ascii_char", "verified"),
        ("dkim/unsigned_header-content-type", "verified"),
    ],
)
def test_the_mails_of_dkim_verifier(shared: Path, name: str, state: str) -> None:
    assert states((shared / LIESER / f"{name}.eml").read_bytes()) == [state]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("time-received_after_creation", "verified"),
        ("time-received_briefly_before_creation", "verified"),
        ("time-received_long_before_creation", "unreadable"),
    ],
)
def test_a_signature_is_made_before_the_mail_is_received(shared: Path, name: str, state: str) -> None:
    raw = as_sent((shared / LIESER / "dkim" / f"{name}.eml").read_bytes())
    assert states(raw, at=boundary_of(read_mail(raw)).judged_at) == [state]


def zone_and_mail(path: Path) -> tuple[Resolver, bytes]:
    """Records, a line each (name, text), an empty line, and the mail."""
    head, _, raw = path.read_bytes().partition(b"\n\n")
    lines = [line.partition(" ") for line in head.decode().splitlines()]
    return map_resolver({name.rstrip("."): (text.strip(),) for name, _, text in lines if text}), as_sent(raw)


@pytest.mark.shared
@pytest.mark.parametrize("number", range(1, 7))
def test_the_signed_mails_of_stalwart(shared: Path, number: int) -> None:
    resolve, raw = zone_and_mail(shared / f"mail/auth/stalwart_mail-auth/resources/dkim/{number:03}.txt")
    assert set(states(raw, resolve)) == {"verified"}


@pytest.mark.shared
def test_the_chain_of_stalwart(shared: Path) -> None:
    resolve, raw = zone_and_mail(shared / "mail/auth/stalwart_mail-auth/resources/arc/001.txt")
    assert arc_of(raw, resolve).chain == "pass"


@pytest.mark.shared
def test_the_elliptic_mail_of_mailauth(shared: Path) -> None:
    folder = shared / "mail/auth/mailauth/test/dkim/ec/fixtures"
    records = json.loads((folder / "dns.json").read_text(encoding="utf-8"))
    texts = {name: tuple("".join(text) for text in kinds["TXT"]) for name, kinds in records.items() if "TXT" in kinds}
    assert states((folder / "signed.eml").read_bytes(), map_resolver(texts)) == ["verified", "verified"]


def suite(path: Path) -> Iterator[dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    yield from (part for part in yaml.safe_load_all(path.read_text(encoding="utf-8")) if part)


@pytest.mark.shared
def test_the_arc_suite(shared: Path) -> None:
    wrong, count = [], 0
    for part in suite(shared / "mail/auth/arc_test_suite/tests/arc-draft-validation-tests.yml"):
        records = {name.rstrip("."): text for name, text in (part.get("txt-records") or {}).items()}

        def resolve(name: str, kind: RecordKind = "TXT", records: Mapping[str, str] = records) -> tuple[str, ...]:
            return (records[name],) if kind == "TXT" and name in records else ()

        for name, case in part["tests"].items():
            count += 1
            wanted = (case["cv"] or "fail").lower()  # without a word: a chain whose seal says that it had failed
            if arc_of(as_sent(case["message"].encode()), resolve).chain != wanted:
                wrong.append(name)
    assert (count, wrong) == (171, [])


class SpfZone:
    """The zone of a part of the SPF suite: TIMEOUT where a name has no answer, SPF records beside TXT."""

    def __init__(self, zone: Mapping[str, list[Any]]) -> None:
        self.zone = {name.lower().rstrip("."): entries for name, entries in zone.items()}

    def __call__(self, name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        for _ in range(8):
            entries = self.zone.get(name.lower().rstrip("."), [])
            told = [entry for entry in entries if isinstance(entry, dict)]
            found = self._of(told, kind)
            if found:
                return found
            if len(told) < len(entries):
                raise NotLookedUp("DNS did not answer in time")
            aliases = [entry["CNAME"] for entry in told if "CNAME" in entry]
            if not aliases:
                return ()
            name = aliases[0]
        return ()

    @staticmethod
    def _of(told: list[dict[str, Any]], kind: str) -> tuple[str, ...]:
        old = "SPF" if kind == "TXT" and not any("TXT" in entry for entry in told) else kind
        values = [entry[name] for entry in told for name in (kind, old) if name in entry and entry[name] != "NONE"]
        if kind == "MX":
            return tuple(host for _, host in sorted(values))
        return tuple("".join(value) for value in dict.fromkeys(map(tuple_of, values)))


def tuple_of(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.mark.shared
def test_the_spf_suite_of_rfc_7208(shared: Path) -> None:
    wrong, count = [], 0
    for part in suite(shared / "mail/auth/spf_suite_pyspf/test/rfc7208-tests.yml"):
        resolve = SpfZone(part["zonedata"])
        for name, case in part["tests"].items():
            count += 1
            sender = case.get("mailfrom") or f"postmaster@{case['helo']}"
            result, _ = check_host(case["host"], sender, case["helo"], resolve)
            if result not in tuple_of(case["result"]):
                wrong.append((name, result))
    assert (count, wrong) == (203, [])


@pytest.mark.shared
def test_no_real_mail_breaks_the_reading_of_its_way(shared: Path) -> None:
    named = 0
    for path in sorted((shared / "mail/phishing").glob("*.eml")):
        boundary = boundary_of(read_mail(path.read_bytes()))
        named += bool(re.fullmatch(r"[0-9a-f.:]+", boundary.address))
        assert boundary.provider
    assert named >= 415
