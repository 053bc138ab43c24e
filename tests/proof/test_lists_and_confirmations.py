"""Lists that follow one another, and confirmations: what is refused, and that neither can stand for the other."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.proof.proof_world import FACTS, ISSUED_AT, YEAR, issuer_key
from tocsin.proof.confirmation import CONFIRMATION_BYTES_MAX, Confirmation, make_confirmation, read_confirmation
from tocsin.proof.keylist import KeyList, demand_newer, follow, listed_key, make_key_list, read_key_list
from tocsin.proof.keys import encode_key
from tocsin.proof.known import load_known, newer_list
from tocsin.proof.proof import make_proof, verify_proof
from tocsin.terms.errors import BadConfig

KEY, OTHER = issuer_key(), issuer_key(b"o" * 32, "other.example")
CERT = issuer_key(b"c" * 32, "cert.example")
LISTED = listed_key(KEY.public, "Example Broadband")
LIST = KeyList(publisher="Example CERT", number=7, issued_at=ISSUED_AT, expires_at=ISSUED_AT + YEAR, keys=(LISTED,))
SAID = Confirmation(
    clearing_house="cert.example",
    name="Example CERT",
    reference="4711",
    provider="net.example",
    given_at=ISSUED_AT,
    confirmed_at=ISSUED_AT,
)
PIN = f'[[list]]\nname = "Example CERT"\nkey = "{encode_key(CERT.raw_public)}"\n'


def write(folder: Path, name: str, listed: KeyList) -> Path:
    path = folder / name
    path.write_bytes(make_key_list(listed, CERT))
    return path


def known_file(folder: Path, text: str) -> Path:
    path = folder / "known.toml"
    path.write_text(text)
    return path


def test_the_next_list_has_the_next_number_and_keeps_what_was_withdrawn() -> None:
    assert follow(None, replace(LIST, number=0)).number == 1
    gone = replace(LISTED, revoked_at=ISSUED_AT)
    fresh = replace(LIST, number=0, keys=(listed_key(OTHER.public, "Other"),))
    after = follow(replace(LIST, keys=(gone,)), fresh)
    assert (after.number, after.keys) == (8, (*fresh.keys, gone))
    with pytest.raises(ValueError, match="cannot come back"):
        follow(replace(LIST, keys=(gone,)), LIST)
    assert follow(replace(LIST, keys=(gone,)), replace(LIST, keys=(gone,))).keys == (gone,)


def test_a_list_never_turns_the_clock_back() -> None:
    demand_newer(LIST, LIST)
    demand_newer(LIST, replace(LIST, number=8))
    with pytest.raises(ValueError, match="older"):
        demand_newer(LIST, replace(LIST, number=6))
    with pytest.raises(ValueError, match="two different"):
        demand_newer(LIST, replace(LIST, keys=()))


def test_a_list_that_is_handed_in_takes_the_others_place_unless_it_is_older(tmp_path: Path) -> None:
    write(tmp_path, "list.json", LIST)
    newer, older = (write(tmp_path, f"{n}.json", replace(LIST, number=n, keys=())) for n in (8, 6))
    known = known_file(tmp_path, f'{PIN}path = "list.json"\n')
    assert [key.name for key in load_known(known).keys] == ["Example Broadband"]
    assert load_known(known, (newer,)).keys == ()
    with pytest.raises(BadConfig, match="older"):
        load_known(known, (older,))
    with pytest.raises(BadConfig, match="older"):
        load_known(known_file(tmp_path, f"{PIN}number_min = 8\n"), (write(tmp_path, "7.json", LIST),))
    with pytest.raises(BadConfig, match="number_min"):
        load_known(known_file(tmp_path, f'{PIN}path = "list.json"\nnumber_min = 8\n'))


def test_a_list_is_taken_where_the_file_says(tmp_path: Path) -> None:
    handed = write(tmp_path, "new.json", LIST)
    with pytest.raises(BadConfig, match="no path"):
        newer_list(handed, known_file(tmp_path, PIN))
    known = known_file(tmp_path, f'{PIN}path = "list.json"\n')
    taken = newer_list(handed, known)
    assert (taken.place, taken.number, taken.before) == (tmp_path / "list.json", 7, None)
    (tmp_path / "list.json").write_bytes(taken.raw)
    assert newer_list(write(tmp_path, "8.json", replace(LIST, number=8)), known).before == 7
    handed.write_bytes(make_key_list(LIST, OTHER))
    with pytest.raises(BadConfig, match="no clearing house that you know"):
        newer_list(handed, known)


def test_a_list_of_tomorrow_and_an_entry_that_does_not_hold_yet_trust_nothing(tmp_path: Path) -> None:
    proof = make_proof(FACTS, "", "", KEY)
    known = load_known(known_file(tmp_path, PIN), (write(tmp_path, "a.json", LIST),))
    assert verify_proof(proof, known, ISSUED_AT).reason == "verified"
    assert verify_proof(proof, known, ISSUED_AT - timedelta(minutes=59)).reason == "verified"
    assert verify_proof(proof, known, ISSUED_AT - timedelta(minutes=61)).reason == "list-not-yet"
    assert verify_proof(proof, known, ISSUED_AT + 2 * YEAR).reason == "list-ended"
    late = replace(LISTED, not_before=ISSUED_AT + timedelta(days=1))
    path = write(tmp_path, "b.json", replace(LIST, keys=(late,)))
    assert verify_proof(proof, load_known(known_file(tmp_path, PIN), (path,)), ISSUED_AT).reason == "key-not-valid-then"


def test_a_confirmation_is_its_signers_and_nobody_elses() -> None:
    raw = make_confirmation(SAID, CERT)
    assert read_confirmation(raw, (KEY.raw_public, CERT.raw_public)) == (SAID, CERT.raw_public)
    assert read_confirmation(raw, (KEY.raw_public,)) == (SAID, None)
    changed = raw.replace(b"4711", b"4712")
    assert read_confirmation(changed, (CERT.raw_public,))[1] is None


def test_a_list_is_no_confirmation_and_a_confirmation_no_list() -> None:
    body = json.loads(make_key_list(LIST, CERT))
    with pytest.raises(ValueError, match="list"):
        read_key_list(make_confirmation(SAID, CERT), CERT.raw_public)
    swapped = json.dumps({"confirmation": json.loads(make_confirmation(SAID, CERT))["confirmation"], **body}).encode()
    assert read_confirmation(swapped, (CERT.raw_public,))[1] is None
    renamed = json.dumps({"list": SAID.__class__.__name__, "signature": body["signature"]}).encode()
    with pytest.raises(ValueError, match="not signed"):
        read_key_list(renamed, CERT.raw_public)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'{"confirmation": {}, "signature": ""}', b"[" * 5_000, b" " * (CONFIRMATION_BYTES_MAX + 1)],
)
def test_what_is_no_confirmation_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"confirmation|Expected|required"):
        read_confirmation(raw, (CERT.raw_public,))


def test_a_moment_with_a_fraction_is_not_signed() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        make_confirmation(replace(SAID, given_at=ISSUED_AT + timedelta(microseconds=1)), CERT)
