"""Reports to networks, kept before they leave: one a rest and contact, never the same thing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from tocsin.book import audit, report_post
from tocsin.book import reports as book_reports
from tocsin.book.book import Transaction
from tocsin.book.reports import Named, Outgoing
from tocsin.notices.reports.compose import Report, compose_report
from tocsin.notices.reports.group import Group, Offence, Reporter
from tocsin.notices.reports.mail import report_body
from tocsin.notices.reports.pgp import Pgp, opened_pgp
from tocsin.notices.reports.sealing import seal_report
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House
from tocsin.terms.addresses import format_address
from tocsin.terms.errors import Refused


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the groups: reports that were kept, and contacts that rest (with what they will be told later)."""

    kept: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    told: int = 0  # offences that an earlier report has told already
    dead: tuple[str, ...] = ()  # contacts that return every report: nothing is kept for them
    held: tuple[tuple[str, str], ...] = ()  # contacts whose report could not be made as it must be, and why


def file_reports(
    house: House,
    groups: Iterable[Group],
    *,
    rest_hours: int | None = None,
    rests: Mapping[str, timedelta] | None = None,
) -> Filed:
    """Compose, sign and keep one report a group. The same again changes nothing. `rests` are of single contacts."""
    usual = timedelta(hours=house.config.watch.rest_hours if rest_hours is None else rest_hours)
    with opened_pgp(house.config.reports.signer(house.config_file.parent)) as pgp:
        filing = _Filing(house, usual, rests or {}, pgp)
        for group in groups:
            filing.take(group)
        return filing.filed()


class _Filing:
    """One run. A group is looked at, made into a mail outside of any transaction, and kept."""

    def __init__(self, house: House, usual: timedelta, rests: Mapping[str, timedelta], pgp: Pgp) -> None:
        self._house, self._usual, self._rests, self._pgp = house, usual, rests, pgp
        self._keys_by_mail = house.config.reports.keys_by_mail(house.config_file.parent)
        self._reporter = Reporter(name=house.issuer.name, mail=house.issuer.mail_from)
        self._kept: list[str] = []
        self._resting: list[str] = []
        self._dead: list[str] = []
        self._held: dict[str, str] = {}
        self._told = 0

    def take(self, group: Group) -> None:
        contact = group.contact.mail
        with self._house.book.read() as tx:
            news = _news(tx, group)
            last = book_reports.last_to(tx, contact)
            is_dead = bool(news and report_post.dead_contacts(tx, [contact]))
        self._told += len(group.offences) - len(news)
        if not news:
            return
        if is_dead:
            self._dead.append(contact)
        elif self._rests_still(contact, last):
            self._resting.append(contact)
        else:
            self._keep(msgspec.structs.replace(group, offences=news), last)

    def filed(self) -> Filed:
        resting, dead = (tuple(dict.fromkeys(names)) for names in (self._resting, self._dead))
        return Filed(
            kept=tuple(self._kept), resting=resting, told=self._told, dead=dead, held=tuple(self._held.items())
        )

    def _rests_still(self, contact: str, last: datetime | None) -> bool:
        """A report of this very run disturbs no rest: what is too much for one goes as several."""
        rest, now = self._rests.get(contact.lower(), self._usual), self._house.now
        return last is not None and now - last < rest and last != now

    def _keep(self, group: Group, last: datetime | None) -> None:
        house = self._house
        try:
            report = compose_report(group, self._reporter, secret=house.keys.secret, at=house.now)
            outgoing = self._outgoing(report)
        except Refused as refused:  # never in the clear instead: it is held, and tried again by the next run
            self._hold(group.contact.mail, str(refused))
            return
        with house.book.write() as tx:
            if book_reports.last_to(tx, report.to) != last:  # another run was faster
                self._resting.append(report.to)
            elif book_reports.keep(tx, outgoing, _named(group.offences), report.references):
                self._kept.append(report.number)

    def _outgoing(self, report: Report) -> Outgoing:
        """The mail as it leaves: protected as its contact wants. Raises Refused where that cannot be done."""
        house, key = self._house, self._keys_by_mail.get(report.to.lower())
        body = self._pgp.protect(report_body(report), f"=_pgp-{report.number.lower()}", key)
        if key is not None:  # RFC 3156 §4 hides no header: the subject says no more than the number
            report = msgspec.structs.replace(report, subject=f"[{report.number}] Abuse report")
        sealed = seal_report(report, house.issuer, house.keys, body)
        return Outgoing(
            report=report.number,
            contact=report.to,
            composed_at=house.now,
            message_id=sealed.message_id,
            envelope_from=sealed.envelope_from,
            raw=sealed.raw,
        )

    def _hold(self, contact: str, why: str) -> None:
        if contact not in self._held:
            with self._house.book.write() as tx:
                audit.append(
                    tx, at=self._house.now, actor=worker(), action="report held", object=contact, reason=why[:250]
                )
        self._held[contact] = why


def _news(tx: Transaction, group: Group) -> tuple[Offence, ...]:
    """What no report to that contact has told."""
    name_by_address = {each.address: format_address(each.address) for each in group.offences}
    told = book_reports.told_of(tx, group.contact.mail, name_by_address.values())

    def is_news(each: Offence) -> bool:
        until = told.get((name_by_address[each.address], each.kind))
        return until is None or each.last_at > until

    return tuple(filter(is_news, group.offences))


def _named(offences: Sequence[Offence]) -> list[Named]:
    """One row an address and kind, though several services may have seen it."""
    last_by_name: dict[tuple[str, str], Offence] = {}
    for each in offences:
        key = (format_address(each.address), each.kind)
        if key not in last_by_name or each.last_at > last_by_name[key].last_at:
            last_by_name[key] = each
    return [Named(address, kind, each.last_at) for (address, kind), each in last_by_name.items()]
