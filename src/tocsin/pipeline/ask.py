"""Who held this address and port at this time: the one answer, with what it rests on, for a person to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from tocsin.attribution.named import Named, name_bindings
from tocsin.attribution.who import Answer
from tocsin.book import Transaction, accounts, figures
from tocsin.book.cases import Case, cases_of
from tocsin.pipeline.house import House
from tocsin.pipeline.looks import look_who
from tocsin.terms.roles import Outcome

CASES_SHOWN = 20


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, by whom and why."""

    address: UUID
    at: datetime
    actor: str
    reason: str
    port: int | None = None
    protocol: str | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. Names, accounts and cases only where one subscriber is meant: nobody is hinted at."""

    answer: Answer
    bindings: tuple[Named, ...]
    name: str | None = None
    account: str | None = None
    cases: tuple[Case, ...] = ()


def ask(house: House, asked: Ask) -> Told:
    """Answer, once the audit has the look."""
    answer = look_who(
        house,
        asked.address,
        at=asked.at,
        port=asked.port,
        protocol=asked.protocol,
        reason=asked.reason,
        actor=asked.actor,
    )
    margin = timedelta(seconds=answer.margin_s)
    bindings = tuple(name_bindings(house.lake, answer.bindings, asked.at, margin))
    if answer.outcome is not Outcome.SUBSCRIBER or answer.number is None:
        bindings = tuple(msgspec.structs.replace(each, account=None) for each in bindings)
        return Told(answer=answer, bindings=bindings)
    with house.book.read() as tx:
        return Told(
            answer=answer,
            bindings=bindings,
            name=figures.name_at(tx, answer.number, answer.account, asked.at),
            account=_account(tx, answer.account),
            cases=_newest(cases_of(tx, [answer.number])),
        )


def _account(tx: Transaction, number: int | None) -> str | None:
    return accounts.name_of(tx, number) if number is not None else None


def _newest(cases: Sequence[Case]) -> tuple[Case, ...]:
    return tuple(sorted(cases, key=lambda case: case.opened_at, reverse=True)[:CASES_SHOWN])
