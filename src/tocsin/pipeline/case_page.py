"""All that a case's page shows from the book: who it is about, what happened, what was sent, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec

from tocsin.book import (
    Book,
    Transaction,
    arrivals,
    audit,
    case_days,
    case_sources,
    deliveries,
    notes,
    statements,
    steps,
    verdicts,
)
from tocsin.book import cases as book_cases
from tocsin.book import contracts as book_contracts
from tocsin.book import notices as book_notices
from tocsin.book.arrivals import Arrival, Reply
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Move
from tocsin.book.contracts import Contract
from tocsin.book.deliveries import Attempt
from tocsin.book.notes import Note
from tocsin.book.notices import Notice
from tocsin.book.statements import Statement
from tocsin.book.steps import Step
from tocsin.book.verdicts import Standing, Verdict
from tocsin.cases.silence import told as silence_told
from tocsin.cases.watch import silence_of
from tocsin.evidence.quote import visible
from tocsin.proof.canonical import read_facts
from tocsin.terms.errors import BadRequest

_LETTER_MAX = 20_000  # characters
_SUFFIXES = {"mail": "eml", "sms": "txt", "letter": "pdf", "call": "txt", "webhook": "json"}
_SUBJECTS = {"sms": "a short message", "call": "what is said on the telephone", "webhook": "what a program was told"}


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as its reader saw it: the plain text, nothing of it executed or fetched."""

    subject: str
    to: str
    text: str


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A notice with its letter (once it is composed), every conversation about it, and what came back."""

    notice: Notice
    letter: Letter | None
    attempts: tuple[Attempt, ...]
    arrivals: tuple[Arrival, ...]


class SourceWord(msgspec.Struct, frozen=True, kw_only=True):
    """A source that spoke of the case, and how often it was found to be wrong elsewhere."""

    source: str
    false: Standing | None
    cases: int  # that it ever spoke of; at most 1,001
    verdict: Verdict | None  # on this case


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """One case, as the book has it at one moment."""

    case: Case
    ref: str
    contract: Contract | None
    days: tuple[CaseDay, ...]
    moves: tuple[Move, ...]
    sent: tuple[Sent, ...]
    replies: tuple[Reply, ...]
    statements: tuple[Statement, ...]
    notes: tuple[Note, ...]
    sources: tuple[SourceWord, ...]
    others: tuple[Case, ...]  # the same subscriber's
    steps: tuple[Step, ...]  # of its policy, as they were decided
    silence: str  # since it was last seen: how many days count; empty of a case that is over


def look_at_case(book: Book, name: str, *, actor: str, reason: str, at: datetime) -> CasePage:
    """Raises BadRequest when there is no such case. The look is in the audit before the page is read."""
    with book.read() as tx:
        if book_cases.find(tx, name) is None:
            raise BadRequest(f"no case is called {name[:40]!r}")
    with book.write() as tx:
        audit.append(tx, at=at, actor=actor, action="case", object=name, reason=reason)
    return case_again(book, name, at)


def case_again(book: Book, name: str, at: datetime) -> CasePage:
    """The same once more, for somebody who is looking at it already."""
    with book.read() as tx:
        case = book_cases.find(tx, name)
        if case is None:
            raise BadRequest(f"no case is called {name[:40]!r}")
        days, silent = tuple(case_days.days_of_case(tx, name)), silence_of(tx, case, at)
        return CasePage(
            case=case,
            ref=book_cases.refs_of(tx, [case.subscriber])[case.subscriber],
            contract=_contract(tx, case, days),
            days=days,
            moves=tuple(book_cases.moves_of(tx, [name])),
            sent=tuple(_sent(tx, name)),
            replies=tuple(arrivals.replies_of_case(tx, name)),
            statements=tuple(statements.of_case(tx, name)),
            notes=tuple(notes.of_cases(tx, [name])),
            sources=tuple(_sources(tx, name)),
            others=tuple(each for each in book_cases.cases_of(tx, [case.subscriber]) if each.case != name),
            steps=tuple(taken.step for taken in steps.taken_of(tx, [name]).get(name, ())),
            silence=silence_told(silent) if silent else "",
        )


def letter_bytes(book: Book, case: str, notice: str, *, actor: str, reason: str, at: datetime) -> tuple[bytes, str]:
    """A notice as it was sent, and how such a file's name ends.

    BadRequest where the case has no such notice, or it has not been composed.
    """
    with book.write() as tx:
        found = {each.notice: each for each in book_notices.of_cases(tx, [case]).get(case, ())}
        if notice not in found:
            raise BadRequest("this case has no such notice")
        raw = book_notices.raw_of(tx, notice)
        audit.append(tx, at=at, actor=actor, action="notice", object=f"{notice} of {case}", reason=reason)
    return raw, _SUFFIXES.get(found[notice].channel, "bin")


def letter_of(notice: Notice, raw: bytes) -> Letter:
    """As its channel brought it: a mail, the words of a short message or a call, JSON; of paper only that it is."""
    if notice.channel == "mail":
        return read_letter(raw)
    to = visible(read_facts(notice.facts.encode()).recipient.replace("\n", ", "))
    if notice.channel == "letter":
        return Letter(subject="a letter on paper", to=to, text=f"{len(raw):,} bytes of PDF, to be downloaded below")
    lines = "\n".join(visible(line) for line in raw.decode("utf-8", "replace")[:_LETTER_MAX].splitlines())
    return Letter(subject=_SUBJECTS.get(notice.channel, notice.channel), to=to, text=lines)


def read_letter(raw: bytes) -> Letter:
    """The plain text of a mail. Whatever it is, this gives text."""
    mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    part = mail.get_body(("plain",))
    try:
        text = part.get_content() if part is not None else ""
    except (LookupError, ValueError, KeyError):
        text = raw.decode("utf-8", "replace")
    lines = "\n".join(visible(line) for line in str(text)[:_LETTER_MAX].splitlines())
    return Letter(subject=visible(str(mail["subject"] or "")), to=visible(str(mail["to"] or "")), text=lines)


def _contract(tx: Transaction, case: Case, days: Sequence[CaseDay]) -> Contract | None:
    """The contract of the case's last sighting; else the subscriber's newest."""
    there = book_contracts.contracts_of(tx, case.subscriber)
    if not there:
        return None
    last = max(days, key=lambda day: day.last_at, default=None)
    at = case.last_at
    held = [c for c in there if (last is None or c.account == last.account) and c.starts_at <= at]
    held = [c for c in held if c.ends_at is None or at < c.ends_at]
    return held[-1] if held else there[-1]


def _sent(tx: Transaction, case: str) -> list[Sent]:
    found = book_notices.of_cases(tx, [case]).get(case, [])
    attempts = deliveries.attempts_of(tx, [notice.notice for notice in found])
    came = arrivals.of_notices(tx, [notice.notice for notice in found])
    return [
        Sent(
            notice=notice,
            letter=letter_of(notice, book_notices.raw_of(tx, notice.notice)) if notice.message_id else None,
            attempts=tuple(attempts.get(notice.notice, ())),
            arrivals=tuple(came.get(notice.notice, ())),
        )
        for notice in found
    ]


def _sources(tx: Transaction, case: str) -> list[SourceWord]:
    names = case_sources.sources_of(tx, [case]).get(case, [])
    standing = verdicts.by_source(tx, names) if names else {}
    given = {each.source: each for each in verdicts.of_case(tx, case)}
    return [
        SourceWord(source=name, false=standing.get(name), cases=verdicts.count_cases(tx, name), verdict=given.get(name))
        for name in names
    ]
