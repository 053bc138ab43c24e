"""A source's mail is its sender's only where a signature that the configuration names says so: DKIM or PGP."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import dkim
import pytest

from tests.mailcheck.mail_world import ISSUED_AT, dns, signed
from tocsin.evidence.mails import MAIL_BYTES_MAX
from tocsin.evidence.senders import Means, Sender, unproved

BODY = b"Nov 23 08:59:01 host sshd[2101]: Failed password for root from 192.0.2.79 port 51111 ssh2\r\n"
MAIL = (
    b"From: CERT <reports@net.example>\r\nTo: abuse@isp.example\r\nSubject: Abuse from 192.0.2.79\r\n"
    b"Date: Tue, 24 Nov 2026 05:00:00 +0000\r\nMessage-ID: <1@net.example>\r\n\r\n" + BODY
)
DKIM = Sender(author="reports@net.example", dkim="net.example")
KNOWS = Means(resolve=dns())


def why(raw: bytes, sender: Sender = DKIM, means: Means = KNOWS, **more: Any) -> str:
    return unproved(raw, sender, means, more.get("at", ISSUED_AT))


def test_a_mail_that_its_domain_has_signed_is_its_senders() -> None:
    assert why(signed(MAIL)) == ""
    assert why(signed(MAIL), Sender(author="net.example", dkim="net.example")) == ""
    assert why(signed(MAIL, ed25519=True), means=Means(resolve=dns(s1=_ed25519()))) == ""


def _ed25519() -> str:
    from tests.mailcheck.mail_world import ed25519_record

    return ed25519_record()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (MAIL, "no DKIM signature of net.example"),
        (signed(MAIL).replace(b"192.0.2.79 port", b"192.0.2.80 port"), "body was changed"),
        (signed(MAIL).replace(b"Subject: Abuse", b"Subject: abuse"), "not good"),
        (signed(MAIL).replace(b"24 Nov 2026 05", b"24 Nov 2026 06"), "not good"),
        (signed(MAIL, length=True) + b"and 192.0.2.80 too\r\n", "l="),
        (signed(MAIL, selector="s9"), "no such DKIM key"),
        (signed(MAIL, domain="evil.example"), "no DKIM signature of net.example"),
        (signed(MAIL.replace(b"reports@net", b"reports@evil")), "From is not"),
        (signed(MAIL.replace(b"reports@net", b"someone@net")), "From is not"),
        (b"From: x@net.example\r\n" + signed(MAIL), "more than once"),
        (b"Subject: x\r\n" + signed(MAIL, oversign=False), "more than once"),
        (b"Received: from mx.net.example by mx.isp.example; Tue, 24 Nov 2026 05:00:00 +0000\r\n" + MAIL, "no DKIM"),
        (b"Authentication-Results: mx.net.example; dkim=pass header.d=net.example\r\n" + MAIL, "no DKIM"),
        (b"ip,port\n192.0.2.1,2\n", "no mail"),
        (b"", "no mail"),
        (MAIL + b"x" * MAIL_BYTES_MAX, "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_forged_altered_and_half_signed_mails_are_anybodys(raw: bytes, said: str) -> None:
    assert said in why(raw)


def test_a_signature_that_has_expired_or_is_of_the_future_counts_no_more() -> None:
    assert "cannot be read" in why(signed(MAIL), at=ISSUED_AT - timedelta(days=2))
    assert "expired" in why(signed(MAIL).replace(b"; t=", b"; x=1; t=", 1))


def test_a_signature_that_leaves_out_the_date_lets_a_replay_say_another_one() -> None:
    def without_date(signer: dkim.DKIM) -> None:
        real = signer.sign

        def sign(*arguments: Any, **named: Any) -> bytes:
            named["include_headers"] = [b"from", b"subject"]
            return bytes(real(*arguments, **named))

        signer.sign = sign

    assert "leaves out the header date" in why(signed(MAIL, edit=without_date))


def test_without_a_key_nobody_is_asked() -> None:
    assert "nobody may be asked" in why(signed(MAIL), means=Means())


def test_ones_own_servers_word_counts_and_only_in_the_topmost_header() -> None:
    own = Means(authserv="mx.isp.example")
    said = b"Authentication-Results: %s; dkim=%s header.d=%s\r\n"
    good = said % (b"mx.isp.example", b"pass", b"net.example")
    assert why(good + MAIL, means=own) == ""
    for value in (
        said % (b"mx.isp.example", b"fail", b"net.example"),
        said % (b"mx.isp.example", b"pass", b"evil.example"),
        said % (b"mx.evil.example", b"pass", b"net.example"),
        said % (b"mx.isp.example", b"none", b"net.example") + good,
    ):
        assert "no DKIM" in why(value + MAIL, means=own)


# PGP

needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A signer: its fingerprint, a file of its public key, and what signs."""
    home = tmp_path_factory.mktemp("ring")
    home.chmod(0o700)

    def gpg(*arguments: str, given: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--passphrase", "", *arguments]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout

    gpg("--quick-gen-key", "CERT <reports@net.example>", "ed25519", "sign", "never")
    listed = gpg("--list-keys", "--with-colons").decode()
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    (home / "keys.asc").write_bytes(gpg("--armor", "--export"))
    yield fingerprint, home / "keys.asc", gpg
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


def pgp_mail(gpg: Callable[..., bytes], *, between: bytes = b"", around: bytes = b"") -> bytes:
    part = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + BODY
    signature = gpg("--armor", "--detach-sign", given=part)
    head = MAIL.partition(b"\r\n\r\n")[0] + b'\r\nContent-Type: multipart/signed; micalg=pgp-sha512; boundary="f"'
    return (
        head + b"\r\n\r\n" + around + b"--f\r\n" + part + b"\r\n" + between + b"--f\r\n"
        b"Content-Type: application/pgp-signature\r\n\r\n" + signature + b"\r\n--f--\r\n"
    )


@needs_gpg
def test_a_mail_that_the_named_key_has_signed_is_its_senders(ring: Any) -> None:
    fingerprint, keys, gpg = ring
    means, sender = Means(pgp_keys=keys), Sender(pgp=fingerprint)
    assert why(pgp_mail(gpg), sender, means) == ""
    assert why(pgp_mail(gpg).replace(b"\r\n", b"\n"), sender, means) == ""
    clear = MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + gpg("--clearsign", given=BODY)
    assert why(clear, sender, means) == ""
    assert "no DKIM" in why(pgp_mail(gpg), Sender(pgp=fingerprint, dkim="net.example"), means)


@needs_gpg
def test_what_the_key_did_not_sign_is_not_read_with_what_it_did(ring: Any) -> None:
    fingerprint, keys, gpg = ring
    means, sender = Means(pgp_keys=keys), Sender(pgp=fingerprint)
    clear = MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + gpg("--clearsign", given=BODY)
    for raw in (
        MAIL,
        clear + b"192.0.2.80\r\n",
        pgp_mail(gpg, around=b"192.0.2.80\r\n"),
        pgp_mail(gpg, between=b"--f\r\nContent-Type: text/plain\r\n\r\n192.0.2.80\r\n"),
        pgp_mail(gpg) + b"192.0.2.80\r\n",
    ):
        assert "not PGP-signed as a whole" in why(raw, sender, means)
    assert "no good PGP" in why(pgp_mail(gpg).replace(b"port 51111", b"port 51112"), sender, means)
    assert "no good PGP" in why(clear.replace(b"port 51111", b"port 51112"), sender, means)
    assert "no good PGP" in why(pgp_mail(gpg), Sender(pgp="A" * 40), means)
    assert "no file of PGP keys" in why(pgp_mail(gpg), sender, Means())


@needs_gpg
def test_nobodys_own_keyring_is_touched(ring: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprint, keys, gpg = ring
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "own"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert why(pgp_mail(gpg), Sender(pgp=fingerprint), Means(pgp_keys=keys)) == ""
    assert list(tmp_path.iterdir()) == []


@needs_gpg
def test_a_file_without_keys_and_a_machine_without_gpg_are_told(
    ring: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.terms.errors import BadRequest

    fingerprint, keys, gpg = ring
    (tmp_path / "keys.asc").write_text("none")
    with pytest.raises(BadRequest, match="no public keys"):
        why(pgp_mail(gpg), Sender(pgp=fingerprint), Means(pgp_keys=tmp_path / "keys.asc"))
    monkeypatch.setattr("tocsin.evidence.pgp.shutil.which", lambda _: None)
    with pytest.raises(BadRequest, match="gpg is not installed"):
        why(pgp_mail_of_nobody(), Sender(pgp=fingerprint), Means(pgp_keys=keys))


def pgp_mail_of_nobody() -> bytes:
    return (
        MAIL.partition(b"\r\n\r\n")[0]
        + b"\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n-----END PGP SIGNATURE-----\n"
    )
