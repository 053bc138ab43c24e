"""The page of networks lists the newest reports and says which contacts return every one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from litestar import Litestar
from litestar.testing import TestClient

from tocsin.book import Transaction, report_post, reports
from tocsin.book.report_post import DEAD_AFTER, ReportArrival
from tocsin.book.reports import Outgoing
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
_EVIL = "<script>alert(1)</script>"


def _bounced(tx: Transaction, site: Site, number: int) -> None:
    name, at = f"R-{number:016}", site.clock() - timedelta(days=number)
    mail = Outgoing(
        report=name,
        contact="abuse@gone.example",
        composed_at=at,
        message_id=f"<{name.lower()}@net.example>",
        envelope_from="bounce@net.example",
        raw=b"x",
    )
    reports.keep(tx, mail, [])
    reports.end(tx, name, "sent", "", at)
    arrival = ReportArrival(
        arrival=f"{number:064}",
        report=name,
        kind="bounce",
        found_by="verp",
        received_at=at,
        sender=_EVIL,
        subject=_EVIL,
        said=f"550 {_EVIL}",
        is_hard=True,
    )
    report_post.add(tx, arrival, b"raw")


def test_reports_and_dead_contacts_are_shown_and_strangers_words_escaped(as_role: AsRole, site: Site) -> None:
    client = as_role("viewer")
    assert "Reports to networks" not in client.get("/networks").text
    with site.book.write() as tx:
        for number in range(1, DEAD_AFTER + 1):
            _bounced(tx, site, number)
    text = client.get("/networks").text
    assert text.count("abuse@gone.example") == DEAD_AFTER + 1
    assert "returns every report" in text
    assert "R-0000000000000001" in text
    assert _EVIL not in text
    assert "550 &lt;script&gt;" in text
