"""OpenPGP for reports (RFC 3156), by the `gpg` program in a home of its own: nobody's keyring is touched.

Whoever wants encryption gets no report that is not encrypted: whatever is wrong with the key raises Refused.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tocsin.notices.reports.mail import Body
from tocsin.terms.errors import Refused

GPG_S = 30
KEY_BYTES_MAX = 1 << 20
GROWTH_MAX = 2  # armour adds a third; more than twice is no message of ours
_DEAD = "idreN"  # of a key's validity: invalid, disabled, revoked, expired (GnuPG's doc/DETAILS)


class PgpKey(msgspec.Struct, frozen=True):
    """A file with one key, and the fingerprint that it must have: 40 or 64 hexadecimal digits in upper case."""

    file: Path
    fingerprint: str


class Pgp:
    """Signs and encrypts for one run. Made by `opened_pgp`; nothing is started before the first key is needed."""

    def __init__(self, home: Path, signer: PgpKey | None) -> None:
        self._home, self._signer = home, signer
        self._has_signer = self._is_ready = False

    def protect(self, body: Body, boundary: str, recipient: PgpKey | None) -> Body:
        """Signed where there is a signer, encrypted where there is a recipient, else as it is. Raises Refused."""
        if recipient is None and self._signer is None:
            return body
        entity = f"Content-Type: {body.content_type}\r\n\r\n".encode("ascii") + body.content
        if self._signer is not None:
            self._take_signer(self._signer)
        if recipient is not None:
            return _encrypted(self._encrypt(entity, recipient), boundary)
        assert self._signer is not None
        signature = self._run(["--detach-sign", *self._signing(self._signer)], entity, self._signer.file)
        return _signed(entity, signature, boundary)

    def close(self) -> None:
        """The agent that holds the secret key ends."""
        program = shutil.which("gpgconf")
        if self._has_signer and program:
            command = [program, "--homedir", str(self._home), "--kill", "all"]
            subprocess.run(command, capture_output=True, timeout=GPG_S, check=False)  # noqa: S603 - our own command

    def _encrypt(self, entity: bytes, recipient: PgpKey) -> bytes:
        self._demand_usable(recipient, "e")
        signing = ["--sign", *self._signing(self._signer)] if self._signer else []
        command = ["--encrypt", *signing, "--recipient-file", str(recipient.file.absolute())]
        return self._run(command, entity, recipient.file)

    def _take_signer(self, signer: PgpKey) -> None:
        if self._has_signer:
            return
        self._demand_usable(signer, "s")
        self._has_signer = True
        self._run(["--import", str(signer.file.absolute())], b"", signer.file, is_silent=True)

    def _signing(self, signer: PgpKey) -> list[str]:
        return ["--digest-algo", "SHA256", "--pinentry-mode", "error", "--local-user", f"{signer.fingerprint}!"]

    def _demand_usable(self, key: PgpKey, use: str) -> None:
        """One key with that fingerprint, neither expired nor withdrawn, that is good for it (`e` or `s`)."""
        try:
            size = key.file.stat().st_size
        except OSError as error:
            raise Refused(f"the key cannot be read: {error.strerror}", where=str(key.file)) from error
        if not self._is_ready:  # of a key that has expired gpg looks into its table of trust, which must be there
            self._run(["--trust-model", "pgp", "--import-ownertrust"], b"", key.file, is_silent=True)
            self._is_ready = True
        if size > KEY_BYTES_MAX:
            raise Refused(f"a key of more than {KEY_BYTES_MAX} bytes", where=str(key.file))
        said = self._run(["--show-keys", "--with-colons", str(key.file.absolute())], b"", key.file, is_silent=True)
        rows = [line.split(":") for line in said.decode("utf-8", "replace").splitlines()]
        primary = [row for row in rows if row[0] in {"pub", "sec"} and len(row) > 11]
        prints = [row[9] for row in rows if row[0] == "fpr" and len(row) > 9]
        if len(primary) != 1 or not prints or prints[0] != key.fingerprint:
            remedy = "one key a file, its fingerprint as gpg --show-keys prints it"
            raise Refused(f"not the one key {key.fingerprint}", where=str(key.file), remedy=remedy)
        validity, uses = primary[0][1], primary[0][11]
        if validity[:1] in tuple(_DEAD) or use.upper() not in uses:  # upper case: the key as a whole can, now
            what = "to encrypt to" if use == "e" else "to sign with"
            raise Refused(
                f"no usable key {what}: it has expired, was withdrawn, or is for something else", where=str(key.file)
            )

    def _run(self, command: list[str], given: bytes, key: Path, *, is_silent: bool = False) -> bytes:
        """What gpg writes. Raises Refused where it is not installed, fails, takes too long or writes too much."""
        program = shutil.which("gpg")
        if program is None:
            raise Refused("gpg is not installed", where=str(key), remedy="install GnuPG 2")
        base = [program, "--homedir", str(self._home), "--batch", "--no-tty", "--no-options", "--armor"]
        base += ["--trust-model", "always", "--no-auto-key-locate", "--disable-dirmngr"]
        try:
            done = subprocess.run(  # noqa: S603 - our own command, no shell
                [*base, *command], input=given, capture_output=True, timeout=GPG_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"gpg took longer than {GPG_S} s", where=str(key)) from error
        most = KEY_BYTES_MAX if is_silent else GROWTH_MAX * len(given) + 65_536
        if done.returncode != 0 or (not done.stdout and not is_silent) or len(done.stdout) > most:
            said = "".join(
                sign if sign.isprintable() else " " for sign in done.stderr.decode("utf-8", "replace")[-200:]
            )
            raise Refused(f"gpg could not do it: {said.strip()}", where=str(key))
        return done.stdout


@contextmanager
def opened_pgp(signer: PgpKey | None) -> Iterator[Pgp]:
    """For as long as reports are made; the home with the secret key is gone afterwards."""
    with TemporaryDirectory(prefix="tocsin-gpg-") as folder:
        Path(folder).chmod(0o700)
        pgp = Pgp(Path(folder), signer)
        try:
            yield pgp
        finally:
            pgp.close()


def _encrypted(message: bytes, boundary: str) -> Body:
    """RFC 3156 §4: the version, then the message."""
    fence = f"--{boundary}\r\n".encode()
    content = b"".join(
        (
            fence,
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
            fence,
            b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n',
            _crlf(message),
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
    return Body(f'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="{boundary}"', content)


def _signed(entity: bytes, signature: bytes, boundary: str) -> Body:
    """RFC 3156 §5: what was signed, byte for byte, then the signature."""
    fence = f"--{boundary}\r\n".encode()
    content = b"".join(
        (
            *(fence, entity, b"\r\n", fence),
            b'Content-Type: application/pgp-signature; name="signature.asc"\r\n\r\n',
            _crlf(signature),
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
    kind = 'multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"'
    return Body(f'{kind}; boundary="{boundary}"', content)


def _crlf(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
