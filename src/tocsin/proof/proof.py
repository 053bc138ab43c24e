"""The proof of a notice: an Ed25519 signature over its facts and over the words of both twins."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.proof.canonical import FACTS_BYTES_MAX, canonical, read_facts
from tocsin.proof.facts import Facts
from tocsin.proof.keys import SecretKey, is_signed, key_id
from tocsin.proof.known import Known, KnownKey
from tocsin.proof.words import BLOCK_BEGIN, BLOCK_END, find_block, fold, html_digest, match_proof, text_digest
from tocsin.terms.moments import format_moment

HEADER = "Tocsin-Proof"
BLOCK_COLUMNS_MAX = 72
PROOF_CHARACTERS_MAX = FACTS_BYTES_MAX * 2 + 2_048
_DOMAIN = b"tocsin-proof-v1\n"
_PIECE = 64
_CLOCK_MARGIN = timedelta(hours=1)  # by which a reader's clock may be behind
_HEAD_BYTES = 16  # a header's digest: 128 bits, since another text for a given digest is all that could be sought


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The header fields that a person reads, each value exactly as it is written into the mail (encoded words and
    all). White space is folded, so that the mail may be folded anew on its way."""

    sender: str  # From
    recipient: str  # To
    subject: str
    date: str

    def digests(self) -> bytes:
        """64 bytes: 16 each for From, To, Subject and Date, in this order."""
        return b"".join(head_digest(value) for value in (self.sender, self.recipient, self.subject, self.date))


def head_digest(value: str) -> bytes:
    """The digest of one header field's value."""
    return hashlib.sha256(fold(value).encode(errors="surrogatepass")).digest()[:_HEAD_BYTES]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A proof as made or as read; reading one does not verify it."""

    facts: Facts
    text_sha256: str
    html_sha256: str
    head: bytes = b""  # the digests of From, To, Subject and Date; empty when the proof leaves them to DKIM
    public: bytes  # the 32 bytes of the key that signed; carrying it makes nobody trust it
    signature: bytes

    @property
    def key(self) -> str:
        """The id of the key that signed."""
        return key_id(self.public)

    def header(self) -> str:
        """The value of `Tocsin-Proof:`, with a blank at least every 72 characters, so that it can be folded."""
        return " ".join(piece for field in self._fields() for piece in _pieces(field))

    def block(self) -> str:
        """The same content for copying, lines of at most 72 columns; in HTML it goes into a bare `<pre>`."""
        lines = (piece for field in self._fields() for piece in _pieces(field))
        return "\n".join((BLOCK_BEGIN, *lines, BLOCK_END, ""))

    def _fields(self) -> tuple[str, ...]:
        return (
            "v=1;",
            f"key={self.key};",
            f"pub={_encode(self.public)};",
            f"facts={_encode(canonical(self.facts))};",
            f"text={self.text_sha256};",
            f"html={self.html_sha256};",
            *([f"head={_encode(self.head)};"] if self.head else []),
            f"sig={_encode(self.signature)}",
        )


Result = Literal["supports", "contradicts", "unchecked"]
Reason = Literal[
    "verified",
    "bad-signature",
    "unknown-key",
    "key-revoked",
    "key-not-valid-then",
    "other-issuer",
    "list-not-yet",
    "list-ended",
]


class ProofResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof is worth. Only `supports` means that a key which the reader trusts signed these facts."""

    result: Result
    reason: Reason
    text: str  # the reason in a sentence
    key: KnownKey | None = None  # what the reader knows of the key, where he does
    expired: bool = False  # the notice's own time was over at the moment of the check: said, never held against it


def make_proof(facts: Facts, text: str, html: str, key: SecretKey, head: Head | None = None) -> Proof:
    """Signs the facts, the words of both twins and, where `head` is given, what stands in From, To, Subject and Date.

    The twins may hold the proof's block already or get it afterwards (in HTML: inside a bare `<pre>` of its own);
    nothing else may be added. Without `head` a check that cannot verify DKIM stops at `likely-genuine`.

    The same input gives the same proof. Raises ValueError when the key is another issuer's or not valid at issued_at.
    """
    if facts.issuer.lower() != key.issuer:
        raise ValueError(f"this is a key of {key.issuer}, the facts name {facts.issuer}")
    if not key.not_before <= facts.issued_at <= key.not_after:
        raise ValueError(f"the key {key.id} is not valid at {format_moment(facts.issued_at)}")
    if facts.expires_at <= facts.issued_at:
        raise ValueError("the notice would expire before it is issued")
    text_sha256, html_sha256 = text_digest(text), html_digest(html)
    unsigned = Proof(
        facts=facts,
        text_sha256=text_sha256,
        html_sha256=html_sha256,
        head=head.digests() if head else b"",
        public=key.raw_public,
        signature=b"",
    )
    return msgspec.structs.replace(unsigned, signature=key.sign(_message(unsigned)))


