from __future__ import annotations

import email
import email.policy
import re
from datetime import timedelta
from email.message import EmailMessage

import dkim
import dkim.canonicalization
import dns.zone
import pytest
from dns.rdtypes.ANY.TXT import TXT
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.notices.notice_world import (
    ATTACKER,
    CODE,
    EXPOSED,
    FACTS,
    INFECTED,
    ISSUER,
    SEEN_AT,
    facts_about,
    keys,
    sealed,
    squeezed,
)
from tocsin.notices.bounce import bounced_notice
from tocsin.notices.compose import compose
from tocsin.notices.dkim_key import generate_dkim_key
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.notices.seal import seal
from tocsin.notices.signer import OVERSIGNED, dkim_record, relaxed_body
from tocsin.notices.zone import zone_text
from tocsin.proof.keys import fingerprint, generate_key
from tocsin.proof.known import Known, KnownKey
from tocsin.proof.proof import read_proof, verify_proof
from tocsin.proof.words import html_digest, text_digest
from tocsin.terms.errors import Refused

ADDED = {
    "From": "Somebody <x@evil.example>",
    "To": "other@mail.example",
    "Cc": "other@mail.example",
    "Reply-To": "x@evil.example",
    "Subject": "pay now",
    "Date": "Wed, 25 Nov 2026 04:16:38 +0000",
    "Message-ID": "<x@evil.example>",
    "MIME-Version": "1.0",
    "Content-Type": "text/html",
    "Content-Transfer-Encoding": "base64",
    "Content-Language": "de",
    "Auto-Submitted": "no",
    "Tocsin-Proof": "v=1; key=x",
}


def records() -> dict[str, bytes]:
    """The TXT records of the zone file that we write, by their whole names."""
    zone = dns.zone.from_text(zone_text(ISSUER, keys()), ".", relativize=False, check_origin=False)
    texts = ((name, record) for name, _, record in zone.iterate_rdatas("TXT") if isinstance(record, TXT))
    return {str(name): b"".join(record.strings) for name, record in texts}


def is_signed(raw: bytes) -> bool:
    """By dkimpy, which asks the zone file that we wrote."""

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        return records().get(name.decode())

    return bool(dkim.verify(raw, dnsfunc=look_up))


