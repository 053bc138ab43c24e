"""Findings on the facts: what the proof states must stand in the words of both twins."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.spoken import Spoken
from tocsin.mailcheck.statements import Statement, instead, is_stated, statements


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.proof is None:
        return
    told = statements(seen.proof.facts)
    wrong = list(_wrong(told, seen.spoken))
    yield from wrong
    if seen.spoken and not wrong:
        yield found("facts-stated", count=str(len(told)))


def _wrong(told: list[Statement], twins: tuple[Spoken, ...]) -> Iterator[Finding]:
    for statement in told:
        twin = next((twin for twin in twins if not is_stated(statement, twin)), None)
        if twin is not None:
            yield _finding(statement, twin, told)


def _finding(statement: Statement, twin: Spoken, told: list[Statement]) -> Finding:
    seen = instead(statement, twin, told)
    if seen is None:
        return found("fact-missing", twin=twin.name, proved=statement.value, what=statement.what)
    place = twin.words.find(seen)
    evidence = twin.words[max(0, place - 40) : place + len(seen) + 40]
    return found("fact-changed", evidence, twin=twin.name, seen=seen, proved=statement.value, what=statement.what)
