"""An issuer, its key, and facts to prove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tocsin.proof.facts import Facts, Trouble
from tocsin.proof.keys import SecretKey, key_from_seed

ISSUED_AT = datetime(2026, 11, 24, 4, 0, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
SEED = bytes(range(32))


def issuer_key(seed: bytes = SEED, issuer: str = "net.example") -> SecretKey:
    return key_from_seed(seed, issuer, ISSUED_AT - YEAR, ISSUED_AT + YEAR)


TROUBLE = Trouble(
    kind="infected-system",
    role="infected",
    address="203.0.113.5",
    seen_at=ISSUED_AT - timedelta(hours=1),
    source="Example CERT",
    count=1,
    first_at=ISSUED_AT - timedelta(hours=1),
)
FACTS = Facts(
    notice="N-0123456789ABCDEF",
    issuer="net.example",
    issuer_name="Example Broadband",
    recipient="anna@mail.example",
    name="Anna Weber",
    line="···· 4711",
    language="en",
    zone="Europe/Berlin",
    troubles=(TROUBLE,),
    issued_at=ISSUED_AT,
    expires_at=ISSUED_AT + timedelta(days=30),
    code_sha256="ab" * 32,
)

texts = st.text(st.characters(codec="utf-8"), max_size=60)
moments = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
ports = st.none() | st.integers(1, 65535)
troubles = st.builds(
    Trouble,
    kind=texts,
    role=texts,
    address=texts,
    seen_at=moments,
    source=texts,
    count=st.integers(1, 2**53 - 1),
    first_at=moments,
    malware=st.none() | texts,
    port=ports,
    protocol=st.none() | texts,
    peer_address=st.none() | texts,
    peer_port=ports,
    source_ref=st.none() | texts,
)
any_facts = st.builds(
    Facts,
    notice=texts,
    issuer=st.just("net.example"),
    issuer_name=texts,
    recipient=texts,
    name=texts,
    line=texts,
    language=texts,
    zone=texts,
    troubles=st.lists(troubles, max_size=3).map(tuple),
    issued_at=st.just(ISSUED_AT),
    expires_at=st.just(ISSUED_AT + timedelta(days=30)),
    code_sha256=texts,
)