def message(raw: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def twin(raw: bytes, subtype: str) -> str:
    part = message(raw).get_body((subtype,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_independent_verifier_finds_the_signature_valid(language: str) -> None:
    raw = sealed(facts_about(INFECTED, ATTACKER, EXPOSED, language=language)).raw
    assert is_signed(raw)
    assert is_signed(raw.replace(b"\r\n", b"\n")), "a mail store may keep bare line feeds"


def test_every_header_of_the_mail_is_signed_but_the_signature_itself() -> None:
    names = {name.lower() for name in message(sealed().raw).keys()}  # noqa: SIM118
    assert names - {"dkim-signature"} <= {name.lower() for name in OVERSIGNED}
    assert set(ADDED) == set(OVERSIGNED)


@pytest.mark.parametrize("name", OVERSIGNED)
def test_a_second_header_before_or_after_the_first_breaks_the_signature(name: str) -> None:
    raw = sealed().raw
    field = f"{name}: {ADDED[name]}\r\n".encode()
    head, blank, body = raw.partition(b"\r\n\r\n")
    assert not is_signed(field + raw)
    assert not is_signed(head + b"\r\n" + field.rstrip(b"\r\n") + blank + body)


@pytest.mark.parametrize("name", sorted(set(OVERSIGNED) - {"Cc", "Reply-To", "Content-Transfer-Encoding"}))
def test_a_header_changed_or_taken_away_breaks_the_signature(name: str) -> None:
    raw = sealed().raw
    field = re.compile(rf"^{name}:.*\r\n(?:[ \t].*\r\n)*".encode(), re.MULTILINE)
    assert len(field.findall(raw.partition(b"\r\n\r\n")[0] + b"\r\n")) == 1
    for instead in (f"{name}: {ADDED[name]} x\r\n".encode(), b""):
        assert not is_signed(field.sub(instead, raw, count=1))


@given(st.data())
def test_any_change_of_the_body_breaks_the_signature(data: st.DataObject) -> None:
    raw = sealed().raw
    start = raw.index(b"\r\n\r\n") + 4
    place = data.draw(st.integers(start, len(raw) - 1).filter(lambda at: raw[at] not in b" \t\r\n"))
    letter = data.draw(st.sampled_from(b"aZ0=<").filter(lambda byte: byte != raw[place]))
    assert not is_signed(raw[:place] + bytes([letter]) + raw[place + 1 :])


def test_nothing_can_be_appended_to_the_body() -> None:
    raw = sealed().raw
    assert b" l=" not in raw.partition(b"\r\n\r\n")[0]
    assert not is_signed(raw + b"more\r\n")


def test_another_key_does_not_verify() -> None:
    facts = FACTS
    other = replace(keys(), dkim=generate_dkim_key())
    assert not is_signed(seal(compose(facts, CODE, ISSUER), facts, ISSUER, other).raw)


body_lines = st.lists(st.text(st.sampled_from("ab \t="), max_size=8), max_size=8)


@given(body_lines)
def test_the_canonical_body_is_that_of_dkimpy(lines: list[str]) -> None:
    body = "".join(f"{line}\r\n" for line in lines).encode()
    assert relaxed_body(body) == dkim.canonicalization.Relaxed.canonicalize_body(body)


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert sealed() == sealed()


def test_the_message_id_follows_from_the_facts_and_the_secret() -> None:
    facts = FACTS
    ours = sealed().message_id
    assert ours.startswith("<n-7k3qd9m2xa4f8cbe.")
    assert ours.endswith("@net.example>")
    assert sealed(replace(facts, name="Anna Webers")).message_id != ours
    stranger = replace(keys(), secret=b"x" * 32)
    assert seal(compose(facts, CODE, ISSUER), facts, ISSUER, stranger).message_id != ours


def test_the_headers_say_who_to_whom_when_and_that_no_person_wrote() -> None:
    mail = message(sealed().raw)
    assert mail["From"].addresses[0].addr_spec == "notices@net.example"
    assert mail["From"].addresses[0].display_name == "Example Broadband"
    assert mail["To"] == "anna.weber@mail.example"
    assert mail["Date"].datetime == FACTS.issued_at
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert mail["Message-ID"] == sealed().message_id
    assert mail["Return-Path"] is None, "the last hop writes it"


@pytest.mark.parametrize("name", ["Пример Телеком", 'Quote " and \\ Net', "例示ブロードバンド" * 6, "=?utf-8?q?x?="])
def test_a_providers_name_in_any_script_reads_back(name: str) -> None:
    issuer, facts = replace(ISSUER, name=name), replace(FACTS, issuer_name=name)
    raw = seal(compose(facts, CODE, issuer), facts, issuer, keys()).raw
    mail = message(raw)
    # Python 3.11 puts a blank between two encoded words of a name, against RFC 2047 §6.2.
    assert squeezed(mail["From"].addresses[0].display_name) == squeezed(name)
    assert mail["Subject"].startswith(name)
    assert is_signed(raw)
    assert all(len(line) <= 76 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plain_twin_comes_first_and_both_arrive_as_they_were_written(language: str) -> None:
    facts = facts_about(INFECTED, language=language)
    letter, raw = compose(facts, CODE, ISSUER), sealed(facts).raw
    kinds = [part.get_content_type() for part in message(raw).walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert twin(raw, "plain").startswith(letter.text)
    assert twin(raw, "html").startswith(letter.html.removesuffix("</body>\n</html>\n"))
    assert all(not part.get_filename() for part in message(raw).walk())


@pytest.mark.parametrize("language", LANGUAGES)
def test_header_and_both_twins_carry_one_proof_that_verifies(language: str) -> None:
    facts = facts_about(INFECTED, language=language)
    raw = sealed(facts).raw
    proof = read_proof(str(message(raw)["Tocsin-Proof"]))
    assert proof == read_proof(twin(raw, "plain")) == read_proof(twin(raw, "html"))
    assert proof.facts == facts
    assert proof.text_sha256 == text_digest(twin(raw, "plain"))
    assert proof.html_sha256 == html_digest(twin(raw, "html"))
    key = keys().proof
    known = KnownKey(
        issuer="net.example",
        name="Example Broadband",
        fingerprint=fingerprint(key),
        not_before=key.not_before,
        not_after=key.not_after,
    )
    assert verify_proof(proof, Known(keys=(known,)), SEEN_AT + timedelta(days=1)).result == "supports"


def test_a_proof_key_of_another_time_or_issuer_is_refused() -> None:
    facts = FACTS
    letter = compose(facts, CODE, ISSUER)
    late = generate_key("net.example", SEEN_AT + timedelta(days=10), SEEN_AT + timedelta(days=20))
    other = generate_key("other.example", SEEN_AT - timedelta(days=1), SEEN_AT + timedelta(days=20))
    for key in (late, other):
        with pytest.raises(Refused, match="key"):
            seal(letter, facts, ISSUER, replace(keys(), proof=key))


@pytest.mark.parametrize("notice", ["", "N-1", "N-7k3qd9m2xa4f8cbe", "N-7K3QD9M2XA4F8CB\n", 'N-"3QD9M2XA4F8CBE'])
def test_a_notices_reference_has_one_form(notice: str) -> None:
    facts = replace(FACTS, notice=notice)
    with pytest.raises(Refused, match="reference"):
        seal(compose(facts, CODE, ISSUER), facts, ISSUER, keys())


def test_a_bounce_finds_its_notice_whatever_the_letter_case() -> None:
    address = sealed().envelope_from
    secret = keys().secret
    assert len(address.partition("@")[0]) <= 64
    assert bounced_notice(address, "net.example", secret) == FACTS.notice
    assert bounced_notice(address.upper(), "net.example", secret) == FACTS.notice


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bounce+@net.example",
        "bounce+n-7k3qd9m2xa4f8cbe@net.example",
        "bounce+n-7k3qd9m2xa4f8cbe-000000000000@net.example",
        "postmaster@net.example",
        "bounce+é-é@net.example",
    ],
)
def test_a_bounce_address_that_we_never_made_finds_nothing(address: str) -> None:
    assert bounced_notice(address, "net.example", keys().secret) is None


def test_a_bounce_to_another_domain_or_about_another_notice_finds_nothing() -> None:
    address, secret = sealed().envelope_from, keys().secret
    assert bounced_notice(address, "other.example", secret) is None
    assert bounced_notice(address.replace("n-7", "n-8"), "net.example", secret) is None


def test_the_records_survive_the_zone_file() -> None:
    assert records() == {
        "net.example.": b"v=spf1 mx -all",
        "_dmarc.net.example.": b"v=DMARC1; p=reject; adkim=s; aspf=s",
        "tocsin._domainkey.net.example.": dkim_record(keys().dkim.public_key()).encode(),
    }
