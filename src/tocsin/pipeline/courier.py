"""Queued notices through a mail server or another carrier: one at a time, each step in the book before the next.

claim -> conversation -> dot noted -> dot -> answer noted. A kill before the dot was noted leaves the notice waiting;
after it nobody knows whether it left, and it is uncertain. See docs/delivery.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from tocsin.book import audit, deliveries
from tocsin.book import notices as book_notices
from tocsin.book.book import Transaction
from tocsin.book.deliveries import Claim
from tocsin.cases.outbox import bounce, refuse, remark
from tocsin.notices.config import read_password
from tocsin.notices.deliver import Delivery, DeliveryResult
from tocsin.notices.seal import Sealed
from tocsin.notices.smtp.dialogue import Way
from tocsin.pipeline.carriers import Carrier, Session
from tocsin.pipeline.clock import present, worker
from tocsin.pipeline.house import House
from tocsin.proof.canonical import read_facts
from tocsin.terms.errors import Unreachable
from tocsin.terms.processes import Fate, fate_of, this_process

RETRY_MINUTES = (1, 5, 15, 60, 120, 240)  # the last is repeated until the notice is too old to be sent
LOST_IN_A_ROW_MAX = 3  # connections that broke, before this round is given up
REFUSED_IN_A_ROW_MAX = 5  # a server that refuses everything is the wrong server, or we are the wrong sender
UNSURE_IN_A_ROW_MAX = 3  # answers that nobody understands: somebody should look before more people get something twice
DIED = "the process that was delivering it came to an end after the last dot may have been sent"
ELSEWHERE = "it had begun to leave by another way: see whether it lies in the maildir"

TooLate = Callable[[book_notices.Notice], str | None]


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """What one round did; `trouble` is why it ended before its time."""

    sent: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()  # (notice, reason)
    bounced: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


def way_of(house: House) -> Way:
    """Where notices go. BadConfig when the password cannot be read."""
    config, folder = house.config.delivery, house.config_file.parent
    password = read_password(folder / config.password_file, "delivery.password_file") if config.user else ""
    return Way(
        config=config,
        greeting=config.greeting or house.issuer.domain,
        ca_file=str(folder / config.ca_file) if config.ca_file else None,
        password=password,
    )


def settle_the_lost(house: House) -> None:
    """Note what became of notices whose process is no more. By the wall clock: a replay cannot outlive a process."""
    with house.book.read() as tx:
        if not deliveries.is_any_claimed(tx):
            return
    with house.book.write() as tx:
        lost = deliveries.take_from_the_dead(tx, wall_at=present(), is_gone=lambda by: fate_of(by) is Fate.GONE)
        for name in (each.notice for each in lost if each.had_dot):
            _note_uncertain(tx, name, DIED, house.now)


def _settle_what_began_elsewhere(house: House, channel: str) -> None:
    with house.book.read() as tx:
        if not deliveries.begun_elsewhere(tx, channel):
            return
    with house.book.write() as tx:
        for name in deliveries.begun_elsewhere(tx, channel):
            _note_uncertain(tx, name, ELSEWHERE, house.now)


def _note_uncertain(tx: Transaction, notice: str, reason: str, at: datetime) -> None:
    book_notices.note_uncertain(tx, notice, reason)
    remark(tx, notice, f"{notice} may have left or not: {reason}", at=at)


class Courier:
    """One worker's round. Any number of them may work on one book, in any processes, on any hosts."""

    def __init__(
        self,
        house: House,
        carrier: Carrier,
        too_late: TooLate,
        *,
        sleep: Callable[[float], None] = time.sleep,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._house, self._carrier, self._too_late = house, carrier, too_late
        self._sleep, self._ticks = sleep, ticks
        self._begun = ticks()
        self._next_at = 0.0
        self._by = this_process()
        self._session: Session | None = None
        self._lost = self._declined = self._unsure = 0
        self._sent: list[str] = []
        self._refused: list[tuple[str, str]] = []
        self._bounced: list[tuple[str, str]] = []

    def round(self, limit_s: float = float("inf")) -> Carried:
        """Deliver what is due, until nothing is, the time is over, or the server takes nothing."""
        settle_the_lost(self._house)
        _settle_what_began_elsewhere(self._house, self._carrier.channel)
        trouble = ""
        try:
            while not trouble and self._ticks() - self._begun < limit_s and (claim := self._claim()) is not None:
                trouble = self._carry(claim)
        finally:
            if self._session is not None:
                self._session.quit()
        return Carried(
            sent=tuple(self._sent), refused=tuple(self._refused), bounced=tuple(self._bounced), trouble=trouble
        )

    def _now(self) -> datetime:
        """The house's moment, and what has passed since: a round may take an hour."""
        return self._house.now + timedelta(seconds=self._ticks() - self._begun)

    def _lease(self) -> datetime:
        return present() + timedelta(seconds=self._carrier.lasts_s)

    def _claim(self) -> Claim | None:
        with self._house.book.claim() as tx:
            return deliveries.claim(
                tx,
                at=self._now(),
                wall_at=present(),
                until=self._lease(),
                by=self._by,
                server=self._carrier.name,
                channel=self._carrier.channel,
            )

    def _carry(self, claim: Claim) -> str:
        """Why the round ends, or ''."""
        late = self._too_late(claim.notice)
        if late is not None:
            return self._note(claim, Delivery(DeliveryResult.REFUSED, late))
        self._pace()
        try:
            delivery = self._converse(claim)
        except Unreachable as unreachable:
            self._note(claim, Delivery(DeliveryResult.CLOSED, unreachable.what))
            return str(unreachable)
        return self._note(claim, delivery)

    def _pace(self) -> None:
        wait_s = self._next_at - self._ticks()
        if wait_s > 0:
            self._sleep(wait_s)
        self._next_at = max(self._ticks(), self._next_at) + 60 / self._carrier.per_minute

    def _converse(self, claim: Claim) -> Delivery:
        """On a connection that has carried others the server may have had enough: once more on a new one."""
        sealed = self._sealed(claim)
        is_used = self._session is not None and self._session.is_open
        session = self._opened()
        before = session.carried
        delivery = session.deliver(sealed, lambda: self._note_dot(claim))
        nothing_said = delivery.result is DeliveryResult.LATER and session.carried == before and not session.is_open
        if is_used and nothing_said:
            return self._opened().deliver(sealed, lambda: self._note_dot(claim))
        return delivery

    def _opened(self) -> Session:
        if self._session is None or not self._session.is_open:
            self._session = self._carrier.enter()
        return self._session

    def _sealed(self, claim: Claim) -> Sealed:
        with self._house.book.read() as tx:
            return sealed_of(claim.notice, book_notices.raw_of(tx, claim.notice.notice))

    def _note_dot(self, claim: Claim) -> bool:
        with self._house.book.write() as tx:
            return deliveries.note_dot(tx, claim, at=self._now(), until=self._lease())

    # --- what became of it ---

    def _note(self, claim: Claim, delivery: Delivery) -> str:
        name, now = claim.notice.notice, self._now()
        with self._house.book.write() as tx:
            deliveries.end(
                tx,
                claim,
                at=now,
                outcome=delivery.result,
                reason=delivery.reason,
                code=delivery.code,
                enhanced=delivery.enhanced,
            )
            state = book_notices.states_of(tx, [name])[name]
            if state == "queued" or (state == "uncertain" and delivery.result is DeliveryResult.DELIVERED):
                self._settle(tx, claim, delivery, now)
        return self._verdict(delivery)

    def _settle(self, tx: Transaction, claim: Claim, delivery: Delivery, now: datetime) -> None:
        name = claim.notice.notice
        if delivery.result is DeliveryResult.DELIVERED:
            book_notices.note_sent(tx, name, now)
            audit.append(tx, at=now, actor=worker(), action="notice sent", object=name, reason="notify")
            self._sent.append(name)
        elif delivery.result is DeliveryResult.UNCERTAIN:
            _note_uncertain(tx, name, delivery.reason, now)
        elif delivery.result is DeliveryResult.REFUSED:
            book_notices.clear_dot(tx, name)
            refuse(tx, name, reason=delivery.reason, at=now)
            self._refused.append((name, delivery.reason))
        elif delivery.result is DeliveryResult.BOUNCED:
            book_notices.clear_dot(tx, name)
            bounce(tx, name, reason=delivery.reason, at=now)
            self._bounced.append((name, delivery.reason))
        else:
            pause = max(timedelta(minutes=retry_minutes(claim.tries)), timedelta(seconds=delivery.wait_s or 0))
            deliveries.put_back(tx, claim, due_at=now + pause)

    def _verdict(self, delivery: Delivery) -> str:
        """Whether the round goes on."""
        session_broke = delivery.result is DeliveryResult.LATER and not (self._session and self._session.is_open)
        declined = delivery.code is not None and delivery.result in (DeliveryResult.REFUSED, DeliveryResult.BOUNCED)
        self._lost = self._lost + 1 if session_broke else 0
        self._declined = self._declined + 1 if declined else 0
        self._unsure = self._unsure + 1 if delivery.result is DeliveryResult.UNCERTAIN else 0
        if delivery.result is DeliveryResult.CLOSED:
            return f"{self._carrier.name}: {self._carrier.who} takes nothing from us: {delivery.reason}"
        if self._lost >= LOST_IN_A_ROW_MAX:
            return f"{self._carrier.name}: {self._lost} connections in a row broke: {delivery.reason}"
        if self._unsure >= UNSURE_IN_A_ROW_MAX:
            return f"{self._carrier.name}: of {self._unsure} notices in a row nobody knows whether they left"
        if self._declined >= REFUSED_IN_A_ROW_MAX:
            return f"{self._carrier.name}: {self._declined} notices in a row were refused: {delivery.reason}"
        return ""


def retry_minutes(tries: int) -> int:
    """How long to wait after the first try (0), the second …"""
    return RETRY_MINUTES[min(tries, len(RETRY_MINUTES) - 1)]


def sealed_of(notice: book_notices.Notice, raw: bytes) -> Sealed:
    """The mail of a queued notice, with its envelope."""
    assert notice.message_id is not None
    assert notice.envelope_from is not None
    return Sealed(
        notice=notice.notice,
        message_id=notice.message_id,
        envelope_from=notice.envelope_from,
        envelope_to=read_facts(notice.facts.encode()).recipient,
        raw=raw,
    )
