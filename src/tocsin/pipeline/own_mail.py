"""The other proof that a notice is one's own: a number, mailed to the address in the contract.

The page does the same for every customer number that is typed. Only here, where nobody can watch, it is looked whether
it belongs to the notice; if not, nothing is mailed.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta

import msgspec

from tocsin.book import Book, Transaction, audit, codes, jobs, visits
from tocsin.book.codes import Address
from tocsin.book.visits import Visit
from tocsin.cases.freeze import masked
from tocsin.notices.deliver import DeliveryResult, MaildirDeliverer
from tocsin.notices.number_mail import number_mail
from tocsin.notices.smtp.session import Session
from tocsin.pipeline.courier import way_of
from tocsin.pipeline.house import House
from tocsin.proof.canonical import read_facts
from tocsin.terms.errors import Busy, Refused, Unreachable

KIND = "own-mail"  # of the job
ASKED_MAX = 5  # numbers a day with one code: nobody's mailbox is to be filled
NUMBER_DIGITS = 8
ACCOUNT_MAX = 40
MINUTES = 30  # for which a number is good
_DOMAIN, _ACCOUNT = b"tocsin-portal-number-v1\n", b"tocsin-portal-account-v1\n"


class _Question(msgspec.Struct, frozen=True):
    visit: str
    account: str  # the digest of what was typed


def ask(book: Book, secret: bytes, visit: Visit, account: str, *, at: datetime) -> bool:
    """Begin this visit, and have a number mailed if the customer number fits; False when there were too many today."""
    assert visit.notice is not None
    with book.write() as tx:
        if visits.mails_asked(tx, visit.notice, since=at - timedelta(days=1)) >= ASKED_MAX:
            return False
        visits.start(tx, visit)
        payload = msgspec.json.encode(_Question(visit.visit, account_digest(secret, account))).decode()
        jobs.add(tx, KIND, payload, key=visit.visit, made_at=at, due_at=at)
    return True


def do(house: House, payload: bytes) -> bytes:
    """The job. Done twice it mails the same Message-ID with a new number, of which the last is good."""
    question = msgspec.json.decode(payload, type=_Question)
    with house.book.read() as tx:
        visit = visits.find(tx, question.visit, at=house.now)
        found = _address(tx, house.keys.secret, visit, question.account) if visit else None
    if visit is None or found is None or visit.mail_digest is not None:
        return b"{}"
    subscriber, address = found
    number = f"{secrets.randbelow(10**NUMBER_DIGITS):0{NUMBER_DIGITS}}"
    with house.book.write() as tx:
        digest = number_digest(house.keys.secret, visit.visit, number)
        visits.note_mailed(tx, visit.visit, digest=digest, subscriber=subscriber)
        audit.append(
            tx,
            at=house.now,
            actor="portal",
            action="number mailed",
            object=visit.notice or "",
            reason="somebody who has the notice's code and the customer number asked to read it",
        )
    if not _send(house, visit, address, number):
        with house.book.write() as tx:
            visits.forget_mailed(tx, visit.visit)
        raise Busy("the mail server takes no mail at the moment")  # the job is put off and done again
    return b'{"mailed": true}'


def _address(tx: Transaction, secret: bytes, visit: Visit, account: str) -> tuple[int, Address] | None:
    """Where the notice's contract gets its mail, if the customer number that was typed is its own."""
    at = visit.started_at
    told = codes.told(tx, visit.notice, at=at) if visit.notice else None
    if told is None:
        return None
    line = read_facts(told.facts.encode()).line
    for each in codes.addresses_of(tx, told.subscriber, at=at):
        if masked(each.line) == line and hmac.compare_digest(account_digest(secret, each.ref), account):
            return told.subscriber, each
    return None


def account_digest(secret: bytes, typed: str) -> str:
    """Of a customer number, however it was spaced and in whatever case: what was typed by whomever is not kept."""
    bare = "".join(character for character in typed[:ACCOUNT_MAX].casefold() if character.isalnum())
    return hmac.digest(secret, _ACCOUNT + bare.encode(), "sha256").hex()


def number_digest(secret: bytes, visit: str, typed: str) -> str:
    """All that is kept of a number; of this visit alone, and of no use to who reads the book."""
    digits = "".join(str(unicodedata.decimal(character)) for character in typed if character.isdecimal())
    return hmac.digest(secret, _DOMAIN + f"{visit} {digits}".encode(), "sha256").hex()


def _send(house: House, visit: Visit, address: Address, number: str) -> bool:
    """False when trying again may help."""
    try:
        mail = number_mail(
            number,
            visit=visit.visit,
            to=address.email,
            language=address.language,
            minutes=MINUTES,
            issuer=house.issuer,
            keys=house.keys,
            at=house.now,
        )
    except Refused:  # a contract with an address that no mail can reach: nobody is told, as with a wrong number
        return True
    if house.config.delivery.via == "maildir":
        MaildirDeliverer(house.maildir).deliver(mail)
        return True
    try:
        session = Session(way_of(house))
        delivery = session.deliver(mail, lambda: True)
        session.quit()
    except Unreachable:
        return False
    return delivery.result not in (DeliveryResult.LATER, DeliveryResult.CLOSED)
