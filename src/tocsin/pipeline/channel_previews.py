"""What the same notice looks like by the other channels: a short message, a letter on paper, a webhook's JSON.

Made with keys that nobody keeps, like the letter's preview: they prove nothing to anybody.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from tocsin.mailcheck.check import check
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.setup import Setup
from tocsin.notices.channels import LetterConfig
from tocsin.notices.compose import compose
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.outline import phone_words
from tocsin.notices.paper.compose import compose_paper
from tocsin.notices.sms.compose import compose_short
from tocsin.notices.sms.leave import may_leave_short
from tocsin.notices.webhook.compose import payload
from tocsin.pipeline.letters import PREVIEW_SECRET, Sample, sample_facts, throwaway
from tocsin.proof.code import make_code
from tocsin.proof.facts import Facts

_ADDRESS = "12 Sample Street\n99999 Sampleton"


class Others(msgspec.Struct, frozen=True, kw_only=True):
    """`refused` says why the message would not leave, '' where it would; `pieces` are its parts."""

    text: str
    coding: str
    pieces: tuple[str, ...]
    refused: str
    webhook: str  # JSON, indented


def others(issuer: Issuer, sample: Sample, at: datetime, parts_max: int) -> Others:
    """TocsinError where it cannot be composed."""
    facts, code, keys = _of(issuer, sample, at)
    short = compose_short(facts, code, issuer, parts_max=parts_max)
    stranger = check(read_pasted(short.text.encode()), Setup())
    phone = phone_words(issuer, catalogue(facts.language))
    refused = may_leave_short(short.text, facts, code, phone, parts_max=parts_max, stranger=stranger)
    posted = payload(compose(facts, code, issuer), facts, code, keys, "K-4711", ("C-000000004711",))
    return Others(
        text=short.text,
        coding=short.parts.coding,
        pieces=short.parts.pieces,
        refused=refused or "",
        webhook=msgspec.json.format(posted, indent=2).decode(),
    )


def paper(issuer: Issuer, sample: Sample, at: datetime, config: LetterConfig, folder: Path) -> bytes:
    """A PDF. TocsinError where it cannot be set, such as for want of fonts."""
    facts, code, keys = _of(issuer, sample, at)
    lines = config.sender_address or ("1 Sample Street", "99999 Sampleton")
    return compose_paper(
        replace(facts, recipient=_ADDRESS), code, issuer, keys, replace(config, sender_address=lines), folder
    )


def _of(issuer: Issuer, sample: Sample, at: datetime) -> tuple[Facts, str, Keys]:
    facts = sample_facts(issuer, sample, at.replace(microsecond=0))
    keys, _ = throwaway(issuer, at.date().replace(month=1, day=1).isoformat())
    return facts, make_code(PREVIEW_SECRET, facts.notice), keys
