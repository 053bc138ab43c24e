from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.proof.proof_world import FACTS, ISSUED_AT, YEAR, any_facts, issuer_key, texts
from tocsin.proof.facts import Facts
from tocsin.proof.keys import PublicKey
from tocsin.proof.known import Known, KnownKey, pin
from tocsin.proof.proof import PROOF_CHARACTERS_MAX, Head, Proof, make_proof, read_proof, verify_proof
from tocsin.proof.words import BLOCK_BEGIN, BLOCK_END

KEY = issuer_key()
PINNED = pin(KEY.public, "Example Broadband")
KNOWN = Known(keys=(PINNED,))
HEAD = Head(sender="a@net.example", recipient="b@mail.example", subject="a notice", date="today")
PROOF = make_proof(FACTS, "the text", "<p>the text</p>", KEY, HEAD)


@given(any_facts, texts, texts, st.none() | st.builds(Head, sender=texts, recipient=texts, subject=texts, date=texts))
def test_a_proof_that_is_written_reads_back_the_same_both_ways(
    facts: Facts, text: str, html: str, head: Head | None
) -> None:
    proof = make_proof(facts, text, html, KEY, head)
    assert read_proof(proof.header()) == proof
    assert read_proof(f"before\n{proof.block()}after") == proof
    assert verify_proof(proof, KNOWN).result == "supports"
    assert make_proof(facts, text, html, KEY, head) == proof


@given(any_facts, st.sampled_from(["\r\n ", "\r\n\t", "\n ", "  "]))
def test_folding_on_the_way_changes_nothing(facts: Facts, fold: str) -> None:
    proof = make_proof(facts, "", "", KEY)
    assert read_proof(fold.join(proof.header().split(" "))) == proof


@given(any_facts)
def test_lines_are_short_enough_to_be_copied_and_folded(facts: Facts) -> None:
    proof = make_proof(facts, "", "", KEY)
    assert all(len(line) <= 72 for line in proof.block().splitlines())
    assert all(len(word) <= 72 for word in proof.header().split(" "))
    assert proof.header().isascii()


@given(st.data())
def test_any_changed_character_is_refused_or_does_not_verify(data: st.DataObject) -> None:
    header = PROOF.header()
    place = data.draw(st.integers(0, len(header) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != header[place]))
    changed = header[:place] + other + header[place + 1 :]
    try:
        result = verify_proof(read_proof(changed), KNOWN).result
    except ValueError:
        return
    assert result != "supports"


def test_a_proof_that_vouches_for_other_words_or_other_facts_is_forged() -> None:
    for changed in (
        replace(PROOF, facts=replace(FACTS, line="···· 4712")),
        replace(PROOF, text_sha256="0" * 64),
        replace(PROOF, html_sha256="0" * 64),
        replace(PROOF, head=bytes(64)),
        replace(PROOF, head=b""),
        replace(PROOF, public=issuer_key(bytes(32)).raw_public),
    ):
        assert verify_proof(changed, KNOWN).reason == "bad-signature"


def test_an_unknown_key_is_never_believed_though_its_signature_is_good() -> None:
    proof = make_proof(FACTS, "", "", issuer_key(bytes(32)))
    assert verify_proof(proof, KNOWN).result == "unchecked"
    assert verify_proof(proof, Known()).reason == "unknown-key"


def test_a_key_of_one_issuer_cannot_speak_for_another() -> None:
    proof = make_proof(replace(FACTS, issuer="other.example"), "", "", issuer_key(issuer="other.example"))
    result = verify_proof(proof, KNOWN)
    assert (result.result, result.reason) == ("contradicts", "other-issuer")


@pytest.mark.parametrize("revoked_at", [ISSUED_AT - timedelta(days=1), ISSUED_AT + timedelta(days=1)])
def test_a_withdrawn_key_proves_nothing_whatever_date_it_writes(revoked_at) -> None:  # type: ignore[no-untyped-def]
    known = Known(keys=(replace(PINNED, revoked_at=revoked_at), PINNED))
    result = verify_proof(PROOF, known)
    assert (result.result, result.reason) == ("contradicts", "key-revoked")


@pytest.mark.parametrize(
    "window",
    [
        {"not_after": ISSUED_AT - timedelta(seconds=1)},
        {"not_before": ISSUED_AT + timedelta(seconds=1)},
    ],
)
def test_a_key_that_was_not_valid_when_the_notice_was_issued_leaves_it_unchecked(window) -> None:  # type: ignore[no-untyped-def]
    result = verify_proof(PROOF, Known(keys=(replace(PINNED, **window),)))
    assert (result.result, result.reason) == ("unchecked", "key-not-valid-then")


