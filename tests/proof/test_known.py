from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.proof.proof_world import FACTS, ISSUED_AT, YEAR, issuer_key
from tocsin.proof.keylist import KEY_LIST_BYTES_MAX, KeyList, listed_key, make_key_list, read_key_list
from tocsin.proof.keys import PublicKey, encode_key, fingerprint
from tocsin.proof.known import KNOWN_BYTES_MAX, format_known, load_known, pin
from tocsin.proof.proof import make_proof, verify_proof
from tocsin.terms.errors import BadConfig

KEY = issuer_key()
CERT = issuer_key(b"c" * 32, "cert.example")
LIST = KeyList(
    publisher="Example CERT",
    issued_at=ISSUED_AT,
    expires_at=ISSUED_AT + YEAR,
    keys=(listed_key(KEY.public, "Example Broadband"),),
)
PROOF = make_proof(FACTS, "", "", KEY)


def known_file(folder: Path, text: str) -> Path:
    path = folder / "known.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_pins_that_are_written_read_back_the_same(tmp_path: Path) -> None:
    revoked = PublicKey(CERT.raw_public, "cert.example", ISSUED_AT, ISSUED_AT + YEAR, ISSUED_AT + timedelta(days=1))
    text = format_known([(KEY.public, 'The "best" \\ 会社'), (revoked, "CERT")], ["Anna@Mail.example"])
    known = load_known(known_file(tmp_path, text))
    assert known.keys == (pin(KEY.public, 'The "best" \\ 会社'), pin(revoked, "CERT"))
    assert known.addresses == ("anna@mail.example",)
    assert known.issuers() == {"net.example", "cert.example"}


def test_an_empty_file_trusts_nobody(tmp_path: Path) -> None:
    assert verify_proof(PROOF, load_known(known_file(tmp_path, ""))).result == "unchecked"


def test_a_fingerprint_from_the_bill_is_enough(tmp_path: Path) -> None:
    written = fingerprint(KEY).lower().replace("-", " ")
    text = f'[[key]]\nissuer = "NET.example"\nname = "N"\nfingerprint = "{written}"\n'
    result = verify_proof(PROOF, load_known(known_file(tmp_path, text)))
    assert result.result == "supports"
    assert result.key is not None
    assert result.key.trusted_by == "bill"


def test_a_list_that_its_clearing_house_signed_is_believed(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_bytes(make_key_list(LIST, CERT))
    text = f'[[list]]\npath = "list.json"\nname = "Example CERT"\nkey = "{encode_key(CERT.raw_public)}"\n'
    known = load_known(known_file(tmp_path, text))
    result = verify_proof(PROOF, known, ISSUED_AT)
    assert result.result == "supports"
    assert result.key is not None
    assert (result.key.trusted_by, result.key.list_name) == ("list", "Example CERT")
    assert verify_proof(PROOF, known, ISSUED_AT + 2 * YEAR).reason == "list-ended"


def test_a_list_that_somebody_changed_or_signed_himself_is_refused(tmp_path: Path) -> None:
    raw = make_key_list(LIST, CERT)
    changed = raw.replace(b"net.example", b"bad.example")
    forged = make_key_list(LIST, issuer_key(b"f" * 32))
    for bad in (changed, forged):
        with pytest.raises(ValueError, match="not signed"):
            read_key_list(bad, CERT.raw_public)
        (tmp_path / "list.json").write_bytes(bad)
        text = f'[[list]]\npath = "list.json"\nname = "C"\nkey = "{encode_key(CERT.raw_public)}"\n'
        with pytest.raises(BadConfig, match="list 1"):
            load_known(known_file(tmp_path, text))


def test_what_a_later_list_adds_is_covered_by_its_signature_too() -> None:
    raw = make_key_list(LIST, CERT)
    envelope = json.loads(raw)
    envelope["list"]["motto"] = "new"
    with pytest.raises(ValueError, match="not signed"):
        read_key_list(json.dumps(envelope).encode(), CERT.raw_public)
    assert read_key_list(json.dumps(json.loads(raw)).encode(), CERT.raw_public) == LIST


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"list":1,"signature":"!"}', b"[" * 100_000, b'{"list":{"a":1.5},"signature":""}']
)
def test_what_is_no_list_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="list"):
        read_key_list(raw, CERT.raw_public)


def test_a_list_past_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        read_key_list(b" " * (KEY_LIST_BYTES_MAX + 1), CERT.raw_public)


def test_a_revocation_on_a_list_ends_a_pin_as_well(tmp_path: Path) -> None:
    revoked = replace(LIST.keys[0], revoked_at=ISSUED_AT + timedelta(days=3))
    (tmp_path / "list.json").write_bytes(make_key_list(replace(LIST, keys=(revoked,)), CERT))
    text = format_known([(KEY.public, "N")], [])
    text += f'\n[[list]]\npath = "list.json"\nname = "C"\nkey = "{encode_key(CERT.raw_public)}"\n'
    assert verify_proof(PROOF, load_known(known_file(tmp_path, text))).reason == "key-revoked"


VALID = "not_before = 2026-01-01T00:00:00Z\nnot_after = 2027-01-01T00:00:00Z\n"
ENTRY = '[[key]]\nissuer = "net.example"\nname = "N"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{ENTRY}{VALID}", "either key"),
        (f'{ENTRY}{VALID}key = "!!"', "not base64"),
        (f'{ENTRY}{VALID}key = "AAAA"', "32 bytes"),
        (f'{ENTRY}key = "{encode_key(KEY.raw_public)}"', "not_before"),
        (f'{ENTRY}{VALID}key = "{encode_key(KEY.raw_public)}"\nfingerprint = "{fingerprint(KEY)}"', "either key"),
        (f'{ENTRY}fingerprint = "ABC"', "25 characters"),
        (f'{ENTRY}{VALID}kay = "x"', "kay"),
        (f'{ENTRY}not_before = 2026-01-01T00:00:00\nfingerprint = "{fingerprint(KEY)}"', "timezone"),
        ('[[list]]\npath = "absent.json"\nname = "C"\nkey = "AAAA"', "absent.json"),
        ("[reader]\naddress = 1", "address"),
        ("[[key", "known.toml"),
        ("\xff", "known.toml"),
        ("#" * (KNOWN_BYTES_MAX + 1), "longer"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BadConfig, match=said):
        load_known(path)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"absent\.toml"):
        load_known(tmp_path / "absent.toml")
