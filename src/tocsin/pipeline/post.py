"""What came back, fetched from the mailbox and filed with its notice or report: each mail once, whatever is killed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec

from tocsin.book import Transaction, arrivals, report_post
from tocsin.book import notices as book_notices
from tocsin.book.arrivals import Arrival, Bounce
from tocsin.cases.returned import file
from tocsin.notices.config import read_password
from tocsin.notices.inbound.sort import Kind, Sorted, sort_mail
from tocsin.notices.inbound.status import Fate
from tocsin.notices.mailbox.imap import ImapBox
from tocsin.notices.mailbox.letters import Letter, Mailbox, Place
from tocsin.notices.mailbox.maildir import MaildirBox
from tocsin.pipeline.house import House
from tocsin.pipeline.report_post import file_mail, report_of
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import code_digest
from tocsin.terms.errors import StorageFailed, Unreachable

_SAID_MAX = 300


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What one round filed. `others` are mails about no notice or report of ours: they stay where they are."""

    bounced: tuple[str, ...] = ()  # notices and reports that came back for good
    dead_contacts: tuple[str, ...] = ()  # that this round's bounces showed to take no reports any more
    bounces: int = 0
    replies: int = 0
    automatic: int = 0
    feedback: int = 0
    others: int = 0
    trouble: str = ""


NOTHING_CAME = Post()


def fetch_post(house: House) -> Post:
    """Read the mailbox, if one is configured, and file what it holds. One that fails is told, not raised."""
    mailbox = _mailbox(house)
    if mailbox is None:
        return NOTHING_CAME
    _forget_old(house)
    clerk = _Clerk(house)
    trouble = ""
    try:
        for letters in mailbox.batches():
            for letter, is_ours in clerk.file(letters):
                mailbox.filed(letter, is_ours=is_ours)
    except (Unreachable, StorageFailed) as failed:
        trouble = str(failed)
    return msgspec.structs.replace(clerk.post, trouble=trouble)


def _mailbox(house: House) -> Mailbox | None:
    config, folder = house.config.mailbox, house.config_file.parent
    if config.via == "maildir":
        return MaildirBox(folder / config.maildir)
    if config.via == "imap":
        password = read_password(folder / config.password_file, "mailbox.password_file")

        def place_of(mailbox: str) -> Place | None:
            with house.book.read() as tx:
                known = arrivals.place_of(tx, mailbox)
            return Place(*known) if known else None

        return ImapBox(config, password, place_of, str(folder / config.ca_file) if config.ca_file else None)
    return None


def _forget_old(house: House) -> None:
    before = house.now - timedelta(days=house.config.mailbox.keep_days)
    with house.book.write() as tx:
        arrivals.forget_raw(tx, before)
        report_post.forget_raw(tx, before)


