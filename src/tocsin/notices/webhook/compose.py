"""The payload, and the headers that sign it, by the rules of Standard Webhooks 1.0 (standardwebhooks.com): `webhook-id`
is the idempotency key, `webhook-timestamp` the moment of this attempt, `webhook-signature` holds an HMAC-SHA256 (`v1,`)
and an Ed25519 signature by the key of the notice's proof (`v1a,`)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime

import msgspec

from tocsin.notices.compose import Letter
from tocsin.notices.issuer import Keys
from tocsin.proof.facts import Facts
from tocsin.proof.proof import make_proof

SECRET_BYTES_MIN = 24  # as the rules ask for


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What the receiver gets; `subject` and `text` are the letter, `proof` its block, ready to be shown."""

    type: str
    timestamp: datetime
    notice: str
    subscriber: str  # the provider's own customer number
    cases: tuple[str, ...]
    facts: Facts
    code: str
    subject: str
    text: str
    proof: str


def payload(letter: Letter, facts: Facts, code: str, keys: Keys, subscriber: str, cases: tuple[str, ...]) -> bytes:
    """The same notice gives the same bytes. Raises ValueError where the facts cannot be proved."""
    proof = make_proof(facts, letter.text, letter.html, keys.proof)
    told = Payload(
        type="notice.decided",
        timestamp=facts.issued_at,
        notice=facts.notice,
        subscriber=subscriber,
        cases=cases,
        facts=facts,
        code=code,
        subject=letter.subject,
        text=letter.text,
        proof=proof.block(),
    )
    return msgspec.json.encode(told)


def signed_headers(key: str, body: bytes, secret: bytes, keys: Keys, at: datetime) -> dict[str, str]:
    """`key` is the same at every attempt: a receiver that has it already takes nothing twice."""
    stamp = str(int(at.timestamp()))
    signed = b".".join((key.encode(), stamp.encode(), body))
    by_secret = b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    by_key = b64encode(keys.proof.sign(signed)).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{by_secret} v1a,{by_key}",
        "Idempotency-Key": key,
    }
