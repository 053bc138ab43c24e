"""OpenPGP out, by the real program: what leaves opens with the contact's key alone, or does not leave."""

from __future__ import annotations

import email
import email.policy
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from tests.reports.gpg_world import Keyring
from tests.witness.report_world import CONFIG as SHOP
from tests.witness.report_world import CONTACT, NOW, REPORTER, SECRET, group, offence
from tocsin.book import audit
from tocsin.evidence.pgp import signed_content, signers
from tocsin.notices.reports import pgp as pgp_module
from tocsin.notices.reports.compose import compose_report
from tocsin.notices.reports.mail import Body, report_body
from tocsin.notices.reports.pgp import PgpKey, opened_pgp
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.report_filing import Filed, file_reports
from tocsin.pipeline.report_outbox import send_reports
from tocsin.pipeline.reportsection import Constituent, ReportSection, Wish
from tocsin.terms.errors import BadConfig, Refused

OLD = "20200101T000000!"
FINGERPRINT = "0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyring]:
    keyring = Keyring(tmp_path_factory.mktemp("gpg") / "h")
    yield keyring
    keyring.close()


@pytest.fixture(scope="module")
def theirs(ring: Keyring) -> PgpKey:
    return ring.make("contact")


@pytest.fixture(scope="module")
def ours(ring: Keyring) -> PgpKey:
    return ring.make("reporter", secret=True)


BODY = report_body(compose_report(group(), REPORTER, secret=SECRET, at=NOW))


def opened(body: Body) -> EmailMessage:
    raw = f"Content-Type: {body.content_type}\r\n\r\n".encode() + body.content
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def test_it_opens_with_the_contacts_key_and_is_the_same_report(ring: Keyring, theirs: PgpKey) -> None:
    with opened_pgp(None) as pgp:
        mail = opened(pgp.protect(BODY, "=_pgp-x", theirs))
    assert (mail.get_content_type(), mail.get_param("protocol")) == ("multipart/encrypted", "application/pgp-encrypted")
    version, message = mail.iter_parts()
    assert (version.get_content_type(), version.get_payload()) == ("application/pgp-encrypted", "Version: 1")
    assert message.get_content_type() == "application/octet-stream"
    armoured = message.get_payload(decode=True)
    assert isinstance(armoured, bytes)
    assert b"192.0.2.1" not in armoured
    plain = ring.run("--decrypt", given=armoured)
    assert plain == f"Content-Type: {BODY.content_type}\r\n\r\n".encode() + BODY.content


def test_nobody_else_can_open_it(theirs: PgpKey, tmp_path: Path) -> None:
    stranger = Keyring(tmp_path / "h")
    stranger.make("stranger")
    with opened_pgp(None) as pgp:
        body = pgp.protect(BODY, "=_pgp-x", theirs)
    with pytest.raises(subprocess.CalledProcessError):
        stranger.run("--decrypt", given=body.content)
    stranger.close()


def test_a_signature_is_good_for_what_was_signed_and_for_nothing_else(ring: Keyring, ours: PgpKey) -> None:
    public = ring.export("public", ours.fingerprint)
    with opened_pgp(ours) as pgp:
        body = pgp.protect(BODY, "=_pgp-x", None)
        home = pgp._home
    assert not home.exists()
    assert opened(body).get_param("micalg") == "pgp-sha256"
    raw = f"Content-Type: {body.content_type}\r\n\r\n".encode() + body.content
    for content, good in ((raw, {ours.fingerprint}), (raw.replace(b"server of ours", b"server of yours"), set())):
        signed = signed_content(content)
        assert signed is not None
        assert signers(signed, public.file, frozenset({ours.fingerprint})) == good


def test_signed_and_encrypted_is_one_message(ring: Keyring, ours: PgpKey, theirs: PgpKey) -> None:
    with opened_pgp(ours) as pgp:
        mail = opened(pgp.protect(BODY, "=_pgp-x", theirs))
    armoured = list(mail.iter_parts())[1].get_payload(decode=True)
    assert isinstance(armoured, bytes)
    said = ring.run("--status-fd", "1", "--output", "/dev/null", "--yes", "--decrypt", given=armoured).decode()
    assert "GOODSIG" in said
    assert "DECRYPTION_OKAY" in said
    assert ours.fingerprint in said


def test_without_keys_it_stays_as_it_is_and_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    with opened_pgp(None) as pgp:
        assert pgp.protect(BODY, "=_pgp-x", None) is BODY


def test_a_key_that_cannot_be_used_is_refused(ring: Keyring, theirs: PgpKey, tmp_path: Path) -> None:
    revoked = ring.make("revoked")
    ring.revoke(revoked)
    two = PgpKey(tmp_path / "two.asc", theirs.fingerprint)
    two.file.write_bytes(theirs.file.read_bytes() + revoked.file.read_bytes())
    big = PgpKey(tmp_path / "big.asc", theirs.fingerprint)
    big.file.write_bytes(theirs.file.read_bytes() + b"\n" * pgp_module.KEY_BYTES_MAX)
    noise = PgpKey(tmp_path / "noise.asc", theirs.fingerprint)
    noise.file.write_bytes(bytes(range(256)))
    refused = (
        (revoked, "no usable key"),
        (ring.make("expired", at=OLD, expire="1d"), "no usable key"),
        (ring.make("signer", usage="sign"), "no usable key"),
        (PgpKey(theirs.file, "0" * 40), "not the one key"),
        (two, "not the one key"),
        (PgpKey(tmp_path / "missing.asc", theirs.fingerprint), "cannot be read"),
        (big, "more than"),
        (noise, "gpg could not|not the one key"),
    )
    for key, why in refused:
        with opened_pgp(None) as pgp, pytest.raises(Refused, match=why):
            pgp.protect(BODY, "=_pgp-x", key)


