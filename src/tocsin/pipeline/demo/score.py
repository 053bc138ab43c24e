"""Marks the answers of a resolver against the truth: right, wrong, cannot tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from tocsin.pipeline.demo.truth import Truth


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """Which sighting is meant. `address` as RFC 5952 text, `seen_at` RFC 3339 in whole seconds with `Z`."""

    source: str
    seen_at: str
    address: str
    port: int | None
    protocol: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the resolver said. `subscriber` is a customer number, only when the outcome is `subscriber`."""

    outcome: str
    subscriber: str | None = None
    reason: str = ""


class Surprise(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that the case did not expect. `wrong` ones named somebody who was not there."""

    truth: Truth
    answer: Answer | None
    wrong: bool


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`right + wrong + sum(cannot_tell) + absent` is the number of sightings."""

    right: int
    wrong: int
    cannot_tell: dict[str, int]  # by outcome
    reasons: dict[str, int]  # the same ones, by the reason given
    absent: int  # no answer at all
    missed: int  # of those without a name: the ones where a name was the only right answer
    surprises: tuple[Surprise, ...]


def key_of(truth: Truth) -> Key:
    return Key(
        source=truth.source,
        seen_at=truth.seen_at,
        address=truth.address,
        port=truth.port,
        protocol=truth.protocol,
    )


def score(truth: Iterable[Truth], answers: Mapping[Key, Answer]) -> Table:
    """Wrong is only this: a subscriber was named and was not the holder. Caution is never wrong, but is counted."""
    marks: Counter[str] = Counter()
    cannot_tell: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    surprises: list[Surprise] = []
    for each in truth:
        answer = answers.get(key_of(each))
        mark = _mark(each, answer)
        marks[mark] += 1
        if mark == "cannot tell" and answer is not None:
            cannot_tell[answer.outcome] += 1
            reasons[answer.reason] += 1
        if mark in ("cannot tell", "absent") and each.expected == ("subscriber",):
            marks["missed"] += 1
        if mark == "wrong" or answer is None or answer.outcome not in each.expected:
            surprises.append(Surprise(truth=each, answer=answer, wrong=mark == "wrong"))
    return Table(
        right=marks["right"],
        wrong=marks["wrong"],
        cannot_tell=dict(sorted(cannot_tell.items())),
        reasons=dict(sorted(reasons.items())),
        absent=marks["absent"],
        missed=marks["missed"],
        surprises=tuple(surprises),
    )


def _mark(truth: Truth, answer: Answer | None) -> str:
    if answer is None:
        return "absent"
    if answer.outcome != "subscriber":
        return "cannot tell"
    return "right" if answer.subscriber is not None and answer.subscriber == truth.holder else "wrong"
