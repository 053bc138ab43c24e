"""What the clerk may see while somebody rings: little by a code alone, the whole by a proof; each look is audited."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.book import Book, Transaction, audit, codes, reported_fakes
from tocsin.book.codes import Told
from tocsin.book.reported_fakes import HOSTS_MAX, ReportedFake
from tocsin.cases.answered import was_read
from tocsin.mailcheck import hosts
from tocsin.mailcheck.directory import directory
from tocsin.mailcheck.domains import is_within
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.outline import Block, outline
from tocsin.notices.sentences import TOLD_BY_ROLE_AND_KIND
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts

Proof = Literal["bill", "call-back", "questions", "in-person"]
PROOFS: tuple[Proof, ...] = ("bill", "call-back", "questions", "in-person")
REPORTED_LIST = "reported-by-telephone.txt"
REPORTED_KEPT = timedelta(days=180)  # for which a host that was told stays on the list
_TEXT_MAX = 5_000
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said to anybody who reads out the code: the same as the portal tells."""

    told: Told
    zone: str
    line: str  # masked; the end of it is what may be said
    matters: tuple[str, ...]
    steps: tuple[str, ...]

    @property
    def is_withdrawn(self) -> bool:
        return self.told.standing == 0


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said to a caller who has proved who he is."""

    heard: Heard
    facts: Facts
    blocks: tuple[Block, ...]


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, and with what."""

    book: Book
    issuer: Issuer
    keys: Keys
    actor: str
    at: datetime


def hear_code(desk: Desk, code: str, language: str) -> Heard | None:
    """What the code alone tells; None for one that opens nothing."""
    with desk.book.write() as tx:
        told = codes.told_by_code(tx, code_digest(code), at=desk.at)
        if told is None:
            return None
        _note(tx, desk, "code by telephone", told, "a caller read out the code")
        _was_read(tx, desk, told, "its code was read out on the telephone")
    return _heard(told, desk, language)


def open_notice(desk: Desk, notice: str, proof: Proof, reason: str, language: str) -> Whole | None:
    """The whole notice, for a caller who has proved to be meant. Which proof it was stands in the audit."""
    with desk.book.write() as tx:
        told = codes.told(tx, notice, at=desk.at)
        if told is None:
            return None
        _note(tx, desk, "notice by telephone", told, f"the caller has proved to be the subscriber: {proof}. {reason}")
        _was_read(tx, desk, told, f"it was told on the telephone, proved by {proof}")
    heard = _heard(told, desk, language)
    facts = read_facts(told.facts.encode())
    blocks = outline(facts, make_code(desk.keys.secret, told.notice), desk.issuer, catalogue(language))
    return Whole(heard=heard, facts=facts, blocks=tuple(_seen(blocks, language)))


def hear_account(desk: Desk, ref: str, proof: Proof, reason: str, language: str) -> list[Heard]:
    """Every notice to this customer that can be checked, the newest first; only after a proof."""
    with desk.book.write() as tx:
        subscriber = codes.subscriber_of(tx, ref)
        audit.append(
            tx,
            at=desk.at,
            actor=desk.actor,
            action="account by telephone",
            object=ref,
            reason=f"the caller has proved to be the subscriber: {proof}. {reason}",
            subscriber=subscriber,
        )
        found = codes.told_to(tx, subscriber, at=desk.at) if subscriber is not None else []
    return [_heard(told, desk, language) for told in found]


def _note(tx: Transaction, desk: Desk, action: str, told: Told, reason: str) -> None:
    audit.append(
        tx,
        at=desk.at,
        actor=desk.actor,
        action=action,
        object=told.notice,
        reason=reason.strip(),
        subscriber=told.subscriber,
    )


def _was_read(tx: Transaction, desk: Desk, told: Told, said: str) -> None:
    was_read(tx, told.notice, by="phone", said=f"{told.notice}: {said}", actor=desk.actor, at=desk.at)


def _heard(told: Told, desk: Desk, language: str) -> Heard:
    facts, words = read_facts(told.facts.encode()), catalogue(language)
    blocks = outline(facts, make_code(desk.keys.secret, told.notice), desk.issuer, words)
    after = _under(blocks, words.say("heading_do"))
    matters = (words.say(TOLD_BY_ROLE_AND_KIND.get((each.role, each.kind), each.role)) for each in facts.troubles)
    return Heard(
        told=told,
        zone=facts.zone,
        line=facts.line,
        matters=tuple(dict.fromkeys(matters)),
        steps=tuple(step for block in after for step in block.steps),
    )


def _seen(blocks: tuple[Block, ...], language: str) -> Iterator[Block]:
    yield from _under(blocks, catalogue(language).say("heading_seen"))


def _under(blocks: tuple[Block, ...], heading: str) -> Iterator[Block]:
    """What stands under this heading."""
    inside = False
    for block in blocks:
        if block.form == "heading":
            inside = block.text == heading
        elif inside:
            yield block


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What was filed, and the hosts that were not: they are somebody's whom many know, or our own."""

    fake: ReportedFake
    left_out: tuple[str, ...]


def file_fake(desk: Desk, lists: Path, *, subject: str, sender: str, links: str, phones: str) -> Filed:
    """Keep what a caller told of a mail that is not ours, and put its hosts on the list that mail checks read."""
    told = list(dict.fromkeys(_hosts_in(links)))
    left_out = tuple(host for host in told if _is_somebodys(host, desk.issuer.domain))
    fake = ReportedFake(
        at=desk.at,
        by=desk.actor,
        subject=_line(subject, 300),
        sender=_line(sender, 300),
        hosts=tuple(host for host in told if host not in left_out)[:HOSTS_MAX],
        phones=tuple(_line(each, 30) for each in re.split(r"[\n,;]", phones[:_TEXT_MAX]) if each.strip())[:8],
    )
    with desk.book.write() as tx:
        reported_fakes.forget(tx, before=desk.at - REPORTED_KEPT)
        reported_fakes.add(tx, fake)
        audit.append(
            tx,
            at=desk.at,
            actor=desk.actor,
            action="fake reported",
            object=fake.subject or fake.sender or ", ".join(fake.hosts),
            reason="a caller told of it",
        )
    write_list(desk.book, lists, at=desk.at)
    return Filed(fake=fake, left_out=left_out)


def write_list(book: Book, lists: Path, *, at: datetime) -> Path:
    """The hosts of reported fakes as a list for `tocsin check --lists`; there whole or not at all."""
    with book.read() as tx:
        found = list(reported_fakes.hosts(tx, since=at - REPORTED_KEPT))
    lists.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".reported-", suffix=".tmp", dir=lists)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("# Hosts of fakes that callers told us of.\n" + "".join(f"{host}\n" for host in found))
    Path(name).chmod(0o644)
    return Path(name).replace(lists / REPORTED_LIST)


def _hosts_in(text: str) -> Iterator[str]:
    """The hosts of links as somebody read them out: with a scheme or without, with `hxxp` or `[.]` too."""
    for word in text[:_TEXT_MAX].replace("[.]", ".").split():
        bare = _SCHEME.sub("", word.strip("<>()\"',;"))
        host = hosts.normal(re.split(r"[/?#:]", bare, maxsplit=1)[0].rpartition("@")[2])
        if "." in host and all(sign.isalnum() or sign in "-._" for sign in host):
            yield host


def _is_somebodys(host: str, own: str) -> bool:
    return is_within(host, own) or directory().owner(host) is not None or directory().hosts_strangers(host)


def _line(text: str, most: int) -> str:
    """On one line, and nothing that could not be seen."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[: most * 4]).split())[:most]
