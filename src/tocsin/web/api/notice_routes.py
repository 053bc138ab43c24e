"""The outbox for programs: which notices there are and how far they came; never to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tocsin.book import Transaction
from tocsin.book import notices as book_notices
from tocsin.pipeline.reach import Reach
from tocsin.web.api import parts
from tocsin.web.api.case_routes import PAGES_LOOKED_AT, owned
from tocsin.web.api.cursors import read_cursor, write_cursor
from tocsin.web.api.keys import needs, reach
from tocsin.web.shared.site import Site


class NoticeItem(msgspec.Struct, frozen=True, kw_only=True):
    """A notice: when it was decided, how far it came. Never to whom, never its code."""

    notice: str
    state: str
    decided_at: datetime
    sent_at: datetime | None
    expires_at: datetime
    reason: str | None
    cases: list[str]


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` where there may be more."""

    items: list[NoticeItem]
    next: str | None


class _NoticePlace(msgspec.Struct, frozen=True):
    at: datetime
    notice: str


@get("/notices", guards=[needs("notices:read")], sync_to_thread=True)
def list_notices(
    request: Request[Any, Any, Any],
    site: NamedDependency[Site],
    in_state: Annotated[
        Literal["decided", "queued", "sent", "uncertain", "refused", "bounced"] | None, QueryParameter(name="state")
    ] = None,
    limit: parts.Limit = parts.ROWS,
    cursor: parts.Cursor = None,
) -> Notices:
    """The notices, the newest first."""
    after = read_cursor(request, site, cursor, _NoticePlace)
    own = reach(request, site)
    items: list[NoticeItem] = []
    with site.book.read() as tx:
        for _ in range(PAGES_LOOKED_AT):
            wanted = limit - len(items)
            before = (after.at, after.notice) if after else None
            found = book_notices.list_after(tx, before=before, state=in_state, rows=wanted + 1)
            page = found[:wanted]
            items += _own_notices(tx, page, own)
            after = _NoticePlace(page[-1].decided_at, page[-1].notice) if len(found) > wanted else None
            if after is None or len(items) >= limit:
                break
    return Notices(items=items, next=write_cursor(request, site, after) if after else None)


def _own_notices(tx: Transaction, page: Sequence[book_notices.Notice], own: Reach) -> list[NoticeItem]:
    cases = book_notices.cases_by_notice(tx, [each.notice for each in page])
    mine = owned(tx, sorted({case for some in cases.values() for case in some}), own)
    return [
        NoticeItem(
            notice=each.notice,
            state=each.state,
            decided_at=each.decided_at,
            sent_at=each.sent_at,
            expires_at=each.expires_at,
            reason=each.reason,
            cases=cases.get(each.notice, []),
        )
        for each in page
        if own.is_all or (cases.get(each.notice) and set(cases[each.notice]) <= mine)
    ]


ROUTES: list[Any] = [list_notices]