def test_both_ends_of_the_validity_are_within_it() -> None:
    for window in ({"not_after": ISSUED_AT}, {"not_before": ISSUED_AT}):
        assert verify_proof(PROOF, Known(keys=(replace(PINNED, **window),))).result == "supports"


def test_a_key_that_has_ended_since_still_proves_what_it_signed_in_time() -> None:
    known = Known(keys=(replace(PINNED, not_after=ISSUED_AT),))
    assert verify_proof(PROOF, known, ISSUED_AT + 9 * YEAR).result == "supports"


def test_a_notice_that_has_ended_is_said_to_have_ended_and_is_still_true() -> None:
    result = verify_proof(PROOF, KNOWN, FACTS.expires_at + timedelta(seconds=1))
    assert (result.result, result.expired) == ("supports", True)
    assert not verify_proof(PROOF, KNOWN, FACTS.expires_at).expired


def test_a_list_that_has_ended_vouches_for_nothing_but_a_pin_beside_it_does() -> None:
    listed = replace(PINNED, trusted_by="list", list_name="Example CERT", list_ends_at=ISSUED_AT)
    late = ISSUED_AT + timedelta(seconds=1)
    assert verify_proof(PROOF, Known(keys=(listed,)), ISSUED_AT).result == "supports"
    assert verify_proof(PROOF, Known(keys=(listed,)), late).reason == "list-ended"
    assert verify_proof(PROOF, Known(keys=(listed, PINNED)), late).result == "supports"


def test_only_a_key_of_the_issuer_that_is_valid_can_sign() -> None:
    with pytest.raises(ValueError, match=r"other\.example"):
        make_proof(replace(FACTS, issuer="other.example"), "", "", KEY)
    with pytest.raises(ValueError, match="not valid"):
        make_proof(replace(FACTS, issued_at=ISSUED_AT - 2 * YEAR), "", "", KEY)
    with pytest.raises(ValueError, match="expire"):
        make_proof(replace(FACTS, expires_at=ISSUED_AT), "", "", KEY)


@given(st.text(max_size=300))
def test_text_that_is_no_proof_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_proof(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("v=1", "v=2"),
        lambda text: text + "; more=1",
        lambda text: text.replace("key=", "key=0", 1),
        lambda text: re.sub(r"key=\w+", "key=0000000000", text),
        lambda text: text[:-1] + chr(ord(text[-1]) + 1),  # the spare bits of the last character
        lambda text: text.replace("text=", "TEXT="),
    ],
)
def test_a_second_form_of_the_same_proof_is_refused(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r".+"):
        read_proof(change(PROOF.header()))


def test_a_proof_longer_than_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="longer"):
        read_proof("x" * (PROOF_CHARACTERS_MAX + 1))


def test_a_block_without_its_end_is_no_block() -> None:
    with pytest.raises(ValueError, match="form"):
        read_proof(PROOF.block().replace(BLOCK_END, ""))
    with pytest.raises(ValueError, match="form"):
        read_proof(BLOCK_BEGIN + BLOCK_END)


def test_the_signature_covers_a_message_of_tocsins_own() -> None:
    """What the key signs begins with a line that no other use of the key begins with."""
    seen: list[bytes] = []

    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(KEY, name)

        def sign(self, message: bytes) -> bytes:
            seen.append(message)
            return KEY.sign(message)

    make_proof(FACTS, "", "", Watched())  # type: ignore[arg-type]
    assert seen[0].startswith(b"tocsin-proof-v1\n" + KEY.id.encode())
    assert seen[0].endswith(msgspec.json.encode(FACTS, order="sorted"))


def test_a_key_known_by_its_fingerprint_alone_is_matched_against_the_one_the_proof_carries() -> None:
    by_bill = KnownKey(
        issuer="net.example",
        name="Example Broadband",
        fingerprint=PINNED.fingerprint,
        not_before=ISSUED_AT - YEAR,
        not_after=ISSUED_AT + YEAR,
        trusted_by="bill",
    )
    assert verify_proof(PROOF, Known(keys=(by_bill,))).result == "supports"
    other = issuer_key(bytes(32))
    forged: Proof = make_proof(FACTS, "the text", "<p>the text</p>", other, HEAD)
    assert verify_proof(forged, Known(keys=(by_bill,))).result == "unchecked"
    assert isinstance(other.public, PublicKey)
