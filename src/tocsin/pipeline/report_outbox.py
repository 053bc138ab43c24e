"""Reports to networks on their way out: kept before they leave, one a rest and contact, never the same thing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from tocsin.book import audit, report_post
from tocsin.book import reports as book_reports
from tocsin.book.book import Transaction
from tocsin.book.reports import Named, Outgoing
from tocsin.notices.deliver import Delivery, DeliveryResult, MaildirDeliverer
from tocsin.notices.reports.compose import compose_report
from tocsin.notices.reports.group import Group, Offence, Reporter
from tocsin.notices.reports.sealing import seal_report
from tocsin.notices.seal import Sealed
from tocsin.notices.smtp.session import Session
from tocsin.pipeline.clock import worker
from tocsin.pipeline.courier import way_of
from tocsin.pipeline.house import House
from tocsin.terms.addresses import format_address
from tocsin.terms.errors import Unreachable

_ENDED = {
    DeliveryResult.DELIVERED: "sent",
    DeliveryResult.REFUSED: "refused",
    DeliveryResult.BOUNCED: "refused",
    DeliveryResult.UNCERTAIN: "uncertain",
}


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the groups: reports that were kept, and contacts that rest (with what they will be told later)."""

    kept: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    told: int = 0  # offences that an earlier report has told already
    dead: tuple[str, ...] = ()  # contacts that return every report: nothing is kept for them


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    sent: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    uncertain: tuple[str, ...] = ()
    waiting: int = 0
    trouble: str = ""


def file_reports(
    house: House,
    groups: Sequence[Group],
    *,
    rest_hours: int | None = None,
    rests: Mapping[str, timedelta] | None = None,
) -> Filed:
    """Compose, sign and keep one report a group. The same again changes nothing. `rests` are of single contacts."""
    issuer, keys = house.issuer, house.keys
    reporter = Reporter(name=issuer.name, mail=issuer.mail_from)
    usual = timedelta(hours=house.config.watch.rest_hours if rest_hours is None else rest_hours)
    kept: list[str] = []
    resting: list[str] = []
    dead: list[str] = []
    told = 0
    for group in groups:
        rest = (rests or {}).get(group.contact.mail.lower(), usual)
        with house.book.write() as tx:
            news = tuple(each for each in group.offences if _is_news(tx, group.contact.mail, each))
            told += len(group.offences) - len(news)
            last = book_reports.last_to(tx, group.contact.mail)
            if not news:
                continue
            if report_post.dead_contacts(tx, [group.contact.mail]):
                dead.append(group.contact.mail)
                continue
            if last is not None and house.now - last < rest and last != house.now:
                resting.append(group.contact.mail)
                continue
            report = compose_report(
                msgspec.structs.replace(group, offences=news), reporter, secret=keys.secret, at=house.now
            )
            sealed = seal_report(report, issuer, keys)
            outgoing = Outgoing(
                report=report.number,
                contact=report.to,
                composed_at=house.now,
                message_id=sealed.message_id,
                envelope_from=sealed.envelope_from,
                raw=sealed.raw,
            )
            if book_reports.keep(tx, outgoing, _named(news), report.references):
                kept.append(report.number)
    return Filed(kept=tuple(kept), resting=tuple(resting), told=told, dead=tuple(dict.fromkeys(dead)))


def _is_news(tx: Transaction, contact: str, offence: Offence) -> bool:
    until = book_reports.told_until(tx, contact, format_address(offence.address), offence.kind)
    return until is None or offence.last_at > until


def _named(offences: Sequence[Offence]) -> list[Named]:
    """One row an address and kind, though several services may have seen it."""
    last_by_name: dict[tuple[str, str], Offence] = {}
    for each in offences:
        key = (format_address(each.address), each.kind)
        if key not in last_by_name or each.last_at > last_by_name[key].last_at:
            last_by_name[key] = each
    return [Named(address, kind, each.last_at) for (address, kind), each in last_by_name.items()]


def send_reports(house: House) -> Carried:
    """Bring the waiting ones out. What a dead run had begun to send is uncertain: a person decides."""
    with house.book.write() as tx:
        lost = book_reports.lose_begun(tx, house.now)
        queue = book_reports.waiting(tx)
    sent: list[str] = []
    refused: list[tuple[str, str]] = []
    uncertain = [*lost]
    trouble = ""
    session = Session(way_of(house)) if queue and house.config.delivery.via == "smtp" else None
    try:
        for outgoing in queue:
            delivery = _deliver(house, session, outgoing)
            ended = _note(house, outgoing, delivery)
            if ended == "sent":
                sent.append(outgoing.report)
            elif ended == "refused":
                refused.append((outgoing.report, delivery.reason))
            elif ended == "uncertain":
                uncertain.append(outgoing.report)
            else:
                trouble = delivery.reason
                break
    finally:
        if session is not None:
            session.quit()
    waiting = len(queue) - len(sent) - len(refused) - (len(uncertain) - len(lost))
    return Carried(
        sent=tuple(sent), refused=tuple(refused), uncertain=tuple(uncertain), waiting=waiting, trouble=trouble
    )


def _deliver(house: House, session: Session | None, outgoing: Outgoing) -> Delivery:
    sealed = Sealed(
        notice=outgoing.report,
        message_id=outgoing.message_id,
        envelope_from=outgoing.envelope_from,
        envelope_to=outgoing.contact,
        raw=outgoing.raw,
    )
    if session is None:
        return MaildirDeliverer(house.maildir).deliver(sealed)

    def before_dot() -> bool:
        with house.book.write() as tx:
            book_reports.note_dot(tx, outgoing.report, house.now)
        return True

    try:
        return session.deliver(sealed, before_dot)
    except Unreachable as unreachable:
        return Delivery(DeliveryResult.CLOSED, str(unreachable))


def _note(house: House, outgoing: Outgoing, delivery: Delivery) -> str | None:
    """The state that it has come to; None where it waits."""
    state = _ENDED.get(delivery.result)
    with house.book.write() as tx:
        if state is None:
            book_reports.put_back(tx, outgoing.report, delivery.reason)
        else:
            book_reports.end(tx, outgoing.report, state, delivery.reason, house.now)
            audit.append(
                tx, at=house.now, actor=worker(), action=f"report {state}", object=outgoing.report, reason="watch"
            )
    return state