def test_a_public_key_does_not_sign(theirs: PgpKey) -> None:
    with opened_pgp(theirs) as pgp, pytest.raises(Refused):
        pgp.protect(BODY, "=_pgp-x", None)


@pytest.mark.parametrize("program", ["#!/bin/sh\nexit 2\n", "#!/bin/sh\nexec sleep 30\n", "#!/bin/sh\nexit 0\n"])
def test_a_gpg_that_fails_hangs_or_says_nothing_sends_nothing(
    program: str, theirs: PgpKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gpg").write_text(program)
    (tmp_path / "gpg").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(pgp_module, "GPG_S", 0.5)
    assert shutil.which("gpg") == str(tmp_path / "gpg")
    with opened_pgp(None) as pgp, pytest.raises(Refused):
        pgp.protect(BODY, "=_pgp-x", theirs)


def test_without_gpg_nothing_leaves(theirs: PgpKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with opened_pgp(None) as pgp, pytest.raises(Refused, match="not installed"):
        pgp.protect(BODY, "=_pgp-x", theirs)


# --- the whole way -----------------------------------------------------------------------------------------------

CONFIG = (
    SHOP
    + """
[[reports.contacts]]
mail = "Abuse@provider.example"
encryption = "pgp"
pgp_key = "{file}"
pgp_fingerprint = "{fingerprint}"
"""
)


@contextmanager
def house_with(folder: Path, key: PgpKey) -> Iterator[House]:
    (folder / "tocsin.toml").write_text(CONFIG.format(file=key.file, fingerprint=key.fingerprint))
    with House.open(config_file=folder / "tocsin.toml", data=folder / "data", now=NOW) as house:
        if not (house.data / "keys").exists():
            make_keys(house.data / "keys", house.issuer, NOW)
        yield house


def filed(house: House) -> Filed:
    other = msgspec.structs.replace(CONTACT, mail="abuse@cloud.example")
    return file_reports(house, [group(), group(offence("192.0.2.2"), contact=other)])


def test_what_leaves_says_nothing_in_the_clear(tmp_path: Path, theirs: PgpKey) -> None:
    with house_with(tmp_path, theirs) as house:
        assert len(filed(house).kept) == 2
        send_reports(house)
        raws = [path.read_bytes() for path in (house.data / "outbox/new").iterdir()]
    [hidden] = [raw for raw in raws if b"To: abuse@provider.example" in raw]
    assert b"multipart/encrypted" in hidden
    for word in (b"192.0.2.1", b"guessing", b"X-XARF", b"xarf"):
        assert word not in hidden
    assert b"DKIM-Signature" in hidden


def test_a_report_whose_key_cannot_be_used_is_held_and_leaves_once_it_can(
    tmp_path: Path, theirs: PgpKey, ring: Keyring
) -> None:
    with house_with(tmp_path, ring.make("stale", at=OLD, expire="1d")) as house:
        first = filed(house)
        assert len(first.kept) == 1
        [(contact, why)] = first.held
        assert contact == CONTACT.mail
        assert "no usable key" in why
        assert len(send_reports(house).sent) == 1
        for path in (house.data / "outbox/new").iterdir():
            assert b"provider.example" not in path.read_bytes()
        with house.book.read() as tx:
            assert "report held" in [entry.action for entry in audit.entries(tx)]
    with house_with(tmp_path, theirs) as house:
        again = filed(house)
        assert (len(again.kept), again.held) == (1, ())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Wish(mail="a@b.example", encryption="pgp"),
        lambda: Wish(mail="a@b.example", encryption="pgp", pgp_key="k.asc"),
        lambda: Wish(mail="a@b.example", encryption="pgp", pgp_key="k.asc", pgp_fingerprint="1234ABCD"),
        lambda: Constituent(name="x", mail="a@b.example", asns=(64500,), encryption="pgp"),
        lambda: ReportSection(pgp_secret_key="k.asc"),
    ],
)
def test_a_key_that_nobody_has_compared_is_no_key(make: object) -> None:
    with pytest.raises(BadConfig):
        make()  # type: ignore[operator]


def test_whoever_wants_it_as_contact_or_as_constituent_gets_it_encrypted(tmp_path: Path) -> None:
    key = {"encryption": "pgp", "pgp_key": "k.asc", "pgp_fingerprint": FINGERPRINT}
    section = ReportSection(
        contacts=(msgspec.convert({"mail": "A@b.example", **key}, Wish), Wish(mail="c@d.example")),
        constituents=(
            msgspec.convert({"name": "x", "mail": "c@d.example", "asns": [64500], **key}, Constituent),
            Constituent(name="y", mail="a@b.example", asns=(64500,)),
        ),
    )
    expected = PgpKey(tmp_path / "k.asc", "".join(FINGERPRINT.split()))
    assert section.keys_by_mail(tmp_path) == {"a@b.example": expected, "c@d.example": expected}
