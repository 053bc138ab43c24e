"""Is this mail what it says it is? The one door of the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from tocsin.mailcheck import (
    alerts,
    asks,
    attachments,
    authentication,
    codes,
    confirmations,
    elsewhere,
    factcheck,
    form,
    forwarded,
    headers,
    identity,
    linkcheck,
    makeup,
    own_address,
    proofs,
    recipients,
    reputation,
    requests,
    specific,
    twins,
    voice,
    way,
    wrapper,
)
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.authentic import authenticate
from tocsin.mailcheck.boundary import boundary_of
from tocsin.mailcheck.findings import Finding, in_language
from tocsin.mailcheck.inspection import Claim, Inspection, spoken
from tocsin.mailcheck.limits import FINDINGS_MAX
from tocsin.mailcheck.mail import Mail, read_mail
from tocsin.mailcheck.proofs import read_claim
from tocsin.mailcheck.resolver import Resolver, offline
from tocsin.mailcheck.scorecard import most_telling_first, verdict_of
from tocsin.mailcheck.sentences import about_of, aloud_of, answers_of
from tocsin.mailcheck.setup import CodeBook, Setup
from tocsin.mailcheck.spoken import Spoken
from tocsin.proof.known import Known

Check = Callable[[Inspection], Iterator[Finding]]

# Every check there is. Each looks at the whole inspection and yields what it found.
CHECKS: tuple[Check, ...] = (
    form.look,
    proofs.look,
    twins.look,
    wrapper.look,
    headers.look,
    recipients.look,
    authentication.look,
    way.look,
    factcheck.look,
    codes.look,
    confirmations.look,
    requests.look,
    identity.look,
    linkcheck.look,
    reputation.look,
    elsewhere.look,
    voice.look,
    makeup.look,
    forwarded.look,
    asks.look,
    attachments.look,
    specific.look,
    own_address.look,
    alerts.look,
)


def check(mail: bytes | Mail, setup: Setup) -> Answer:
    """Judges one mail (RFC 5322 bytes, however broken, or a mail already read) by what the reader knows.

    Never raises for what a mail holds; nothing is fetched.
    """
    read = mail if isinstance(mail, Mail) else read_mail(mail)
    claim = read_claim(read, setup.known, setup.at)
    words = spoken(read) if claim.proof is not None else ()
    return _judge(_inspection(read, claim, setup, words))


def check_mail(
    raw: bytes,
    *,
    known: Known,
    resolve: Resolver = offline,
    codes: CodeBook | None = None,
    at: datetime | None = None,
) -> Answer:
    """`check` for those who bring only these."""
    return check(raw, Setup(known=known, resolve=resolve, codes=codes, at=at))


def check_as_stranger(raw: bytes, *, resolve: Resolver = offline) -> Answer:
    """The same mail as somebody sees it who knows neither Tocsin's proofs nor the issuer."""
    return _judge(_inspection(read_mail(raw), Claim(), Setup(resolve=resolve), ()))


def _inspection(mail: Mail, claim: Claim, setup: Setup, words: tuple[Spoken, ...]) -> Inspection:
    boundary = boundary_of(mail, setup.provider)
    authentic = authenticate(mail, setup.resolve, boundary)
    return Inspection(mail=mail, claim=claim, setup=setup, spoken=words, boundary=boundary, authentic=authentic)


def _judge(seen: Inspection) -> Answer:
    once = {(finding.code, finding.text): finding for look in CHECKS for finding in look(seen)}
    found = most_telling_first(list(once.values()))
    verdict, language = verdict_of(found), seen.setup.language
    findings = [in_language(finding, language) for finding in found[:FINDINGS_MAX]]
    about = about_of(seen.mail)
    return Answer(
        verdict=verdict,
        answers=answers_of(verdict, findings, seen),
        findings=tuple(findings),
        aloud=aloud_of(verdict, findings, about, seen),
        about=about,
        language=language,
    )
