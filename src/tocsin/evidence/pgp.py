"""OpenPGP signatures of mails, checked by the `gpg` program in a home of its own: nobody's keyring is touched."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tocsin.terms.errors import BadRequest

GPG_S = 20
OUTPUT_BYTES_MAX = 1 << 20
FINGERPRINT = re.compile(r"[0-9A-F]{40}(?:[0-9A-F]{24})?")  # of a primary key, as gpg prints it
_BEGIN, _END = b"-----BEGIN PGP SIGNED MESSAGE-----", b"-----END PGP SIGNATURE-----"
_BOUNDARY = re.compile(rb'boundary\s*=\s*(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_BROKEN = ("BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NODATA", "UNEXPECTED", "FAILURE")
_LINE_END = re.compile(rb"\r?\n")


class Signed(msgspec.Struct, frozen=True):
    """What a mail's signature covers: a part with its own headers, or the words between the lines of a clear one."""

    content: bytes
    signature: bytes  # empty where `content` holds it


def signed_content(raw: bytes) -> Signed | None:
    """RFC 3156 §5 (multipart/signed as the whole mail) or RFC 9580 §7 (all of a plain mail's text); else None.

    Anything around what is signed would be read with it, so it must be blank: then there is none.
    """
    blank = _BLANK.search(raw)
    if blank is None:
        return None
    head, body = raw[: blank.start()], raw[blank.end() :]
    kind = _content_type(head)
    if kind.lower().startswith(b"multipart/signed"):
        return _of_parts(kind, body)
    if not kind or kind.lower().startswith(b"text/plain"):
        text = body.strip()
        whole = text.startswith(_BEGIN) and text.endswith(_END) and text.count(_BEGIN) == text.count(_END) == 1
        return Signed(text + b"\n", b"") if whole else None
    return None


def _content_type(head: bytes) -> bytes:
    found = [
        line[13:].strip()
        for line in re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines()
        if line[:13].lower() == b"content-type:"
    ]
    return found[0] if len(found) == 1 else b"" if not found else b"twice"


def _of_parts(kind: bytes, body: bytes) -> Signed | None:
    named = _BOUNDARY.search(kind)
    if named is None:
        return None
    fence = b"--" + (named[1] or named[2])
    pieces = re.split(rb"(?:\A|\r?\n)" + re.escape(fence) + rb"(?=--|[ \t]*\r?\n)", body)
    if len(pieces) != 4 or pieces[0].strip() or not pieces[3].startswith(b"--") or pieces[3][2:].strip():
        return None  # exactly two parts, and nothing before, between or after them
    first, second = (re.sub(rb"\A[ \t]*\r?\n", b"", piece) for piece in pieces[1:3])
    split = _BLANK.split(second, maxsplit=1)
    if len(split) != 2 or b"application/pgp-signature" not in split[0].lower():
        return None
    return Signed(_LINE_END.sub(b"\r\n", first), split[1])  # RFC 3156 §5: signed with CRLF


def signers(signed: Signed, keys: Path, fingerprints: frozenset[str]) -> frozenset[str]:
    """Those of these primary keys that have made a good signature; none for one that is bad, expired or withdrawn.

    `keys` is a file of public keys. Raises BadRequest where gpg is not installed or the file holds no keys.
    """
    program = shutil.which("gpg")
    if program is None:
        raise BadRequest("gpg is not installed", where="senders.pgp_keys", remedy="install GnuPG 2")
    with TemporaryDirectory(prefix="tocsin-gpg-") as folder:
        home = Path(folder)
        home.chmod(0o700)
        base = [program, "--homedir", str(home), "--batch", "--no-tty", "--no-options", "--no-autostart"]
        imported = _run([*base, "--status-fd", "1", "--import", str(keys.absolute())])
        if b"IMPORT_OK" not in imported:
            raise BadRequest("no public keys", where=str(keys), remedy="gpg --export --armor ADDRESS > FILE")
        content = home / "content"
        content.write_bytes(signed.content)
        named = [str(content)]
        if signed.signature:
            (home / "signature").write_bytes(signed.signature)
            named.insert(0, str(home / "signature"))
        never = ["--no-auto-key-retrieve", "--disable-dirmngr", "--trust-model", "always"]
        said = _run([*base, *never, "--status-fd", "1", "--verify", *named])
    return _good(said.decode("ascii", "replace")) & fingerprints


def _good(said: str) -> frozenset[str]:
    """The primary keys' fingerprints of VALIDSIG; nothing where any signature is not good."""
    lines = [line.split() for line in said.splitlines() if line.startswith("[GNUPG:] ")]
    words = [line[1:] for line in lines if len(line) > 1]
    if any(word[0] in _BROKEN for word in words) or not any(word[0] == "GOODSIG" for word in words):
        return frozenset()
    return frozenset(word[-1].upper() for word in words if word[0] == "VALIDSIG")


def _run(command: list[str]) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own command, no shell; names are ours
            command, capture_output=True, timeout=GPG_S, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout[:OUTPUT_BYTES_MAX]
