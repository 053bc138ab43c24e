"""A signed JSON document: `{"<what it is>": {...}, "signature": base64}`, in canonical form under Ed25519."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from tocsin.proof.canonical import canonical_json
from tocsin.proof.keys import SecretKey, is_signed

Body = dict[str, object]


def seal_document(what: str, domain: bytes, body: Body, key: SecretKey) -> bytes:
    """The document. `domain` keeps a signature over one kind of document from being worth anything for another."""
    signature = key.sign(domain + canonical_json(body))
    envelope = {what: body, "signature": b64encode(signature).decode()}
    return json.dumps(envelope, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


class Sealed:
    """A document as read; nothing of it counts until `is_by` has said whose it is."""

    def __init__(self, what: str, domain: bytes, raw: bytes, bytes_max: int) -> None:
        """Raises ValueError when it is too long or not of the form."""
        if len(raw) > bytes_max:
            raise ValueError(f"the {what} is longer than {bytes_max} bytes")
        try:
            envelope = json.loads(raw)
            self.body: object = envelope[what]
            self._signature = b64decode(envelope["signature"], validate=True)
            self._message = domain + canonical_json(self.body)
        except (KeyError, TypeError, ValueError, RecursionError, Base64Error) as error:
            raise ValueError(f"not a signed {what}: {{{what}, signature}}") from error

    def is_by(self, raw_public: bytes) -> bool:
        return is_signed(raw_public, self._signature, self._message)
