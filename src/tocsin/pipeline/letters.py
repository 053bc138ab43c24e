"""What a letter would look like, and what the mail checker says of it, in every language and for every kind.

A preview is signed with keys that are made for it and forgotten: it proves nothing to anybody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check_as_stranger, check_mail
from tocsin.mailcheck.leave import may_leave
from tocsin.mailcheck.resolver import Resolver, zone_resolver
from tocsin.notices.compose import Letter, compose
from tocsin.notices.dkim_key import generate_dkim_key
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.notices.seal import seal
from tocsin.notices.sentences import ROLES, TOLD_BY_ROLE_AND_KIND
from tocsin.notices.zone import zone_text
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts, Trouble
from tocsin.proof.keys import generate_key
from tocsin.proof.known import Known, pin
from tocsin.terms.errors import TocsinError

_NOTICE = "N-PREVXEW0PREVXEW0"
PREVIEW_SECRET = b"a preview's codes open nothing: "
_KIND_BY_ROLE = {"infected": "infected-system", "attacker": "brute-force", "exposed": "vulnerable-system"}
_MALWARE_BY_ROLE = {"infected": "andromeda", "attacker": "ssh-brute-force", "exposed": "open-telnet"}


class Sample(msgspec.Struct, frozen=True):
    """A letter that can be looked at: its language, and the trouble that it tells of."""

    language: str
    role: str
    kind: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """The letter and both answers of the checker; `refused` says why it would not leave, '' where it would."""

    sample: Sample
    letter: Letter
    raw: bytes
    known: Answer  # of a reader who pinned the issuer's key
    stranger: Answer  # of one who knows nothing of Tocsin
    refused: str


def samples() -> dict[str, tuple[str, ...]]:
    """The kinds that have words of their own, by role; the role's usual one stands first."""
    kinds: dict[str, list[str]] = {role: [_KIND_BY_ROLE[role]] for role in ROLES}
    for role, kind in TOLD_BY_ROLE_AND_KIND:
        if kind not in kinds[role]:
            kinds[role].append(kind)
    return {role: tuple(found) for role, found in kinds.items()}


def languages() -> tuple[str, ...]:
    return tuple(LANGUAGES)


def preview(issuer: Issuer, sample: Sample, at: datetime) -> Preview:
    """Composed, sealed and checked as a notice is before it leaves. TocsinError where it cannot be composed."""
    facts = sample_facts(issuer, sample, at.replace(microsecond=0))
    keys, resolve = throwaway(issuer, at.date().replace(month=1, day=1).isoformat())
    letter = compose(facts, make_code(PREVIEW_SECRET, facts.notice), issuer)
    sealed = seal(letter, facts, issuer, keys)
    known = check_mail(sealed.raw, known=Known(keys=(pin(keys.proof.public, issuer.name),)), resolve=resolve, at=at)
    stranger = check_as_stranger(sealed.raw, resolve=resolve)
    return Preview(
        sample=sample,
        letter=letter,
        raw=sealed.raw,
        known=known,
        stranger=stranger,
        refused=may_leave(known, stranger) or "",
    )


def verdicts(issuer: Issuer, at: datetime) -> dict[Sample, str]:
    """Of every sample: why it would not leave, '' where it would. Kept for the day: nothing of it changes by itself."""
    return dict(_verdicts(issuer, at.replace(hour=0, minute=0, second=0, microsecond=0)))


@lru_cache(maxsize=8)
def _verdicts(issuer: Issuer, at: datetime) -> tuple[tuple[Sample, str], ...]:
    found = []
    for role, kinds in samples().items():
        for sample in (Sample(language, role, kind) for kind in kinds for language in languages()):
            try:
                found.append((sample, preview(issuer, sample, at).refused))
            except TocsinError as error:
                found.append((sample, f"cannot be composed: {error}"))
    return tuple(found)


@lru_cache(maxsize=8)
def throwaway(issuer: Issuer, _year: str) -> tuple[Keys, Resolver]:
    """Keys for this issuer that nobody keeps, and the DNS that would go with them."""
    year = datetime.fromisoformat(f"{_year}T00:00:00+00:00")
    proof = generate_key(issuer.domain, year - timedelta(days=2), year + timedelta(days=800))
    keys = Keys(proof=proof, dkim=generate_dkim_key(), secret=PREVIEW_SECRET)
    with TemporaryDirectory(prefix="tocsin-preview-") as folder:
        zone = Path(folder) / "zone.txt"
        zone.write_text(zone_text(issuer, keys), "utf-8")
        return keys, zone_resolver(zone)


def sample_facts(issuer: Issuer, sample: Sample, at: datetime) -> Facts:
    """Facts that nobody's line has: names and numbers are those that documents may use."""
    infected = sample.role == "infected"
    trouble = Trouble(
        kind=sample.kind,
        role=sample.role,
        address="192.0.2.44",
        seen_at=at - timedelta(hours=9),
        source="Example National CERT",
        count=3,
        first_at=at - timedelta(hours=31),
        malware=_MALWARE_BY_ROLE[sample.role],
        port=None if sample.role == "exposed" else 50_123,
        protocol="tcp",
        peer_address=None if sample.role == "exposed" else "198.51.100.7",
        peer_port=443 if infected else None,
        source_ref="EXAMPLE-20260101-000001",
    )
    return Facts(
        notice=_NOTICE,
        issuer=issuer.domain,
        issuer_name=issuer.name,
        recipient=f"sample@{issuer.domain}",
        name="Sam Sample",
        line="···· 4711",
        language=sample.language,
        zone=issuer.zone,
        troubles=(trouble,),
        issued_at=at,
        expires_at=at + timedelta(days=30),
        code_sha256=code_digest(make_code(PREVIEW_SECRET, _NOTICE)),
    )
