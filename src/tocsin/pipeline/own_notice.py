"""A notice as its own reader may see it: every word of it, what has become of it, and what it rests on."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import msgspec

from tocsin.book import Book, Transaction, audit, codes, notes, statements
from tocsin.book.case_days import CaseDay
from tocsin.book.codes import Told
from tocsin.book.notes import Note
from tocsin.book.statements import Kind, Statement
from tocsin.book.visits import Visit
from tocsin.cases.answered import objected, was_read
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.outline import Block, named, outline
from tocsin.notices.sentences import TOLD_BY_ROLE_AND_KIND
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts
from tocsin.remedies.words import called
from tocsin.terms.moments import format_moment

# What the letter says of itself as a mail, and of how to make sure of it: the reader is here already.
_LEFT_OUT = ("heading_genuine", "make_sure", "proof")  # a heading goes with all that stands under it
_COLUMNS = (
    *("day", "source", "kind", "role", "malware", "sightings", "first_at", "last_at", "address", "port", "protocol"),
    *("peer_address", "peer_port", "source_ref", "log"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of the notice's cases. `told` says in a sentence what it is."""

    told: str
    role: str
    state: str
    last_at: datetime


class EvidenceDay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one source saw of it on one day; from `address` on, of that day's last sighting."""

    day: date
    source: str
    kind: str
    role: str
    sightings: int
    first_at: datetime
    last_at: datetime
    address: str
    log: str  # the log by which it was found to be this line
    malware: str | None = None
    port: int | None = None
    protocol: str | None = None
    peer_address: str | None = None
    peer_port: int | None = None
    source_ref: str | None = None


class OwnNotice(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it, for the one whose it is."""

    facts: Facts
    left_at: datetime
    withdrawn: bool
    blocks: tuple[Block, ...]
    matters: tuple[Matter, ...]
    threats: dict[str, str]  # what it names, by its key in the remedies: as it is called
    evidence: tuple[EvidenceDay, ...]
    said: tuple[Statement, ...]
    notes: tuple[Note, ...]  # what people of ours wrote to the subscriber since


class _File(msgspec.Struct, frozen=True, kw_only=True):
    notice: Facts
    sent_at: datetime
    rests_on: tuple[EvidenceDay, ...]
    you_said: tuple[Statement, ...]


def read_own(
    book: Book, told: Told, issuer: Issuer, keys: Keys, language: str, *, at: datetime, by: Visit
) -> OwnNotice:
    """The notice in the reader's language. That it was opened stands in the audit before it is shown."""
    with book.write() as tx:
        audit.append(
            tx,
            at=at,
            actor="portal",
            action="notice read",
            object=told.notice,
            reason=f"its reader has proved to be meant: by {by.proven_by}",
        )
        said = f"{told.notice}: it was opened at the portal, proved by {by.proven_by}"
        was_read(tx, told.notice, by="code", said=said, actor="portal", at=at)
    facts = read_facts(told.facts.encode())
    words = catalogue(language)
    code = make_code(keys.secret, told.notice)
    with book.read() as tx:
        return OwnNotice(
            facts=facts,
            left_at=told.left_at,
            withdrawn=told.standing == 0,
            blocks=_without(outline(facts, code, issuer, words), {words.say(name) for name in _LEFT_OUT}),
            matters=tuple(_matters(tx, told, language)),
            threats={each.key: called(each.key, language) for each in map(named, facts.troubles) if each},
            evidence=tuple(_evidence(day) for day in codes.days_of_notice(tx, told.notice)),
            said=tuple(statements.of_notices(tx, [told.notice])),
            notes=tuple(_notes(tx, told)),
        )


def state(book: Book, told: Told, *, kind: Kind, text: str, proven_by: str, at: datetime) -> bool:
    """Keep what the reader says, and let it move the cases; False when there is too much of it already."""
    with book.write() as tx:
        kept = statements.add(tx, notice=told.notice, at=at, kind=kind, text=text, proven_by=proven_by)
        if kept:
            reason = f"said at the portal, proved by {proven_by}"
            audit.append(tx, at=at, actor="portal", action=f"said: {kind}", object=told.notice, reason=reason)
            if kind == "objection":
                objected(tx, told.notice, by="code", words=text, actor="portal", at=at)
            else:
                was_read(
                    tx, told.notice, by="code", said=f"{told.notice}: its reader says: {kind}", actor="portal", at=at
                )
    return kept


def told_by(book: Book, code: str, *, at: datetime) -> Told | None:
    """The notice of this code, if it can be checked now. Whoever types it has the notice: that is noted once."""
    with book.read() as tx:
        told = codes.told_by_code(tx, code_digest(code), at=at)
    if told is not None and told.read_at is None:
        with book.write() as tx:
            said = f"{told.notice}: its code was typed at the portal"
            was_read(tx, told.notice, by="code", said=said, actor="portal", at=at)
    return told


def as_json(own: OwnNotice) -> bytes:
    """For programs; moments in UTC."""
    file = _File(notice=own.facts, sent_at=own.left_at, rests_on=own.evidence, you_said=own.said)
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def as_csv(own: OwnNotice) -> bytes:
    """For a spreadsheet: a row a day and source. Nothing in it can be taken for a formula."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(_COLUMNS)
    for each in own.evidence:
        writer.writerow([_cell(getattr(each, name)) for name in _COLUMNS])
    return b"\xef\xbb\xbf" + lines.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = format_moment(value) if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _matters(tx: Transaction, told: Told, language: str) -> list[Matter]:
    words = catalogue(language)
    return [
        Matter(
            told=words.say(TOLD_BY_ROLE_AND_KIND.get((case.role, case.kind), case.role)),
            role=case.role,
            state=case.state,
            last_at=case.last_at,
        )
        for case in codes.cases_of_notice(tx, told.notice)
    ]


def _notes(tx: Transaction, told: Told) -> list[Note]:
    """Those that are meant for the subscriber. Who wrote them stays in the house."""
    return notes.of_cases(tx, [case.case for case in codes.cases_of_notice(tx, told.notice)], audience="subscriber")


def _evidence(day: CaseDay) -> EvidenceDay:
    values = {name: getattr(day, name) for name in EvidenceDay.__struct_fields__}
    return EvidenceDay(**{**values, "malware": day.malware or None, "source_ref": day.source_ref or None})


def _without(blocks: tuple[Block, ...], texts: set[str]) -> tuple[Block, ...]:
    """The letter without these paragraphs, and without the parts under these headings."""
    kept, out = [], False
    for block in blocks:
        if block.form == "heading":
            out = block.text in texts
        if not out and block.text not in texts:
            kept.append(block)
    return tuple(kept)
