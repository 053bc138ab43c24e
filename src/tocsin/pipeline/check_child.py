"""The process in which a stranger's mail is checked: see checking.py. `python -m tocsin.pipeline.check_child`."""

from __future__ import annotations

import resource
import sys
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO

import msgspec

from tocsin.mailcheck.catalogue import LANGUAGES
from tocsin.mailcheck.check import check
from tocsin.mailcheck.inputs import Given, given_mails
from tocsin.mailcheck.link_lists import LinkLists, load_lists
from tocsin.mailcheck.online import Online
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.resolver import Resolver, offline
from tocsin.mailcheck.setup import Setup
from tocsin.pipeline.check_forward import read_sent
from tocsin.pipeline.checking import (
    Broken,
    CodeAsked,
    CodeTold,
    Looked,
    Means,
    Question,
    Ready,
    Reply,
    SentIn,
    Unread,
    read_frame,
    write_frame,
)
from tocsin.terms.errors import BadConfig, BadRequest

_MEMORY_BYTES = 2 * 1024**3
_NO_HEADERS = b"(forwarded)\n"  # before words: whatever they begin with is no header of a mail
_QUESTION = msgspec.msgpack.Decoder(Question)
_TOLD = msgspec.msgpack.Decoder(CodeTold)


def main() -> None:
    """Answer questions until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing of a mail can get onto a disk
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)


def serve(questions: IO[bytes], replies: IO[bytes]) -> None:
    lists = _Lists()
    write_frame(replies, Ready())
    while True:
        try:
            question = _QUESTION.decode(read_frame(questions))
        except EOFError:
            return
        try:
            reply: Reply = _look(question, lists, partial(_ask_code, questions, replies))
        except Exception as error:  # noqa: BLE001 - the edge: a bug in a check is told by its name, never by the mail
            reply = Broken(type(error).__name__)
        write_frame(replies, reply)


def _look(question: Question, lists: _Lists, codes: partial[str | None]) -> Reply:
    means, trouble = question.means, []
    try:
        found = lists.of(means.lists)
    except BadConfig as error:
        found = None
        trouble.append(str(error))
    try:
        resolve = _resolver(means, question.at)
    except BadRequest as error:
        resolve = offline
        trouble.append(str(error))
    setup = Setup(
        known=means.known,
        resolve=resolve,
        codes=codes if question.has_codes else None,
        at=question.at,
        lists=found,
        language=question.language,
    )
    if question.sent_to:
        return _look_sent(question, setup)
    given = next(given_mails(Path("-"), BytesIO(question.raw)), None)
    return Looked(check(given.mail, setup), "; ".join(trouble)) if isinstance(given, Given) else Unread()


def _look_sent(question: Question, setup: Setup) -> Reply:
    sent = read_sent(question.raw, setup.resolve, question.sent_to)
    told = {"sender": sent.sender, "message_id": sent.message_id, "form": sent.form}
    given = None if sent.refusal else next(given_mails(Path("-"), BytesIO(sent.inside)), None)
    if not isinstance(given, Given):
        return SentIn(refusal=sent.refusal or "no mail", answer=None, **told)
    language = sent.language if sent.language in LANGUAGES else setup.language
    mail = given.mail if sent.form == "attachment" else read_pasted(_NO_HEADERS + sent.inside)
    return SentIn(refusal="", answer=check(mail, msgspec.structs.replace(setup, language=language)), **told)


def _resolver(means: Means, at: datetime) -> Resolver:
    if not means.dns:
        return offline
    return Online(lambda: at, tuple(server for server in means.dns if server != "system"))


def _ask_code(questions: IO[bytes], replies: IO[bytes], sha256: str) -> str | None:
    write_frame(replies, CodeAsked(sha256))
    return _TOLD.decode(read_frame(questions)).notice


class _Lists:
    """The lists of a folder, read again when a file of it changes."""

    def __init__(self) -> None:
        self._stamp: object = None
        self._lists: LinkLists | None = None

    def of(self, folder: str) -> LinkLists | None:
        path = Path(folder)
        if not folder or not path.is_dir():
            return None
        stamp = (folder, *sorted((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in path.iterdir()))
        if stamp != self._stamp:
            self._lists, self._stamp = load_lists(path), stamp
        return self._lists


if __name__ == "__main__":
    main()
