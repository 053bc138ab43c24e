"""From a decision to a notice that has left: composed, proved, signed, checked by ourselves, queued, delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from tocsin.book import audit, deliveries
from tocsin.book import notices as book_notices
from tocsin.book.notices import Notice
from tocsin.cases.outbox import refuse
from tocsin.notices.channels import Channel
from tocsin.notices.deliver import Deliverer, Delivery, DeliveryResult, MaildirDeliverer
from tocsin.notices.letters.catalogue import letters_version
from tocsin.notices.paper.folder import LetterFolder
from tocsin.notices.seal import Sealed
from tocsin.pipeline.carriers import Carrier, mail_carrier, other_carriers
from tocsin.pipeline.clock import worker
from tocsin.pipeline.courier import Carried, Courier, sealed_of, settle_the_lost, way_of
from tocsin.pipeline.house import House
from tocsin.pipeline.judging import Judge, Refusal
from tocsin.proof.canonical import read_facts
from tocsin.terms.moments import format_moment

AT_ONCE = 100  # notices between two commits: a commit waits for the disk


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
        yield from _queue(house, made, {notice.notice: _version(notice) for notice in part})


def _version(notice: Notice) -> str:
    return letters_version(read_facts(notice.facts.encode()).language)


def _queue(house: House, made: Sequence[Sealed | Refusal], versions: Mapping[str, str]) -> list[Refusal]:
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
                    tx,
                    this.notice,
                    message_id=this.message_id,
                    envelope_from=this.envelope_from,
                    raw=this.raw,
                    version=versions[this.notice],
                )
    return refused


def _due(house: House, state: str, channel: str | None = None) -> list[Notice]:
    """Those in that state, but what was decided later than now, by a clock that has jumped: it waits until then."""
    with house.book.read() as tx:
        found = book_notices.in_state(tx, state, channel=channel)
    return [notice for notice in found if notice.decided_at <= house.now]


def _too_late(house: House, notice: Notice) -> Refusal | None:
    """A notice that waited too long tells of what nobody remembers, like a sighting too old to decide on.

    A reminder tells again of what is old already: it may wait as long from when it was decided.
    """
    newest = max(trouble.seen_at for trouble in read_facts(notice.facts.encode()).troubles)
    age_max = house.config.notices.age_max
    if house.now - newest <= age_max:
        return None
    with house.book.read() as tx:
        reminds = book_notices.tells_again(tx, notice, newest)
    if reminds and house.now - notice.decided_at <= age_max:
        return None
    return Refusal(notice.notice, f"it waited too long: what it tells of was last seen at {format_moment(newest)}")


def deliver_queued(house: House, limit_s: float = float("inf")) -> Sent:
    """Deliver what is due, each by its channel's way as configured; by each for at most so long."""
    settle_the_lost(house)
    done = _deliver_mail(house, limit_s)
    for carrier in other_carriers(house):
        done = _both(done, _deliver_by(house, carrier, limit_s))
    if house.config.letter.via == "folder":
        done = _both(done, _deliver_into_folder(house, "letter", lambda: LetterFolder(house.letters)))
    with house.book.read() as tx:
        uncertain = tuple(notice.notice for notice in book_notices.in_state(tx, "uncertain"))
    return msgspec.structs.replace(done, uncertain=uncertain)


def _deliver_mail(house: House, limit_s: float) -> Sent:
    if house.config.delivery.via == "smtp":
        return _deliver_by(house, mail_carrier(way_of(house)), limit_s)
    return _deliver_into_folder(house, "mail", lambda: MaildirDeliverer(house.maildir))


def _both(one: Sent, other: Sent) -> Sent:
    return Sent(
        sent=one.sent + other.sent,
        refused=one.refused + other.refused,
        uncertain=(),
        bounced=one.bounced + other.bounced,
        waiting=one.waiting + other.waiting,
        trouble="; ".join(filter(None, (one.trouble, other.trouble))),
    )


def _deliver_by(house: House, carrier: Carrier, limit_s: float) -> Sent:
    def too_late(notice: Notice) -> str | None:
        refusal = _too_late(house, notice)
        return refusal.reason if refusal else None

    with house.book.read() as tx:
        is_empty = deliveries.waiting(tx, carrier.channel)[0] == 0
    done = Carried() if is_empty else Courier(house, carrier, too_late).round(limit_s)
    with house.book.read() as tx:
        waiting, _ = deliveries.waiting(tx, carrier.channel)
    return Sent(
        sent=done.sent,
        refused=tuple(Refusal(*each) for each in done.refused),
        uncertain=(),
        bounced=tuple(Refusal(*each) for each in done.bounced),
        waiting=waiting,
        trouble=done.trouble,
    )


def _deliver_into_folder(house: House, channel: Channel, open_folder: Callable[[], Deliverer]) -> Sent:
    """A folder takes the same Message-ID once, so a repeated delivery adds nothing.

    What a conversation with a mail server was begun about, and not ended, is not taken.
    """
    queued = _due(house, "queued", channel)
    with house.book.read() as tx:
        held = deliveries.held(tx, [notice.notice for notice in queued])
    queued = [notice for notice in queued if notice.notice not in held]
    deliverer = open_folder() if queued else None
    sent: list[str] = []
    refused: list[Refusal] = []
    for part in _parts(queued):
        assert deliverer is not None
        mine, late = _claim(house, part)
        refused += late
        sent += _note(house, [(notice, deliverer.deliver(_sealed(house, notice))) for notice in mine])
    return Sent(sent=tuple(sent), refused=tuple(refused), uncertain=())


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
