"""Findings on a mail that somebody passed on with its headers in the text, as people do who ask whether it is real: the
sender and the links inside are judged as if it had come from there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from tocsin.mailcheck import elsewhere, identity, linkcheck
from tocsin.mailcheck.authentic import Authentic
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection

_LOOKED_AT_CHARACTERS_MAX = 2_000
_NEAR_THE_TOP_CHARACTERS = 120
_SUBJECT = re.compile(r"\s*(?:fwd?|enc|wg|tr|rv|i|vs|doorst|転送)\s?:", re.IGNORECASE)
_BLOCK = re.compile(
    r"(?:^|\s)\*?(?:From|De|Von|Van|Da|Fra|Od|差出人|送信者|प्रेषक)\s?:\*?\s?(?P<sender>[^<>]{0,120}<[^<>\s]{3,200}>)"
    r".{0,400}?(?:Subject|Assunto|Betreff|Onderwerp|Objet|Asunto|Oggetto|Emne|Temat|件名|विषय)\s?:\*?\s?(?P<subject>.{0,120})"
)


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.is_proved:
        return
    block = _BLOCK.search(seen.wording.body[:_LOOKED_AT_CHARACTERS_MAX])
    is_passed_on = _SUBJECT.match(seen.wording.subject) is not None
    if block is None or (block.start() > _NEAR_THE_TOP_CHARACTERS and not is_passed_on):
        return
    yield found("passed-on", sender=block["sender"])
    inner = _inner(seen, block["sender"], block["subject"])
    for look_at in (identity.look, linkcheck.look, elsewhere.look):
        for finding in look_at(inner):
            if finding.effect == "contradicts":
                yield finding


def _inner(seen: Inspection, sender: str, subject: str) -> Inspection:
    kept = tuple(header for header in seen.mail.headers if header[0] in ("to", "date", "received"))
    mail = msgspec.structs.replace(seen.mail, headers=(("from", sender), ("subject", subject), *kept))
    return Inspection(mail=mail, claim=seen.claim, setup=seen.setup, boundary=seen.boundary, authentic=Authentic())
