"""Findings on the code: the one that is displayed is the one that the proof was made for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.proof.canonical import canonical
from tocsin.proof.code import code_digest
from tocsin.proof.facts import Facts

_CODE = re.compile(r"(?<![0-9A-Za-z-])[0-9A-Za-z]{5}-[0-9A-Za-z]{5}-[0-9A-Za-z]{4}(?![0-9A-Za-z-])", re.ASCII)


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.proof is None:
        return
    facts = seen.proof.facts
    wrong = [finding for twin in seen.spoken for finding in _in_twin(twin.words, facts)][:1]
    yield from wrong or [found("code-stated")]
    if seen.codes is not None:
        yield _held(seen.codes(facts.code_sha256), facts)


def _in_twin(words: str, facts: Facts) -> Iterator[Finding]:
    proved = canonical(facts).decode()  # a reference number may have a code's form
    shown = [code for code in dict.fromkeys(match[0] for match in _CODE.finditer(words)) if code not in proved]
    if not shown:
        yield found("code-missing")
    for code in shown:
        if not _is_the_code(code, facts):
            yield found("code-changed", code, seen=code)


def _is_the_code(code: str, facts: Facts) -> bool:
    try:
        return code_digest(code) == facts.code_sha256
    except ValueError:
        return False


def _held(notice: str | None, facts: Facts) -> Finding:
    if notice is None:
        return found("code-not-held")
    return found("code-held", notice=notice) if notice == facts.notice else found("code-of-another")
