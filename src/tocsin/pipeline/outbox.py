"""From a decision to a notice that has left: composed, proved, signed, checked by ourselves, queued, delivered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tocsin.book import audit, deliveries
from tocsin.book import notices as book_notices
from tocsin.book.notices import Notice
from tocsin.cases.outbox import refuse
from tocsin.mailcheck.check import check_as_stranger, check_mail
from tocsin.mailcheck.leave import may_leave
from tocsin.mailcheck.resolver import Resolver, zone_resolver
from tocsin.notices.compose import compose
from tocsin.notices.deliver import Delivery, DeliveryResult, MaildirDeliverer
from tocsin.notices.seal import Sealed, seal
from tocsin.pipeline.clock import worker
from tocsin.pipeline.courier import Carried, Courier, sealed_of, settle_the_lost, way_of
from tocsin.pipeline.house import House
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import make_code
from tocsin.proof.known import Known, pin
from tocsin.terms.errors import BadRequest, Refused
from tocsin.terms.moments import format_moment

AT_ONCE = 100  # notices between two commits: a commit waits for the disk


class Refusal(msgspec.Struct, frozen=True):
    """A notice that may not leave, and why."""

    notice: str
    reason: str


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What left, and what did not."""

    sent: tuple[str, ...]
    refused: tuple[Refusal, ...]  # by our own checker, or by the other side
    uncertain: tuple[str, ...]
    bounced: tuple[Refusal, ...] = ()  # there is no such mailbox
    waiting: int = 0  # queued, and not due or not reached yet
    trouble: str = ""  # why the way out is closed


NOTHING_SENT = Sent(sent=(), refused=(), uncertain=())


def send_notices(house: House) -> Sent:
    """Bring every decided notice out. Repeated after a kill, it goes on where it was, and sends nothing twice."""
    refused = tuple(queue_decided(house))
    sent = deliver_queued(house)
    return msgspec.structs.replace(sent, refused=refused + sent.refused)


def queue_decided(house: House) -> Iterator[Refusal]:
    """Compose and check what was decided; keep its bytes. Yields what may not leave."""
    decided = _due(house, "decided")
    judge = Judge(house) if decided else None
    for part in _parts(decided):
        assert judge is not None
        made = [_too_late(house, notice) or judge.make(notice) for notice in part]
        yield from _queue(house, made)


def _queue(house: House, made: Sequence[Sealed | Refusal]) -> list[Refusal]:
    """Keep the bytes, or note the refusal, of those that no other process has taken on meanwhile."""
    refused = []
    with house.book.write() as tx:
        states = book_notices.states_of(tx, [this.notice for this in made])
        for this in made:
            if states[this.notice] != "decided":
                continue
            if isinstance(this, Refusal):
                refuse(tx, this.notice, reason=this.reason, at=house.now)
                refused.append(this)
            else:
                book_notices.queue(
                    tx, this.notice, message_id=this.message_id, envelope_from=this.envelope_from, raw=this.raw
                )
    return refused


def _due(house: House, state: str) -> list[Notice]:
    """Those in that state, but what was decided later than now, by a clock that has jumped: it waits until then."""
    with house.book.read() as tx:
        return [notice for notice in book_notices.in_state(tx, state) if notice.decided_at <= house.now]


def _too_late(house: House, notice: Notice) -> Refusal | None:
    """A notice that waited too long tells of what nobody remembers, like a sighting too old to decide on."""
    newest = max(trouble.seen_at for trouble in read_facts(notice.facts.encode()).troubles)
    if house.now - newest <= house.config.notices.age_max:
        return None
    return Refusal(notice.notice, f"it waited too long: what it tells of was last seen at {format_moment(newest)}")


class Judge:
    """Composes a notice and lets our own checker judge it, as a household that knows us and as a stranger."""

    def __init__(self, house: House) -> None:
        self._keys, self._issuer, self._now = house.keys, house.issuer, house.now
        self._known = Known(keys=(pin(house.keys.proof.public, house.issuer.name),))
        self._verp = house.config.delivery.verp
        self._resolve: Resolver = zone_resolver(house.data / "keys" / "zone.txt")

    def make(self, notice: Notice) -> Sealed | Refusal:
        try:
            facts = read_facts(notice.facts.encode())
            code = make_code(self._keys.secret, notice.notice)
            sealed = seal(compose(facts, code, self._issuer), facts, self._issuer, self._keys)
            if not self._verp:  # a bounce then names the notice by its Message-ID alone
                sealed = msgspec.structs.replace(sealed, envelope_from=self._issuer.mail_from)
        except (Refused, BadRequest, ValueError) as error:
            return Refusal(notice.notice, f"cannot be composed: {error}")
        known = check_mail(sealed.raw, known=self._known, resolve=self._resolve, at=self._now)
        reason = may_leave(known, check_as_stranger(sealed.raw, resolve=self._resolve))
        return Refusal(notice.notice, reason) if reason else sealed


