"""One field that finds cases: a case, a notice, a code, an address (and port and time), an account, a line, malware."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import msgspec

from tocsin.attribution.who import Answer
from tocsin.book import Transaction, audit, case_search
from tocsin.cases.moves import State
from tocsin.pipeline.looks import look_who
from tocsin.proof.code import code_digest
from tocsin.terms.addresses import format_address, parse_address
from tocsin.terms.moments import format_moment, parse_moment
from tocsin.web.shared.site import Site

_CASE = re.compile(r"C-[0-9A-Z]{12}", re.IGNORECASE | re.ASCII)
_NOTICE = re.compile(r"N-[0-9A-Z]{16}", re.IGNORECASE | re.ASCII)
_BRACKETED = re.compile(r"\[([0-9a-fA-F:.]+)\](?::(\d{1,5}))?", re.ASCII)
_V4_PORT = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})", re.ASCII)
_NAIVE = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?", re.ASCII)
REASON = "searched at the desk"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood, in words; the cases; or a malware whose list is meant."""

    meant: str
    cases: tuple[str, ...] = ()
    malware: str | None = None
    is_exact: bool = False  # one thing was named: its case is opened at once

    @property
    def is_cut(self) -> bool:
        return len(self.cases) > case_search.FOUND_MAX


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """An address, perhaps with the client's port and the moment."""

    address: UUID
    port: int | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        port = f" port {self.port}" if self.port else ""
        return f"{format_address(self.address)}{port}{f' at {format_moment(self.at)}' if self.at else ''}"


def find(site: Site, text: str, *, actor: str, may_ask: bool) -> Found:
    """The cases that are meant. Each search is in the audit, since it is about somebody."""
    spot = read_spot(text)
    if spot is not None and spot.at is not None and may_ask:
        return _by_holder(site, spot, spot.at, actor)
    with site.book.write() as tx:
        audit.append(tx, at=site.clock(), actor=actor, action="search", object=text, reason=REASON)
    with site.book.read() as tx:
        if spot is not None:
            address = format_address(spot.address)
            return Found(meant=f"cases last seen at {address}", cases=tuple(case_search.by_address(tx, address)))
        return _by_name(tx, text) or _by_person(tx, text)


def read_spot(text: str) -> Spot | None:
    """`192.0.2.7`, `192.0.2.7:40001`, `[2001:db8::1]:40001`, or in words: address, port, time (UTC without a zone)."""
    at, rest = _moment_in(text)
    words = [word for word in re.split(r"[\s,;@]+", rest) if word.lower() not in ("", "port", "at")]
    if not 1 <= len(words) <= 2:
        return None
    joined = _BRACKETED.fullmatch(words[0]) or _V4_PORT.fullmatch(words[0])
    name, port = (joined[1], joined[2]) if joined else (words[0], None)
    if len(words) == 2:
        port = words[1]
    try:
        number = int(port) if port and port.isascii() and port.isdigit() else 0 if port is None else -1
        if not 0 <= number <= 65_535:
            return None
        return Spot(address=parse_address(name), port=number or None, at=at)
    except ValueError:
        return None


def _moment_in(text: str) -> tuple[datetime | None, str]:
    """A moment that stands in the text, and the text without it."""
    for word in text.split():
        try:
            return parse_moment(word), text.replace(word, " ")
        except ValueError:
            continue
    found = _NAIVE.search(text)
    if found is None:
        return None, text
    try:
        at = parse_moment(f"{found[1]}T{found[2]}{found[3] or ':00'}Z")
    except ValueError:
        return None, text
    return at, text.replace(found[0], " ").replace(" Z", " ")


def _by_holder(site: Site, spot: Spot, at: datetime, actor: str) -> Found:
    """The cases of whoever held it: asked by the very rules of attribution."""
    with site.house() as house:
        answer: Answer = look_who(house, spot.address, at=at, port=spot.port, protocol=None, reason=REASON, actor=actor)
    meant = f"{spot}: {answer.sentence}"
    if answer.number is None:
        return Found(meant=meant)
    with site.book.read() as tx:
        return Found(meant=meant, cases=tuple(case_search.by_subscribers(tx, [answer.number])))


def _by_name(tx: Transaction, text: str) -> Found | None:
    if _CASE.fullmatch(text):
        return Found(meant=f"case {text.upper()}", cases=tuple(case_search.named(tx, text.upper())), is_exact=True)
    if _NOTICE.fullmatch(text):
        return Found(
            meant=f"notice {text.upper()}", cases=tuple(case_search.by_notice(tx, text.upper())), is_exact=True
        )
    try:
        digest = code_digest(text)
    except ValueError:
        return None
    found = tuple(case_search.by_code(tx, digest))
    return Found(meant="the code of a notice", cases=found, is_exact=True) if found else None


def _by_person(tx: Transaction, text: str) -> Found:
    numbers = case_search.subscribers_called(tx, text)
    if numbers:
        cases = tuple(case_search.by_subscribers(tx, numbers))
        return Found(meant=f"the account, customer number or line {text}", cases=cases)
    spelled = case_search.malware_spelled(tx, text, [str(state) for state in State])
    return Found(meant=f"“{text}”", malware=spelled)
