"""From which domains a mail is shown to come: all that DKIM, SPF, DMARC, ARC and the reader's provider say of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.mailcheck.arc import Arc, arc_of
from tocsin.mailcheck.authres import Said, counted, read_results
from tocsin.mailcheck.boundary import Boundary, provider_of
from tocsin.mailcheck.dkim_signature import Signature, signatures
from tocsin.mailcheck.dmarc import Dmarc, Identifiers, evaluate, evaluate_by_list
from tocsin.mailcheck.domains import plain_name, registrable
from tocsin.mailcheck.mail import Mail, shown
from tocsin.mailcheck.parties import domain_of, one_address
from tocsin.mailcheck.resolver import Resolver, as_of, offline
from tocsin.mailcheck.spf import Spf, spf_of

How = Literal["", "dkim", "spf", "provider"]
_AUTHORS_MAX = 10
_UNJUDGED = ("not-looked-up", "no-key", "key-revoked")  # the key that was there then may be gone now
_OFFLINE = "no DNS was asked"


class Authentic(msgspec.Struct, frozen=True, kw_only=True):
    """`author` is the domain of From, "" unless it is exactly one; `how` it is shown that the mail comes from there, ""
    when it is not. `verified` are all domains that are shown to have signed or sent it, the author's or others."""

    author: str = ""
    how: How = ""
    verified: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    spf: Spf = Spf(result="unchecked")
    dmarc: Dmarc = Dmarc(result="temperror")
    listed: Dmarc = Dmarc(result="temperror")  # as RFC 7489 had it
    arc: Arc = Arc(chain="none")
    said: tuple[Said, ...] = ()  # by the reader's provider
    is_passed_on: bool = False  # by a list or a forwarder, who break signatures and senders without malice

    @property
    def domain(self) -> str:
        """The author's domain where the mail is shown to come from it, else ""."""
        return self.author if self.how else ""


def is_aligned(signer: str, author: str) -> bool:
    """Whether both were registered by one owner (relaxed alignment, RFC 7489 §3.1.1 with the list of suffixes)."""
    return bool(author) and (signer == author or (registrable(signer) == registrable(author) != ""))


def author_of(mail: Mail) -> str:
    """The author's domain (RFC 9989 §5.3.1) as an A-label; "" where there is none, or more than one."""
    values = mail.values("from")
    if len(values) != 1:
        return ""
    line = shown(values[0])
    whole = one_address(line)
    addresses = [whole] if whole else [one_address(part.strip()) for part in line.split(",")[:_AUTHORS_MAX]]
    domains = {plain_name(domain_of(address)) if address else "" for address in addresses}
    return domains.pop() if len(domains) == 1 else ""


def authenticate(mail: Mail, resolve: Resolver, boundary: Boundary) -> Authentic:
    """Judges the mail as of the moment when the reader's provider took it. Asks `resolve`, and nobody else."""
    author, is_asked = author_of(mail), resolve is not offline
    resolve = as_of(resolve, boundary.received_at)
    signed = signatures(mail.raw, resolve, boundary.judged_at) if mail.is_as_sent else ()
    spf = spf_of(mail, boundary, resolve)
    identifiers = _identifiers(author, signed, spf)
    arc = arc_of(mail.raw, resolve) if mail.is_as_sent else Arc(chain="none")
    missing = Dmarc(result="temperror", reason=_OFFLINE)
    found = Authentic(
        author=author,
        verified=tuple(dict.fromkeys((*identifiers.dkim, *identifiers.spf))),
        signatures=signed,
        spf=spf,
        dmarc=evaluate(author, identifiers, resolve) if is_asked else missing,
        listed=evaluate_by_list(author, identifiers, resolve) if is_asked else missing,
        arc=arc,
        said=counted(mail, boundary) or _sealed(arc, boundary),
        is_passed_on=_is_passed_on(mail),
    )
    return msgspec.structs.replace(found, how=_how(found, identifiers))


def _identifiers(author: str, signed: tuple[Signature, ...], spf: Spf) -> Identifiers:
    """The domains that DKIM and SPF authenticate. A signature of the author's that nobody could judge is missing."""
    unjudged = [one for one in signed if one.state in _UNJUDGED and is_aligned(one.domain, author)]
    reasons = [one.reason or f"the key {one.selector} of {one.domain} is not there (any more)" for one in unjudged]
    is_open = spf.result in {"unchecked", "temperror"}
    return Identifiers(
        dkim=tuple(one.domain for one in signed if one.state == "verified"),
        spf=(spf.domain,) if spf.result == "pass" else (),
        missing=next(iter(reasons), (spf.reason or "SPF had no answer") if is_open else ""),
    )


def _how(found: Authentic, identifiers: Identifiers) -> How:
    if found.dmarc.result != "fail":  # whose alignment may be strict
        if any(is_aligned(domain, found.author) for domain in identifiers.dkim):
            return "dkim"
        if any(is_aligned(domain, found.author) for domain in identifiers.spf):
            return "spf"
    return "provider" if passed_by(found.said, found.author) else ""


def passed_by(said: tuple[Said, ...], author: str) -> Said | None:
    """The result by which the provider shows the author's domain. What is not borne out by DKIM or SPF is no pass."""
    passed = [one for one in said if one.result == "pass"]
    shown_by = [one for one in passed if one.method in ("dkim", "spf") and is_aligned(one.domain, author)]
    dmarc = [one for one in passed if one.method == "dmarc" and is_aligned(one.domain or author, author)]
    is_borne_out = any(one.method in ("dkim", "spf", "arc") for one in passed)
    return next(iter([*(dmarc if is_borne_out else []), *shown_by]), None)


def failed_by(said: tuple[Said, ...]) -> Said | None:
    """The provider's word that DMARC failed."""
    return next((one for one in said if one.method == "dmarc" and one.result == "fail"), None)


def _sealed(arc: Arc, boundary: Boundary) -> tuple[Said, ...]:
    """What the reader's provider sealed as found; nobody else's seal counts."""
    if arc.chain != "pass" or not boundary.provider or provider_of(arc.sealers[0]) != boundary.provider:
        return ()
    return read_results(arc.results).said


def _is_passed_on(mail: Mail) -> bool:
    marks = ("list-id", "list-post", "arc-seal", "resent-from", "resent-to", "x-forwarded-for", "x-forwarded-to")
    return any(name in marks for name, _ in mail.headers)
