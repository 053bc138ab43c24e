from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proof.proof_world import ISSUED_AT, SEED, YEAR, issuer_key
from tocsin.proof.keys import (
    decode_key,
    encode_key,
    fingerprint,
    generate_key,
    is_signed,
    key_from_seed,
    load_key,
    normalise_fingerprint,
    save_key,
)
from tocsin.terms.errors import BadRequest

# RFC 8032 §7.1, TEST 2 and TEST 3: secret, public, message, signature.
RFC_8032 = [
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032_are_met(secret: str, public: str, message: str, signature: str) -> None:
    key = key_from_seed(bytes.fromhex(secret), "net.example", ISSUED_AT, ISSUED_AT + YEAR)
    assert key.raw_public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert is_signed(key.raw_public, bytes.fromhex(signature), bytes.fromhex(message))
    assert not is_signed(key.raw_public, bytes.fromhex(signature), b"another")


@given(st.binary(max_size=40), st.binary(max_size=70))
def test_no_junk_verifies_and_none_crashes(public: bytes, signature: bytes) -> None:
    assert not is_signed(public, signature, b"message") or len(signature) == 64


def test_a_key_that_is_saved_reads_back_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key, path = issuer_key(), tmp_path / "issuer.pem"
    save_key(key, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path) == key
    assert load_key(path).sign(b"x") == key.sign(b"x")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    save_key(issuer_key(), tmp_path / "issuer.pem")
    with pytest.raises(BadRequest, match="there already"):
        save_key(issuer_key(bytes(32)), tmp_path / "issuer.pem")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    save_key(issuer_key(), path)
    path.chmod(0o640)
    with pytest.raises(BadRequest, match="chmod 600"):
        load_key(path)


@pytest.mark.parametrize("text", ["", "issuer: x", "-----BEGIN PRIVATE KEY-----", "\n".join(["a"] * 9)])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "issuer.pem"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(BadRequest, match="not a key"):
        load_key(path)


def test_a_key_that_is_absent_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="tocsin init"):
        load_key(tmp_path / "absent.pem")


def test_the_secret_stands_in_no_text_of_the_key() -> None:
    shown = repr(issuer_key())
    assert SEED.hex() not in shown
    assert "private" not in shown


def test_a_key_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="end before"):
        generate_key("net.example", ISSUED_AT, ISSUED_AT - timedelta(seconds=1))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_fingerprint_names_one_key_and_is_read_however_it_is_copied(one: bytes, other: bytes) -> None:
    printed = fingerprint(one)
    assert [len(group) for group in printed.split("-")] == [5] * 5
    assert normalise_fingerprint(printed.lower().replace("-", " ").replace("0", "o")) == printed
    assert (fingerprint(other) == printed) == (one == other)


def test_the_id_of_a_key_begins_its_fingerprint() -> None:
    key = issuer_key()
    assert fingerprint(key).replace("-", "").lower().startswith(key.id)
    assert key.id == key.public.id


def test_a_public_key_reads_back_and_others_are_refused() -> None:
    raw = issuer_key().raw_public
    assert decode_key(encode_key(raw)) == raw
    for text in ("", "!", encode_key(raw[:-1]), encode_key(raw + b"x")):
        with pytest.raises(ValueError, match=r"base64|32 bytes"):
            decode_key(text)
