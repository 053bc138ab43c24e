"""Findings on what was handed in: what cannot be seen in a part of a mail."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection


def look(seen: Inspection) -> Iterator[Finding]:
    form = seen.mail.form
    if form == "words":
        yield found("form-words")
    elif form == "headers":
        yield found("form-headers")
    elif form == "outlook":
        yield found("form-outlook")
