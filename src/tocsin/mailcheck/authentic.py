"""From which domains a mail is shown to come: all that DKIM, SPF, DMARC, ARC and the reader's provider say of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.mailcheck.boundary import Boundary
from tocsin.mailcheck.dkim_signature import Signature, signatures
from tocsin.mailcheck.domains import plain_name, registrable
from tocsin.mailcheck.mail import Mail, shown
from tocsin.mailcheck.parties import domain_of, one_address
from tocsin.mailcheck.resolver import Resolver

How = Literal["", "dkim", "spf", "provider"]


class Authentic(msgspec.Struct, frozen=True, kw_only=True):
    """`author` is the domain of From, "" unless it is exactly one; `how` it is shown that the mail comes from there, ""
    when it is not. `verified` are all domains that are shown to have signed or sent it, the author's or others."""

    author: str = ""
    how: How = ""
    verified: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()

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
    address = one_address(shown(values[0])) if len(values) == 1 else None
    return plain_name(domain_of(address)) if address else ""


def authenticate(mail: Mail, resolve: Resolver, boundary: Boundary) -> Authentic:
    """Judges the mail as of the moment when the reader's provider took it. Asks `resolve`, and nobody else."""
    author = author_of(mail)
    signed = signatures(mail.raw, resolve, boundary.received_at) if mail.is_as_sent else ()
    verified = tuple(dict.fromkeys(one.domain for one in signed if one.state == "verified"))
    how: How = "dkim" if any(is_aligned(domain, author) for domain in verified) else ""
    return Authentic(author=author, how=how, verified=verified, signatures=signed)
