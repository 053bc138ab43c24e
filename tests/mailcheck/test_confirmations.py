"""A confirmation that the reader brings speaks of this notice or of none, and never of who wrote it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.mailcheck.mail_world import ISSUED_AT, KEY, KNOWN, YEAR, codes_of, notice, proof_of
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check
from tocsin.mailcheck.setup import Setup
from tocsin.proof.confirmation import Confirmation, make_confirmation
from tocsin.proof.keys import key_from_seed
from tocsin.proof.known import ClearingHouse, Known

CERT = key_from_seed(b"c" * 32, "cert.example", ISSUED_AT - YEAR, ISSUED_AT + YEAR)
HOUSES = (ClearingHouse(name="Example CERT", public=CERT.raw_public),)
SAID = Confirmation(
    clearing_house="cert.example",
    name="Whatever it calls itself",
    reference="CERT-2026-4711",
    provider="net.example",
    given_at=ISSUED_AT,
    confirmed_at=ISSUED_AT,
)


def judged(*confirmations: bytes, known: Known = KNOWN, mail: bytes | None = None) -> Answer:
    setup = Setup(known=replace(known, clearing_houses=HOUSES), confirmations=confirmations)
    return check(mail or notice(), setup)


def test_it_is_told_by_the_name_that_the_reader_gave_the_clearing_house() -> None:
    answer = judged(make_confirmation(SAID, CERT))
    assert answer.verdict == "genuine"
    [found] = [each for each in answer.findings if each.code == "confirmation-given"]
    assert "Example CERT" in found.text
    assert "Whatever" not in found.text
    assert "2026-11-24" in found.text


@pytest.mark.parametrize("changes", [{"reference": "CERT-2026-4712"}, {"provider": "other.example"}])
def test_one_of_something_else_says_so_and_changes_nothing(changes: dict[str, str]) -> None:
    answer = judged(make_confirmation(replace(SAID, **changes), CERT))
    assert "confirmation-other" in codes_of(answer)
    assert "confirmation-given" not in codes_of(answer)
    assert answer.verdict == "genuine"


def test_one_that_nobody_known_has_signed_counts_for_nothing() -> None:
    for raw in (make_confirmation(SAID, KEY), b"{}", make_confirmation(SAID, CERT).replace(b"4711", b"4712")):
        assert codes_of(judged(raw)) & {"confirmation-given", "confirmation-unsigned"} == {"confirmation-unsigned"}


def test_it_never_makes_a_mail_genuine() -> None:
    raw = make_confirmation(SAID, CERT)
    assert judged(raw, known=Known()).verdict == "unclear"
    forged = notice(replace(proof_of(), signature=b"x" * 64))
    assert judged(raw, mail=forged).verdict == "fake"
    plain = judged(raw, mail=b"From: a@net.example\nSubject: CERT-2026-4711\n\nReference CERT-2026-4711\n")
    assert "confirmation-other" in codes_of(plain)