def deliver_queued(house: House, limit_s: float = float("inf")) -> Sent:
    """Deliver what is due, by the way that the configuration names; through a mail server for at most so long."""
    if house.config.delivery.via == "smtp":
        return _deliver_by_smtp(house, limit_s)
    settle_the_lost(house)
    return _deliver_into_maildir(house)


def _deliver_by_smtp(house: House, limit_s: float) -> Sent:
    def too_late(notice: Notice) -> str | None:
        refusal = _too_late(house, notice)
        return refusal.reason if refusal else None

    with house.book.read() as tx:
        is_empty = deliveries.waiting(tx)[0] == 0
    done = Carried() if is_empty else Courier(house, way_of(house), too_late).round(limit_s)
    with house.book.read() as tx:
        uncertain = tuple(notice.notice for notice in book_notices.in_state(tx, "uncertain"))
        waiting, _ = deliveries.waiting(tx)
    return Sent(
        sent=done.sent,
        refused=tuple(Refusal(*each) for each in done.refused),
        uncertain=uncertain,
        bounced=tuple(Refusal(*each) for each in done.bounced),
        waiting=waiting,
        trouble=done.trouble,
    )


def _deliver_into_maildir(house: House) -> Sent:
    """A maildir takes the same Message-ID once, so a repeated delivery adds nothing.

    What a conversation with a mail server was begun about, and not ended, is not taken.
    """
    queued = _due(house, "queued")
    with house.book.read() as tx:
        held = deliveries.held(tx, [notice.notice for notice in queued])
    queued = [notice for notice in queued if notice.notice not in held]
    deliverer = MaildirDeliverer(house.maildir) if queued else None
    sent: list[str] = []
    refused: list[Refusal] = []
    for part in _parts(queued):
        assert deliverer is not None
        mine, late = _claim(house, part)
        refused += late
        sent += _note(house, [(notice, deliverer.deliver(_sealed(house, notice))) for notice in mine])
    with house.book.read() as tx:
        uncertain = tuple(notice.notice for notice in book_notices.in_state(tx, "uncertain"))
    return Sent(sent=tuple(sent), refused=tuple(refused), uncertain=uncertain)


def _claim(house: House, part: Sequence[Notice]) -> tuple[list[Notice], list[Refusal]]:
    """Note, before it leaves, that it is leaving: from now on no late line stops it. Those too late are refused.

    What was leaving already when a process died is taken again, however late: it may have left.
    """
    mine, late = [], []
    with house.book.write() as tx:
        states = book_notices.states_of(tx, [notice.notice for notice in part])
        for notice in part:
            if states[notice.notice] != "queued":
                continue
            refusal = _too_late(house, notice) if notice.dot_at is None else None
            if refusal is not None:
                refuse(tx, refusal.notice, reason=refusal.reason, at=house.now)
                late.append(refusal)
            else:
                book_notices.note_dot(tx, notice.notice, notice.dot_at or house.now)
                mine.append(notice)
    return mine, late


def _parts(notices: Sequence[Notice]) -> Iterator[Sequence[Notice]]:
    for first in range(0, len(notices), AT_ONCE):
        yield notices[first : first + AT_ONCE]


def _sealed(house: House, notice: Notice) -> Sealed:
    with house.book.read() as tx:
        return sealed_of(notice, book_notices.raw_of(tx, notice.notice))


def _note(house: House, done: Sequence[tuple[Notice, Delivery]]) -> list[str]:
    """Note what became of them, unless another process that delivered the same has; those noted as sent."""
    sent = []
    with house.book.write() as tx:
        states = book_notices.states_of(tx, [notice.notice for notice, _ in done])
        for notice, delivery in done:
            if states[notice.notice] != "queued":
                continue
            if delivery.result is DeliveryResult.DELIVERED:
                book_notices.note_sent(tx, notice.notice, house.now)
                audit.append(
                    tx, at=house.now, actor=worker(), action="notice sent", object=notice.notice, reason="notify"
                )
                sent.append(notice.notice)
            elif delivery.result is DeliveryResult.UNCERTAIN:
                book_notices.note_uncertain(tx, notice.notice, delivery.reason)
            else:
                refuse(tx, notice.notice, reason=delivery.reason, at=house.now)
    return sent
