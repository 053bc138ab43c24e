"""The start page: what came in, what became of it, what waits for a person."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect, Response

from tocsin.book import audit, jobs
from tocsin.cases.outbox import Answer
from tocsin.pipeline.freshness import LogState
from tocsin.pipeline.garden_page import GardenFigures, figures_of
from tocsin.pipeline.overview import Overview, Overviews
from tocsin.pipeline.release import release_hold
from tocsin.pipeline.uncertain import resolve_in
from tocsin.pipeline.work import enqueue
from tocsin.web.desk import charts, spans
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
DAYS = (7, 14, 30)
_STRIP_DAYS = 7
_REASON_MAX = 300
_overviews = Overviews()


class Releasing(msgspec.Struct, frozen=True, kw_only=True):
    """The form that lets a hold go."""

    hold: str
    reason: str

    def __post_init__(self) -> None:
        if len(self.reason) > _REASON_MAX:
            raise ValueError(f"at most {_REASON_MAX} characters")


@get("/", guards=[needs("viewer")], sync_to_thread=True)
def start(request: AnyRequest, site: NamedDependency[Site], days: FromQuery[int] = 14) -> Response[bytes]:
    shown = days if days in DAYS else 14
    return _page(request, site, shown)


@post("/holds/release", guards=[needs("lead")], status_code=200)
async def release(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Lets what one brake holds go, once: the next run decides on it anew."""
    filled = await read_form(request, Releasing)
    if filled.form is None:
        error = "Say why, in a few words." if filled.errors.get("reason") else next(iter(filled.errors.values()))
        return _page(request, site, 14, status=400, released=filled.value("hold"), error=error)
    release_hold(site.book, filled.form.hold, at=site.clock(), by=signed_in(request).name, reason=filled.form.reason)
    return Redirect("/", status_code=303)


class Resolving(msgspec.Struct, frozen=True, kw_only=True):
    """The form that says what became of an uncertain notice."""

    notice: str
    answer: Answer
    reason: str

    def __post_init__(self) -> None:
        if len(self.reason) > _REASON_MAX:
            raise ValueError(f"at most {_REASON_MAX} characters")


@post("/uncertain", guards=[needs("lead")], status_code=200)
async def resolve(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """A person has found out whether it left: kept as sent, sent again, or given up."""
    filled = await read_form(request, Resolving)
    if filled.form is None:
        error = "Say what you found, and how you know."
        return _page(request, site, 14, status=400, released=filled.value("notice"), error=error)
    asked, actor = filled.form, signed_in(request).name
    resolve_in(site.book, asked.notice, asked.answer, reason=asked.reason, actor=actor, at=site.clock())
    return Redirect("/", status_code=303)


@post("/run", guards=[needs("agent")], status_code=200, sync_to_thread=True)
def run_now(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Asks for a run; one that waits or goes on already is enough."""
    ask_for_run(site, signed_in(request).name)
    return Redirect("/", status_code=303)


def ask_for_run(site: Site, actor: str) -> None:
    """A run for everything that has come in, unless one waits already."""
    now = site.clock()
    with site.book.write() as tx:
        if jobs.is_unfinished(tx, "run"):
            return
        enqueue(tx, "run", b"{}", now)
        audit.append(tx, at=now, actor=actor, action="run asked for", object="everything configured", reason="")


def _page(request: AnyRequest, site: Site, days: int, *, status: int = 200, **more: Any) -> Response[bytes]:
    now = site.clock()
    seen = _overviews.of(site.book, site.config, now, days=days)
    titles = site.config.titles()
    values: dict[str, Any] = {
        "days": days,
        "choices": DAYS,
        "now": now,
        "ago": partial(spans.ago, now=now),
        "span": spans.span_words,
        "days_words": spans.days_words,
        "came": _came(seen, titles),
        "kinds": _kinds(seen),
        "most_why": max((each.sightings for each in seen.why), default=0),
        "meter": charts.meter,
        "strips": {each.name: _strip(each, now) for each in seen.logs},
        "strip_days": _STRIP_DAYS,
        "titles": titles,
        "waits": _waits(seen),
        "running": _running(site),
        "garden": _garden(site),
        "released": "",
        "error": "",
    }
    return page(request, "desk/start.html.j2", status=status, seen=seen, **(values | more))


def _came(seen: Overview, titles: dict[str, str]) -> charts.Columns:
    return charts.columns(
        seen.days, {(titles.get(each.source, each.source), each.day): each.sightings for each in seen.came}
    )


def _kinds(seen: Overview) -> list[tuple[str, int, dict[str, int]]]:
    """Kind, open cases, and those by state; the most first."""
    found: dict[str, dict[str, int]] = {}
    for each in seen.open_cases:
        found.setdefault(each.kind, {})[each.state] = each.cases
    return sorted(
        ((kind, sum(states.values()), states) for kind, states in found.items()), key=lambda row: (-row[1], row[0])
    )


def _strip(log: LogState, now: datetime) -> charts.Strip | None:
    return None if log.is_standing else charts.strip((log.first_at, log.last_at), log.gaps, now, days=_STRIP_DAYS)


def _waits(seen: Overview) -> int:
    """How many things wait for a person."""
    silent = [each for each in seen.logs if each.state == "bad"]
    return len(seen.holds) + len(seen.uncertain) + sum(seen.unread.values()) + len(silent)


def _garden(site: Site) -> GardenFigures:
    with site.book.read() as tx:
        return figures_of(tx, site.config)


def _running(site: Site) -> bool:
    with site.book.read() as tx:
        return jobs.is_unfinished(tx, "run")


ROUTES: list[Any] = [start, release, resolve, run_now]