class _Clerk:
    """Files a batch of letters in one transaction, with the place up to which the mailbox has been read."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._domain, self._secret = house.issuer.domain, house.keys.secret
        self._counts = dict.fromkeys(Kind, 0)
        self._others = 0
        self._bounced: list[str] = []
        self._dead: list[str] = []

    @property
    def post(self) -> Post:
        return Post(
            bounced=tuple(self._bounced),
            dead_contacts=tuple(dict.fromkeys(self._dead)),
            bounces=self._counts[Kind.BOUNCE],
            replies=self._counts[Kind.REPLY],
            automatic=self._counts[Kind.AUTOMATIC],
            feedback=self._counts[Kind.FEEDBACK],
            others=self._others,
        )

    def file(self, letters: Sequence[Letter]) -> list[tuple[Letter, bool]]:
        """Each with whether it is ours."""
        looked_at = [(letter, sort_mail(letter.raw, domain=self._domain, secret=self._secret)) for letter in letters]
        with self._house.book.write() as tx:
            found = [(letter, self._file(tx, letter, mail)) for letter, mail in looked_at]
            for letter in letters:
                if letter.place is not None:
                    arrivals.note_place(tx, letter.mailbox, letter.place.uid_validity, letter.place.uid)
        return found

    def _file(self, tx: Transaction, letter: Letter, mail: Sorted) -> bool:
        name = sha256(letter.raw).hexdigest()
        if arrivals.is_known(tx, name) or report_post.is_known(tx, name):
            return True
        found = self._notice(tx, mail)
        if found is None:
            return self._file_with_report(tx, letter, mail)
        notice, found_by = found
        fates = _fates(tx, notice, mail.fates)
        arrival = Arrival(
            arrival=name,
            notice=notice,
            kind=mail.kind,
            found_by=found_by,
            received_at=self._house.now,
            sender=mail.sender,
            subject=mail.subject,
            said=said_of(notice, mail, fates),
        )
        text = mail.text if mail.kind is Kind.REPLY else None
        file(tx, arrival, letter.raw, fates=fates, text=text, at=self._house.now)
        self._counts[mail.kind] += 1
        if any(fate.is_hard for fate in fates):
            self._bounced.append(notice)
        return True

    def _file_with_report(self, tx: Transaction, letter: Letter, mail: Sorted) -> bool:
        found = report_of(tx, mail, self._domain)
        if found is None:
            self._others += 1
            return False
        arrival = file_mail(tx, letter.raw, mail, found, self._house.now)
        self._counts[mail.kind] += 1
        if arrival.is_hard:
            self._bounced.append(arrival.report)
            contact = report_post.contact_of(tx, arrival.report)
            self._dead += [each.contact for each in report_post.dead_contacts(tx, [contact] if contact else [])]
        return True

    def _notice(self, tx: Transaction, mail: Sorted) -> tuple[str, str] | None:
        """The notice that it is about, by the surest hint that the book confirms."""
        hints = mail.hints
        for notice in hints.notices:
            if book_notices.states_of(tx, [notice]):
                return notice, "verp"
        for found_by, names in (("envelope-id", hints.envelope_ids), ("message-id", hints.message_ids)):
            for name in names:
                known = arrivals.notice_of_message_id(tx, f"<{name}@{self._domain}>")
                if known is not None:
                    return known, found_by
        for code in hints.codes:
            try:
                about = book_notices.find_by_code(tx, code_digest(code))
            except ValueError:  # looks like a code, and is none
                continue
            if about is not None:
                return about.notice, "code"
        return None


def _fates(tx: Transaction, notice: str, fates: Sequence[Fate]) -> list[Bounce]:
    """Hard only of the address that we wrote to: one that it was passed on to is another's trouble."""
    if not fates:
        return []
    found = book_notices.find(tx, notice)
    assert found is not None
    address = read_facts(found.facts.encode()).recipient
    return [
        Bounce(
            recipient=fate.recipient,
            action=fate.action,
            is_hard=fate.is_hard and fate.is_of(address),
            status=fate.status,
            diagnostic=fate.diagnostic,
        )
        for fate in fates
    ]


def said_of(notice: str, mail: Sorted, fates: Sequence[Bounce]) -> str:
    """For the case's time line."""
    return _said(notice, mail, fates)[:_SAID_MAX]


def _said(notice: str, mail: Sorted, fates: Sequence[Bounce]) -> str:
    if mail.kind is Kind.REPLY:
        return f"a reply to {notice} from {mail.sender}: {mail.subject}"
    if mail.kind is Kind.FEEDBACK:
        return f"{notice} was reported as unwanted ({mail.complaint})"
    if mail.kind is Kind.AUTOMATIC:
        return f"a machine answered {notice}: {mail.subject}"
    if fates and fates[0].action == "unrecognised":
        return f"{notice} may have come back, in a form that says nothing for sure: {mail.subject}"
    told = "; ".join(f"{fate.action} {fate.status or ''} {fate.diagnostic or ''}".strip() for fate in fates[:3])
    return f"a mail server says of {notice}: {told or 'nothing'}"