def read_proof(text: str) -> Proof:
    """The proof of a header's value or of a text that holds one block. White space is ignored.

    Raises ValueError, saying what is wrong, for anything but the exact form that `make_proof` gives.
    """
    if len(text) > PROOF_CHARACTERS_MAX:
        raise ValueError(f"the proof is longer than {PROOF_CHARACTERS_MAX} characters")
    place = find_block(text)
    match = match_proof(text[place[0] + len(BLOCK_BEGIN) : place[1] - len(BLOCK_END)] if place else text)
    if not match:
        raise ValueError("not of the form of a proof: v=1; key; pub; facts; text; html; sig")
    public = _decode(match[2])
    if key_id(public) != match[1]:
        raise ValueError(f"the key that it carries is not the key {match[1]} that it names")
    return Proof(
        facts=read_facts(_decode(match[3])),
        text_sha256=match[4],
        html_sha256=match[5],
        head=_decode(match[6] or ""),
        public=public,
        signature=_decode(match[7]),
    )


def verify_proof(proof: Proof, known: Known, at: datetime | None = None) -> ProofResult:
    """Whether a key that the reader trusts signed this proof. The words of the mail are not looked at.

    The key must have been valid when the notice was issued. A revocation holds whatever the date: who has stolen a key
    can write any date. `at`, the moment of the check, decides only whether the notice's own time is over and whether
    a clearing house's list still speaks.
    """
    facts = proof.facts
    expired = at is not None and at > facts.expires_at
    if not is_signed(proof.public, proof.signature, _message(proof)):
        return _result("contradicts", "bad-signature", "the signature does not belong to these facts", None, expired)
    matching = known.keys_of(proof.public)
    if not matching:
        text = f"the reader knows no key {proof.key}: anybody could have made this proof"
        return _result("unchecked", "unknown-key", text, None, expired)
    return _judge_keys(facts, matching, at, expired)


def _judge_keys(facts: Facts, matching: tuple[KnownKey, ...], at: datetime | None, expired: bool) -> ProofResult:
    for key in matching:
        if key.revoked_at is not None:
            text = f"{key.name} withdrew the key {key.id} on {format_moment(key.revoked_at)}"
            return _result("contradicts", "key-revoked", text, key, expired)
    own = [key for key in matching if key.issuer == facts.issuer.lower()]
    if not own:
        text = f"the key {matching[0].id} belongs to {matching[0].issuer}, not to {facts.issuer}"
        return _result("contradicts", "other-issuer", text, matching[0], expired)
    valid = [key for key in own if key.not_before <= facts.issued_at <= key.not_after]
    if not valid:
        text = f"the key {own[0].id} was not valid on {format_moment(facts.issued_at)}"
        return _result("unchecked", "key-not-valid-then", text, own[0], expired)
    for key in valid:
        if at is None or (_begun(key, at) and (key.list_ends_at is None or at <= key.list_ends_at)):
            text = f"signed by {key.name} with the key {key.id}"
            return _result("supports", "verified", text, key, expired)
    if at is not None and not _begun(valid[0], at):
        text = f"the list that vouches for the key {valid[0].id} is dated in the future: its clock or yours is wrong"
        return _result("unchecked", "list-not-yet", text, valid[0], expired)
    text = f"the list that vouches for the key {valid[0].id} has ended; fetch a newer one"
    return _result("unchecked", "list-ended", text, valid[0], expired)


def _begun(key: KnownKey, at: datetime) -> bool:
    return key.list_starts_at is None or key.list_starts_at <= at + _CLOCK_MARGIN


def _result(result: Result, reason: Reason, text: str, key: KnownKey | None, expired: bool) -> ProofResult:
    return ProofResult(result=result, reason=reason, text=text, key=key, expired=expired)


def _message(proof: Proof) -> bytes:
    """Every line but the last has a form of its own that holds no line break: no two proofs share a message."""
    lines = f"{proof.key}\n{proof.text_sha256}\n{proof.html_sha256}\n{proof.head.hex()}\n"
    return b"".join((_DOMAIN, lines.encode(), canonical(proof.facts)))


def _pieces(field: str) -> list[str]:
    return [field[start : start + _PIECE] for start in range(0, len(field), _PIECE)]


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(raw) != text:  # RFC 4648 §3.5: the last character's spare bits must be 0
        raise ValueError("base64 that is not in its one canonical form")
    return raw
