"""Mails that people sent in to be checked: each is answered or not, and deleted; of none a word is kept.

Answered is only a sender whose domain has signed the mail, as sent to us; never a machine, never many, and nobody more
often than a few times a day. Who asks the DNS is configured; where nobody may be asked, nobody is answered.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec

from tocsin.book import codes, reported_fakes
from tocsin.book.reported_fakes import ANSWERED
from tocsin.notices.check_answer import Asked, check_answer
from tocsin.notices.config import read_password
from tocsin.notices.deliver import DeliveryResult, MaildirDeliverer
from tocsin.notices.mailbox.imap import ImapBox
from tocsin.notices.mailbox.letters import Letter, Mailbox
from tocsin.notices.mailbox.maildir import MaildirBox
from tocsin.notices.seal import Sealed
from tocsin.notices.smtp.session import Session
from tocsin.pipeline.checking import Broken, Checkers, Means, Question, Reply, SentIn, lists_folder
from tocsin.pipeline.courier import way_of
from tocsin.pipeline.house import House
from tocsin.proof.known import Known, load_known, pin
from tocsin.terms.errors import BadConfig, Refused, StorageFailed, Unreachable

KIND = "answer-check"  # of the job
KEPT = timedelta(days=7)  # how long it is known that a mail was answered, so that it is answered once
OFFLINE = "nobody is answered: no DNS may be asked (portal.dns), so no sender can be made sure of"
_DOMAIN = b"tocsin-check-mail-v1\n"


class Answered(msgspec.Struct, kw_only=True):
    """What one round did: how many were answered, and how many were not, by reason."""

    answered: int = 0
    refused: dict[str, int] = {}
    waiting: int = 0  # what DNS or the mail server had no answer for: it comes again
    trouble: str = ""


def do(house: House, payload: bytes) -> bytes:
    """The job. Refused, so that the worker's log says it, where nobody could be answered or the mailbox failed."""
    done = answer_mails(house)
    if done.trouble:
        raise Refused(done.trouble)
    return msgspec.json.encode(done)


def answer_mails(house: House, *, checkers: Checkers | None = None) -> Answered:
    """Read the mailbox of the check, answer, delete. A mailbox that fails is told, not raised."""
    config = house.config.check_mail
    if not config.address:
        return Answered()
    if not house.config.portal.dns:
        return Answered(trouble=OFFLINE)
    own = checkers or Checkers(children=1)
    clerk, mailbox = _Clerk(house, own), _mailbox(house)
    try:
        for letters in mailbox.batches():
            for letter in letters:
                if clerk.answer(letter):
                    mailbox.discard(letter)
    except (Unreachable, StorageFailed) as failed:
        clerk.done.trouble = str(failed)
    finally:
        if checkers is None:
            own.close()
    with house.book.write() as tx:
        reported_fakes.forget_answers(tx, before=house.now - KEPT)
    return clerk.done


def _mailbox(house: House) -> Mailbox:
    config, folder = house.config.check_mail, house.config_file.parent
    if config.maildir:
        return MaildirBox(folder / config.maildir)
    box = msgspec.structs.replace(house.config.mailbox, folders=(config.folder,), mark_seen=False)
    if box.via != "imap":
        raise BadConfig("[mailbox] names no IMAP server that has it", where="check_mail.folder")
    password = read_password(folder / box.password_file, "mailbox.password_file")
    return ImapBox(box, password, lambda _: None, str(folder / box.ca_file) if box.ca_file else None)


class _Clerk:
    def __init__(self, house: House, checkers: Checkers) -> None:
        self._house, self._checkers = house, checkers
        self._means = _means(house)
        self.done = Answered(refused={})

    def answer(self, letter: Letter) -> bool:
        """Whether the letter is dealt with; else it comes again."""
        reply = self._look(letter.raw)
        if not isinstance(reply, SentIn):
            return self._note(letter.raw, "", f"broken: {reply.why}" if isinstance(reply, Broken) else "no mail")
        if reply.refusal == "later":
            self.done.waiting += 1
            return False
        name = self._name(reply.message_id or sha256(letter.raw).hexdigest(), reply.sender)
        refusal = reply.refusal or self._too_many(name, reply.sender)
        if refusal or reply.answer is None:
            return self._note(letter.raw, reply.sender, refusal or "no mail")
        asked = Asked(sender=reply.sender, message_id=reply.message_id, name=name, form=reply.form)
        house = self._house
        address = house.config.check_mail.address
        try:
            sealed = check_answer(
                reply.answer, asked, address=address, issuer=house.issuer, keys=house.keys, at=house.now
            )
        except Refused as refused:
            return self._note(letter.raw, reply.sender, refused.what)
        if not send(house, sealed):
            self.done.waiting += 1
            return False
        return self._note(letter.raw, reply.sender, ANSWERED, name)

    def _look(self, raw: bytes) -> Reply:
        house = self._house
        question = Question(
            raw=raw,
            language=house.issuer.language,
            at=house.now,
            means=self._means,
            has_codes=True,
            sent_to=(house.config.check_mail.address, house.issuer.mail_from.lower()),
        )
        return self._checkers.check(question, partial(_notice_of, house))

    def _too_many(self, name: str, sender: str) -> str:
        with self._house.book.read() as tx:
            if reported_fakes.is_answered(tx, name):
                return "answered before"
            since = self._house.now - timedelta(days=1)
            count = reported_fakes.answers_to(tx, self._name("", sender), since=since)
        return "too many a day" if count >= self._house.config.check_mail.answers_per_day else ""

    def _note(self, raw: bytes, sender: str, result: str, name: str = "") -> bool:
        if result == ANSWERED:
            self.done.answered += 1
        else:
            self.done.refused[result] = self.done.refused.get(result, 0) + 1
        mail = name or self._name(sha256(raw).hexdigest(), "")
        with self._house.book.write() as tx:
            reported_fakes.note_answer(tx, mail=mail, sender=self._name("", sender), at=self._house.now, result=result)
        return True

    def _name(self, *parts: str) -> str:
        """Whoever reads the book learns neither the mail nor the sender."""
        return hmac.digest(self._house.keys.secret, _DOMAIN + "\n".join(parts).encode(), "sha256").hex()


def send(house: House, sealed: Sealed) -> bool:
    """Through the door by which notices leave; whether it is gone, or can never go. Raises Unreachable."""
    if house.config.delivery.via == "maildir":
        MaildirDeliverer(house.maildir).deliver(sealed)
        return True
    session = Session(way_of(house))
    try:
        delivery = session.deliver(sealed, lambda: True)
    finally:
        session.quit()
    return delivery.result not in (DeliveryResult.LATER, DeliveryResult.CLOSED)


def _means(house: House) -> Means:
    section, folder = house.config.portal, house.config_file.parent
    others = load_known(folder / Path(section.known).expanduser()) if section.known else Known()
    own = pin(house.keys.proof.public, house.issuer.name)
    lists = lists_folder(section.lists, house.config_file, house.data)
    return Means(known=msgspec.structs.replace(others, keys=(own, *others.keys)), lists=str(lists), dns=section.dns)


def _notice_of(house: House, code_sha256: str) -> str | None:
    with house.book.read() as tx:
        told = codes.told_by_code(tx, code_sha256[:64], at=house.now)
    return told.notice if told else None
