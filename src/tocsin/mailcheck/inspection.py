"""What the checks look at together: one mail, what it claims, and what the reader knows."""

from __future__ import annotations

from functools import cached_property

import msgspec

from tocsin.mailcheck.authentic import Authentic
from tocsin.mailcheck.boundary import Boundary
from tocsin.mailcheck.mail import Mail
from tocsin.mailcheck.resolver import Resolver
from tocsin.mailcheck.setup import CodeBook, Setup
from tocsin.mailcheck.spoken import Spoken
from tocsin.mailcheck.wording import Wording, read_wording
from tocsin.proof.known import Known
from tocsin.proof.proof import Proof, ProofResult
from tocsin.proof.words import html_words, text_words


class Claim(msgspec.Struct, frozen=True):
    """The proof that a mail brings, read and judged. `reason` says why there is none to be read."""

    proof: Proof | None = None
    result: ProofResult | None = None
    is_header: bool = False  # from the header; else from the block in the text
    reason: str = ""


class Inspection(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One mail under the eye. `spoken` is what each twin that is there says; `boundary` tells which headers the
    reader's provider wrote, `authentic` from which domain the mail is shown to come."""

    mail: Mail
    claim: Claim
    setup: Setup = Setup()
    spoken: tuple[Spoken, ...] = ()
    boundary: Boundary = Boundary()
    authentic: Authentic = Authentic()

    @cached_property
    def wording(self) -> Wording:
        """What the mail says, read once for all checks."""
        return read_wording(self.mail)

    @property
    def is_proved(self) -> bool:
        """Whether a key that the reader trusts vouches for its words."""
        return self.claim.result is not None and self.claim.result.result == "supports"

    @property
    def proof(self) -> Proof | None:
        return self.claim.proof

    @property
    def known(self) -> Known:
        return self.setup.known

    @property
    def resolve(self) -> Resolver:
        return self.setup.resolve

    @property
    def codes(self) -> CodeBook | None:
        return self.setup.codes


def spoken(mail: Mail) -> tuple[Spoken, ...]:
    """The twins that are there."""
    text = [] if mail.text is None else [Spoken("The text", text_words(mail.text))]
    html = [] if mail.html is None else [Spoken("The HTML part", html_words(mail.html))]
    return (*text, *html)
