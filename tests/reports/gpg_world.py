"""Real keys, made by the real program in homes that are gone afterwards."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tocsin.notices.reports.pgp import PgpKey


class Keyring:
    """A home of gpg, with whoever has keys in it."""

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700)
        self.home = home

    def run(self, *words: str, given: bytes = b"") -> bytes:
        base = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--pinentry-mode", "loopback"]
        done = subprocess.run([*base, "--passphrase", "", *words], input=given, capture_output=True, check=True)
        return done.stdout

    def make(
        self, name: str, *, usage: str = "default", at: str = "", expire: str = "never", secret: bool = False
    ) -> PgpKey:
        """A key of its own; the file holds the public part, or the secret one."""
        when = ["--faked-system-time", at] if at else []
        kind = "future-default" if usage == "default" else "ed25519"
        self.run(*when, "--quick-generate-key", f"{name} <{name}@example.example>", kind, usage, expire)
        listed = self.run("--with-colons", "--list-keys", f"={name} <{name}@example.example>").decode()
        found = re.search(r"(?m)^fpr:+([0-9A-F]+):", listed)
        assert found
        return self.export(name, found[1], secret=secret)

    def export(self, name: str, fingerprint: str, *, secret: bool = False) -> PgpKey:
        file = self.home / f"{name}.asc"
        file.write_bytes(self.run("--armor", "--export-secret-keys" if secret else "--export", fingerprint))
        return PgpKey(file, fingerprint)

    def revoke(self, key: PgpKey) -> None:
        certificate = (self.home / "openpgp-revocs.d" / f"{key.fingerprint}.rev").read_text()
        self.run("--import", given=certificate.replace(":-----BEGIN", "-----BEGIN").encode())
        self.export(key.file.stem, key.fingerprint)

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], capture_output=True, check=False)
