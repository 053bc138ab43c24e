"""The audit: who looked at whom, and who did what. Nothing can be changed here, or anywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.book import Transaction, audit
from tocsin.book.audit import Entry, Wanted
from tocsin.web.desk import spans
from tocsin.web.people.guards import needs
from tocsin.web.shared.forms import Filled, fill
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
LINES_SHOWN = 100
_TEXT_MAX = 100


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """The form above the lines."""

    actor: str = ""
    action: str = ""
    text: str = ""
    since: date | None = None  # UTC days, both ends included
    until: date | None = None
    before: int | None = None

    def wanted(self) -> Wanted:
        return Wanted(
            actor=self.actor[:_TEXT_MAX],
            action=self.action[:_TEXT_MAX],
            text=self.text[:_TEXT_MAX],
            since=_start(self.since) if self.since else None,
            until=_start(self.until) + timedelta(days=1) if self.until and self.until < date.max else None,
            before=self.before if self.before is not None and 0 < self.before < 2**62 else None,
        )


class Chain(msgspec.Struct, frozen=True):
    """What came of checking it."""

    lines: int
    fault: str | None
    last: str


@get("/audit", guards=[needs("lead")], sync_to_thread=True)
def audit_lines(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The newest lines of those that are asked for; with `?verify=1` the whole chain is checked."""
    typed = {name: value.strip()[:_TEXT_MAX] for name, value in request.query_params.items()}
    filled = fill(Filter, typed)
    asked = filled.form or Filter()
    with site.book.read() as tx:
        lines = audit.page(tx, asked.wanted(), LINES_SHOWN + 1)
        actors, actions = audit.words(tx)
        chain = _chain(tx) if typed.get("verify") == "1" else None
    return page(
        request,
        "desk/audit.html.j2",
        status=200 if filled.form else 400,
        filled=filled,
        lines=lines[:LINES_SHOWN],
        older=_older(typed, lines) if len(lines) > LINES_SHOWN else "",
        newest=_newest(typed) if asked.before else "",
        actors=_with(actors, filled, "actor"),
        actions=_with(actions, filled, "action"),
        filtered=any(typed.get(name) for name in ("actor", "action", "text", "since", "until")),
        chain=chain,
        exact=spans.exact,
    )


def _chain(tx: Transaction) -> Chain:
    lines, fault = audit.verify(tx)
    return Chain(lines, fault, audit.last_hash(tx))


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _older(typed: dict[str, str], lines: list[Entry]) -> str:
    kept = {name: typed[name] for name in Filter.__struct_fields__ if typed.get(name)}
    return "/audit?" + urlencode(kept | {"before": lines[LINES_SHOWN - 1].number})


def _newest(typed: dict[str, str]) -> str:
    kept = {name: typed[name] for name in Filter.__struct_fields__ if typed.get(name) and name != "before"}
    return "/audit?" + urlencode(kept)


def _with(known: list[str], filled: Filled[Filter], name: str) -> list[str]:
    """What is chosen stays in the list, also when no line of late names it."""
    chosen = filled.value(name)
    return known if not chosen or chosen in known else sorted([*known, chosen])


ROUTES: list[Any] = [audit_lines]
