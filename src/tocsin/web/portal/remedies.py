"""`/remedies`: what each threat is and what helps. `/alerts`: what is going round now, as a page, RSS and JSON."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response

from tocsin.remedies.alerts import Alert, all_alerts, as_json
from tocsin.remedies.catalogue import NAME_MAX, find, threats
from tocsin.remedies.feed import Channel, rss
from tocsin.remedies.sheet import sheet
from tocsin.remedies.words import called, say, words_of
from tocsin.terms.errors import BadConfig
from tocsin.web.portal.plain import date_text
from tocsin.web.portal.visiting import AnyRequest
from tocsin.web.shared.logs import log
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import language_of

_SHOWN_MAX = 50
_OPEN = {"Cache-Control": "public, max-age=900", "Cross-Origin-Resource-Policy": "cross-origin"}


class ShownAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the page has it."""

    threat: str
    name: str
    what: str
    source: str
    note: str
    since: str
    until: str
    is_current: bool


@get("/remedies", sync_to_thread=False)
def remedies(request: AnyRequest, site: NamedDependency[Site], name: FromQuery[str] = "") -> Response[Any]:
    """Every threat by name; a name that is typed leads to its threat."""
    language = language_of(request, site.language)
    found = find(name[:NAME_MAX]) if name else None
    if found is not None:
        return Redirect(f"/remedies/{found.key}")
    listed = {key: called(key, language) for key in threats()}
    groups = {
        "programs": {key: listed[key] for key, each in threats().items() if not each.is_exposure},
        "services": {key: listed[key] for key, each in threats().items() if each.is_exposure},
    }
    return page(request, "portal/remedies.html.j2", groups=groups, typed=name[:80])


@get("/remedies/{key:str}", sync_to_thread=False)
def remedy(request: AnyRequest, site: NamedDependency[Site], key: FromPath[str]) -> Response[bytes]:
    """All that is said of a threat, for each of its devices."""
    language = language_of(request, site.language)
    threat = threats().get(key)
    if threat is None:
        raise NotFoundException
    found = sheet(threat, language)
    return page(request, "portal/remedy.html.j2", sheet=found, said=lambda name, **told: say(name, language, **told))


@get("/alerts", sync_to_thread=True)
def alerts(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The newest alerts."""
    language, today = language_of(request, site.language), site.clock().date()
    shown = [
        ShownAlert(
            threat=each.threat,
            name=called(each.threat, language),
            what=words_of(each.threat, language).what,
            source=each.source,
            note=each.note,
            since=date_text(each.since, language),
            until=date_text(each.until, language) if each.until else "",
            is_current=each.is_current(today),
        )
        for each in _alerts(site)[:_SHOWN_MAX]
    ]
    return page(request, "portal/alerts.html.j2", alerts=shown)


@get("/alerts.json", sync_to_thread=True)
def alerts_json(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The same for `tocsin check --alerts`."""
    told = as_json(_alerts(site), language_of(request, site.language))
    return Response(told, media_type="application/json", headers={**_OPEN, "Access-Control-Allow-Origin": "*"})


@get("/alerts.rss", sync_to_thread=True)
def alerts_rss(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The same for readers of news."""
    channel = Channel(
        title=words(request, "portal", "alerts.feed_title", name=site.name),
        about=words(request, "portal", "alerts.lead"),
        url=site.config.web.url_of("portal").rstrip("/"),
        language=language_of(request, site.language),
    )
    return Response(rss(_alerts(site), channel), media_type="application/rss+xml", headers=_OPEN)


def _alerts(site: Site) -> tuple[Alert, ...]:
    """Read again only when the file has changed. A broken one costs our own alerts, not the page; the log says so."""
    configured = site.config.portal.alerts
    if not configured:
        return _read(None, 0)
    path = site.config_file.parent / Path(configured).expanduser()
    try:
        return _read(path, path.stat().st_mtime_ns if path.is_file() else 0)
    except BadConfig as error:
        log().warning("alerts not read", error=str(error))
        return _read(None, 0)


@lru_cache(maxsize=4)
def _read(path: Path | None, _changed_at: int) -> tuple[Alert, ...]:
    return all_alerts(path)


REMEDY_ROUTES: list[Any] = [remedies, remedy, alerts, alerts_json, alerts_rss]
