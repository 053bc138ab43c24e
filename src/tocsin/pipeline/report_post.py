"""What came back about reports to networks: each mail filed with its report, by the same rules as with notices."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from tocsin.book import Transaction, audit, report_post
from tocsin.book import reports as book_reports
from tocsin.book.report_post import Dead, Listed, ReportArrival
from tocsin.notices.inbound.sort import Kind, Sorted
from tocsin.notices.inbound.status import Fate
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House
from tocsin.terms.errors import BadRequest

ACTOR = "tocsin"
ANSWERS = ("sent", "again", "never")
_SAID_MAX = 300
_GUESSED = "number"  # whoever saw the report, or a quotation of it, knows the number: it files, and stops nothing


def report_of(tx: Transaction, mail: Sorted, domain: str) -> tuple[str, str] | None:
    """The report that it is about and how that was found, by the surest hint that the book confirms."""
    hints = mail.hints
    named = [("verp", each) for each in hints.notices]
    for found_by, names in (("envelope-id", hints.envelope_ids), ("message-id", hints.message_ids)):
        known = (report_post.report_of_message_id(tx, f"<{name}@{domain}>") for name in names)
        named += [(found_by, each) for each in known if each]
    named += [(_GUESSED, each) for each in hints.numbers]
    for found_by, report in named:
        if report_post.contact_of(tx, report) is not None:
            return report, found_by
    return None


def file_mail(tx: Transaction, raw: bytes, mail: Sorted, found: tuple[str, str], at: datetime) -> ReportArrival:
    """File it. Its report is `bounced` where a bounce says for good that there is no such mailbox."""
    report, found_by = found
    contact = report_post.contact_of(tx, report) or ""
    hard = next((fate for fate in mail.fates if fate.is_hard and fate.is_of(contact)), None)
    is_hard = hard is not None and found_by != _GUESSED
    arrival = ReportArrival(
        arrival=sha256(raw).hexdigest(),
        report=report,
        kind=mail.kind,
        found_by=found_by,
        received_at=at,
        sender=mail.sender,
        subject=mail.subject,
        said=_said(mail, hard)[:_SAID_MAX],
        is_hard=is_hard,
        text=mail.text if mail.kind is Kind.REPLY else None,
    )
    report_post.add(tx, arrival, raw)
    audit.append(tx, at=at, actor=ACTOR, action=f"{mail.kind} filed", object=report, reason=found_by)
    return arrival


def _said(mail: Sorted, hard: Fate | None) -> str:
    if mail.kind is Kind.REPLY:
        return f"a reply: {mail.subject}"
    if mail.kind is Kind.FEEDBACK:
        return f"reported as unwanted ({mail.complaint})"
    if mail.kind is Kind.AUTOMATIC:
        return f"answered by a machine: {mail.subject}"
    if hard is not None:
        return hard.said
    return "; ".join(fate.said for fate in mail.fates[:3]) or "came back, in a form that says nothing for sure"


def listed(house: House) -> list[Listed]:
    """The reports that were kept, the newest first."""
    with house.book.read() as tx:
        return report_post.listed(tx)


def dead_contacts(house: House) -> list[Dead]:
    """Whom nothing reaches any more."""
    with house.book.read() as tx:
        return report_post.dead_contacts(tx)


def shown(house: House, report: str) -> tuple[Listed, list[ReportArrival]]:
    """One report, and what came back about it. BadRequest where there is none of that number."""
    name = report.strip().strip("[]").upper()
    with house.book.read() as tx:
        found = report_post.listed(tx, name)
        if not found:
            raise BadRequest(f"no report has the number {name[:40]!r}", remedy="`tocsin report --list` names them")
        return found[0], report_post.arrivals_of(tx, name)


def resolve(house: House, report: str, answer: str, *, reason: str) -> None:
    """A person says that one has left, is to be sent again, or is given up. BadRequest where nothing is in doubt."""
    name = report.strip().strip("[]").upper()
    if answer not in ANSWERS:
        raise BadRequest(f"not an answer: {answer[:40]!r}", where="--resolve", remedy=", ".join(ANSWERS))
    with house.book.write() as tx:
        if not book_reports.settle(tx, name, answer, house.now):
            raise BadRequest(
                f"{name[:40]!r} is neither uncertain nor did it come back", remedy="`tocsin report --list` says which"
            )
        audit.append(
            tx, at=house.now, actor=worker(), action=f"report settled as {answer}", object=name, reason=reason[:250]
        )


def revive(house: House, contact: str, *, reason: str) -> None:
    """A person says that the contact takes mail again. BadRequest where it is not dead, or no reason is given."""
    if not reason.strip():
        raise BadRequest("why it takes mail again is not said", remedy='--reason "they have mended their server"')
    with house.book.write() as tx:
        if not report_post.dead_contacts(tx, [contact]):
            raise BadRequest(f"reports to {contact[:80]!r} do not come back", remedy="`tocsin report --list` says who")
        report_post.revive(tx, contact, at=house.now, by=worker())
        audit.append(
            tx, at=house.now, actor=worker(), action="contact revived", object=contact, reason=reason.strip()[:250]
        )
