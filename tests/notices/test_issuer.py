from __future__ import annotations

from pathlib import Path

import pytest

from tests.notices.notice_world import keys
from tocsin.notices.dkim_key import generate_dkim_key, load_dkim_key, save_dkim_key
from tocsin.notices.issuer import Issuer, is_mail_address
from tocsin.terms.errors import BadConfig, BadRequest


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("domain", "Net.Example"),
        ("domain", "example"),
        ("domain", "net.example\n"),
        ("mail_from", "notices@other.example"),
        ("mail_from", "notices@mail.net.example"),
        ("mail_from", "notices"),
        ("selector", "a b"),
        ("name", " "),
    ],
)
def test_an_issuer_that_no_header_could_carry_is_refused_by_its_field(field: str, value: str) -> None:
    stated = {"name": "Example Broadband", "domain": "net.example", "mail_from": "notices@net.example"} | {field: value}
    with pytest.raises(BadConfig) as caught:
        Issuer(**stated)
    assert caught.value.where == f"issuer.{field}"


@pytest.mark.parametrize("address", ["a@b.example", "o'neil+x@sub.mail.example", "A.B@Mail.Example"])
def test_a_plain_address_is_one(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address", ["a..b@mail.example", ".a@mail.example", '"a b"@mail.example', "a@[192.0.2.1]", "a@-x.example"]
)
def test_an_address_that_needs_quoting_is_none(address: str) -> None:
    assert not is_mail_address(address)


def test_keys_never_show_their_secret() -> None:
    assert repr(keys().secret) not in repr(keys())
    assert "secret" not in repr(keys())


def test_a_dkim_key_reads_back_and_only_its_owner_can(tmp_path: Path) -> None:
    key, path = generate_dkim_key(), tmp_path / "dkim.pem"
    save_dkim_key(key, path)
    assert load_dkim_key(path).private_numbers() == key.private_numbers()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(BadRequest, match="there already"):
        save_dkim_key(key, path)
    path.chmod(0o644)
    with pytest.raises(BadRequest, match="others can read"):
        load_dkim_key(path)


def test_what_is_no_dkim_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    with pytest.raises(BadRequest, match="no key here"):
        load_dkim_key(path)
    path.touch(0o600)
    path.write_text("-----BEGIN NOTHING-----")
    with pytest.raises(BadRequest, match="not a private key"):
        load_dkim_key(path)
