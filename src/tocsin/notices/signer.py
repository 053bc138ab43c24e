"""DKIM signatures (RFC 6376): rsa-sha256, relaxed/relaxed, no `l=`, every header named once more than it occurs."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# Named one more time than they occur: a second one, or a first one added later, breaks the signature (RFC 6376 §8.15).
OVERSIGNED = (
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
    "Auto-Submitted",
    "Tocsin-Proof",
)

_BLANKS = re.compile(rb"[ \t]+")
_TEXT_BLANKS = re.compile(r"[ \t]+")
_PADDING, _HASH = PKCS1v15(), SHA256()


def dkim_signature(
    fields: Sequence[tuple[str, str]], body: bytes, *, domain: str, selector: str, key: RSAPrivateKey, at: datetime
) -> str:
    """The folded value of `DKIM-Signature:` for these header fields (any folding) and this body (CRLF lines)."""
    occurring = [name.lower() for name, _ in fields]
    names = [name for name in OVERSIGNED for _ in range(occurring.count(name.lower()) + 1)]
    body_hash = b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
    value = _folded(
        "v=1; a=rsa-sha256; c=relaxed/relaxed;",
        f"d={domain}; s={selector};",
        f"t={int(at.timestamp())};",
        f"h={':'.join(names)};",
        f"bh={body_hash};",
        "b=",
    )
    # RFC 6376 §3.7: the fields in the order of h=, then the signature's own field with an empty b= and no CRLF.
    signed = "".join(_relaxed(name, text) for name, text in _in_order(fields, names))
    message = (signed + _relaxed("DKIM-Signature", value).removesuffix("\r\n")).encode()
    signature = b64encode(key.sign(message, _PADDING, _HASH)).decode()
    return value + "\r\n ".join(signature[start : start + 72] for start in range(0, len(signature), 72))


def dkim_record(key: RSAPublicKey) -> str:
    """The value of the TXT record at `<selector>._domainkey.<domain>` (RFC 6376 §3.6.1)."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={b64encode(der).decode()}"


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 §3.4.4: blanks in a line are one blank, none at its end; no empty lines at the end of the body."""
    lines = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").rstrip(b" ")
    bare = lines.rstrip(b"\r\n")
    return bare + b"\r\n" if bare else b""


def _relaxed(name: str, value: str) -> str:
    """RFC 6376 §3.4.2."""
    unfolded = value.replace("\r\n", "")
    return f"{name.lower()}:{_TEXT_BLANKS.sub(' ', unfolded).strip()}\r\n"


def _in_order(fields: Sequence[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]]:
    """The fields that the names choose, the last of a name first (RFC 6376 §5.4.2); a name too many chooses none."""
    left = [(name.lower(), value) for name, value in reversed(fields)]
    chosen = []
    for name in names:
        found = next((entry for entry in left if entry[0] == name.lower()), None)
        if found:
            left.remove(found)
            chosen.append(found)
    return chosen


def _folded(*tags: str) -> str:
    """Tags on lines of their own; the list of names is folded after colons."""
    return "\r\n ".join(re.sub(r"(.{50,68}:)(?=\w)", r"\1\r\n ", tag) for tag in tags)
