"""Questions that wait for their answers: a resolver's log has them on different lines, others' between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec

from tocsin.evidence.stamps import Stamp
from tocsin.traffic.readers.said import Said

OPEN_MAX = 20_000  # questions without an end: the oldest is let go unanswered
SAME_MAX = 64  # of them for one name
ANSWERS_MAX = 40


class Question(msgspec.Struct, eq=False):
    """A client's look-up as it grows. `rcode` stays empty where nobody outside has answered."""

    line: int
    stamp: Stamp
    said: Said
    rcode: str = ""
    answers: list[str] = []
    is_kept: bool = False  # the resolver answered by itself
    is_told: bool = False


class Waiting:
    """Takes what lines say in their order; tells each look-up once, when no more can come to it."""

    def __init__(self, tell: Callable[[Question], None]) -> None:
        self._tell = tell
        self._open: deque[Question] = deque()
        self._by_key: dict[str, list[Question]] = {}
        self._chain: list[Question] = []  # whose answer was a CNAME: the next name's answer is theirs

    def take(self, line: int, stamp: Stamp, said: Said) -> None:
        if said.does == "asks":
            self._ask(Question(line, stamp, said, answers=[]))
        elif said.does == "replies":
            self._reply(line, stamp, said)
        else:
            self._answer(said)

    def end(self) -> None:
        while self._open:
            self._finish(self._open.popleft())

    def _ask(self, question: Question) -> None:
        same = self._by_key.setdefault(question.said.key, [])
        for each in [each for each in same if each.rcode or each.is_kept] or same[: max(0, len(same) + 1 - SAME_MAX)]:
            self._finish(each)
        self._by_key.setdefault(question.said.key, []).append(question)
        self._open.append(question)
        while len(self._open) > OPEN_MAX:
            self._finish(self._open.popleft())

    def _answer(self, said: Said) -> None:
        meant = self._by_key.get(said.key) or self._chain
        for each in meant:
            if said.does == "keeps":
                each.is_kept = True
                continue
            each.rcode = said.rcode
            if said.answer and len(each.answers) < ANSWERS_MAX:
                each.answers.append(said.answer)
        self._chain = meant if said.name == "CNAME" or (meant is self._chain and said.does == "answers") else []

    def _reply(self, line: int, stamp: Stamp, said: Said) -> None:
        waiting = self._by_key.get(said.key)
        question = waiting[0] if waiting else Question(line, stamp, said, answers=[])
        question.rcode = said.rcode
        self._finish(question)

    def _finish(self, question: Question) -> None:
        if question.is_told:
            return
        question.is_told = True
        same = self._by_key.get(question.said.key, [])
        if question in same:
            same.remove(question)
        if not same:
            self._by_key.pop(question.said.key, None)
        self._tell(question)
