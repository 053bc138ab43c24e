"""Reports on their way out: a page of them in memory at a time, each sent at most once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import msgspec

from tocsin.book import audit
from tocsin.book import reports as book_reports
from tocsin.book.reports import Outgoing
from tocsin.notices.deliver import Delivery, DeliveryResult, MaildirDeliverer
from tocsin.notices.seal import Sealed
from tocsin.notices.smtp.session import Session
from tocsin.pipeline.clock import worker
from tocsin.pipeline.courier import way_of
from tocsin.pipeline.house import House
from tocsin.terms.errors import Unreachable

PAGE_MAX = 50  # reports with their bytes in memory
WAIT_MAX = timedelta(days=5)  # RFC 5321 §4.5.4.1: for so long a mail is tried, then given up
_ENDED = {
    DeliveryResult.DELIVERED: "sent",
    DeliveryResult.REFUSED: "refused",
    DeliveryResult.BOUNCED: "refused",
    DeliveryResult.UNCERTAIN: "uncertain",
}
_Deliver = Callable[[Outgoing], Delivery]


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    sent: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    uncertain: tuple[str, ...] = ()
    waiting: int = 0
    trouble: str = ""


def send_reports(house: House) -> Carried:
    """Bring the waiting ones out. What a dead run had begun to send is uncertain: a person decides."""
    with house.book.write() as tx:
        lost = book_reports.lose_begun(tx, house.now)
        is_any = bool(book_reports.waiting(tx, limit=1))
    round_ = _Round(house, lost)
    if is_any:
        with _way(house) as deliver:
            round_.go(deliver)
    with house.book.read() as tx:
        return round_.carried(book_reports.count_waiting(tx))


class _Round:
    """Through the queue once. One that is to be tried later holds up no other; a server that is closed ends it."""

    def __init__(self, house: House, lost: list[str]) -> None:
        self._house = house
        self._sent: list[str] = []
        self._refused: list[tuple[str, str]] = []
        self._uncertain = [*lost]
        self._trouble = ""

    def go(self, deliver: _Deliver) -> None:
        last: Outgoing | None = None
        while page := self._page(last):
            for outgoing in page:
                if not self._carry(outgoing, deliver(outgoing)):
                    return
            last = page[-1]

    def carried(self, waiting: int) -> Carried:
        return Carried(
            sent=tuple(self._sent),
            refused=tuple(self._refused),
            uncertain=tuple(self._uncertain),
            waiting=waiting,
            trouble=self._trouble,
        )

    def _page(self, last: Outgoing | None) -> list[Outgoing]:
        with self._house.book.read() as tx:
            return book_reports.waiting(tx, after=(last.composed_at, last.report) if last else None, limit=PAGE_MAX)

    def _carry(self, outgoing: Outgoing, delivery: Delivery) -> bool:
        """Note what became of it; False where the others need not be tried."""
        state, said = _ENDED.get(delivery.result), delivery.reason
        if state is None and self._house.now - outgoing.composed_at >= WAIT_MAX:
            state, said = "refused", f"given up after {WAIT_MAX.days} days: {said}"
        _note(self._house, outgoing.report, state, said)
        if state == "sent":
            self._sent.append(outgoing.report)
        elif state == "refused":
            self._refused.append((outgoing.report, said))
        elif state == "uncertain":
            self._uncertain.append(outgoing.report)
        else:
            self._trouble = said
        return delivery.result is not DeliveryResult.CLOSED


@contextmanager
def _way(house: House) -> Iterator[_Deliver]:
    """What delivers one report after another; raises Unreachable where no way is open."""
    if house.config.delivery.via != "smtp":
        maildir = MaildirDeliverer(house.maildir)
        yield lambda outgoing: maildir.deliver(_sealed(outgoing))
        return
    session = Session(way_of(house))
    try:
        yield lambda outgoing: _send(house, session, outgoing)
    finally:
        session.quit()


def _send(house: House, session: Session, outgoing: Outgoing) -> Delivery:
    def before_dot() -> bool:
        with house.book.write() as tx:
            book_reports.note_dot(tx, outgoing.report, house.now)
        return True

    if not session.is_open:
        return Delivery(DeliveryResult.CLOSED, "the server has closed the connection")
    try:
        return session.deliver(_sealed(outgoing), before_dot)
    except Unreachable as unreachable:
        return Delivery(DeliveryResult.CLOSED, str(unreachable))


def _sealed(outgoing: Outgoing) -> Sealed:
    return Sealed(
        notice=outgoing.report,
        message_id=outgoing.message_id,
        envelope_from=outgoing.envelope_from,
        envelope_to=outgoing.contact,
        raw=outgoing.raw,
    )


def _note(house: House, report: str, state: str | None, said: str) -> None:
    """The state that it has come to; None where it waits."""
    with house.book.write() as tx:
        if state is None:
            book_reports.put_back(tx, report, said)
        else:
            book_reports.end(tx, report, state, said, house.now)
            audit.append(tx, at=house.now, actor=worker(), action=f"report {state}", object=report, reason="report")
