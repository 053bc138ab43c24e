"""Sources, logs, networks and contacts: how they are configured, how they fare, and what of it can be changed here."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Response

from tocsin.attribution.networks.contacts import Search, find_contacts
from tocsin.book import report_post
from tocsin.pipeline.networks import Shown, show
from tocsin.pipeline.settings import Edited, Value, Writer, add_source, change_settings, is_writable, seen_of
from tocsin.pipeline.standing import log_standings, source_standings, table_standings
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import BadConfig, BadRequest, Busy, StorageFailed
from tocsin.web.desk import charts, spans
from tocsin.web.desk.asking import moment_of
from tocsin.web.desk.settings_form import MAY, PAGES, TITLES, entries, fields_of, meant
from tocsin.web.desk.zones import ZONES
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
NEW = "_new"  # no name of a source begins so
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?", re.ASCII)
_REASON_MAX = 300
_ASN = re.compile(r"(?:AS)?(\d{1,10})", re.ASCII | re.IGNORECASE)
_STRIP_DAYS = 30
_REPORTS_SHOWN = 50


# --- pages that show ------------------------------------------------------------------------------------------------


@get("/sources", guards=[needs("viewer")], sync_to_thread=True)
def sources(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """Every source and every binding log."""
    now, config = site.clock(), site.config
    with site.book.read() as tx:
        known, logs = source_standings(tx, config, now), log_standings(tx, config, now)
    return page(
        request,
        "desk/sources.html.j2",
        sources=known,
        logs=logs,
        strips={
            each.log.name: charts.strip(
                (each.state.first_at, each.state.last_at), each.state.gaps, now, days=_STRIP_DAYS
            )
            for each in logs
            if not each.state.is_standing
        },
        strip_days=_STRIP_DAYS,
        writable=is_writable(site.config_file),
        ago=partial(spans.ago, now=now),
        span=spans.span_words,
        seconds=lambda count: timedelta(seconds=count),
        meter=charts.meter,
    )


@get("/networks", guards=[needs("viewer")], sync_to_thread=True)
def networks(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """Our own networks, the prefix tables, and what they say of an address."""
    now, config = site.clock(), site.config
    asked = {name: request.query_params.get(name, "").strip()[:100] for name in ("address", "at", "zone")}
    zone = asked["zone"] if asked["zone"] in ZONES else site.zone
    shown, errors = _look_up(site, asked, zone) if asked["address"] else (None, {})
    with site.book.read() as tx:
        tables = table_standings(tx, now)
        reports, dead = report_post.listed(tx, limit=_REPORTS_SHOWN), report_post.dead_contacts(tx)
    return page(
        request,
        "desk/networks.html.j2",
        reports=reports,
        dead=dead,
        status=400 if errors else 200,
        provider=config.provider,
        logs_by_prefix={
            prefix: [log.name for log in config.logs if prefix in log.prefixes] for prefix in config.provider.prefixes
        },
        section=config.networks,
        tables=tables,
        asked=asked,
        zone=zone,
        zones=ZONES,
        errors=errors,
        shown=shown,
        writable=is_writable(site.config_file),
        ago=partial(spans.ago, now=now),
        exact=spans.exact,
    )


def _look_up(site: Site, asked: dict[str, str], zone: str) -> tuple[Shown | None, dict[str, str]]:
    errors: dict[str, str] = {}
    address, at = None, site.clock()
    try:
        address = parse_address(asked["address"])
    except ValueError:
        errors["address"] = "Not an IP address."
    try:
        at = moment_of(asked["at"], zone) if asked["at"] else at
    except ValueError as error:
        errors["at"] = str(error)
    if errors or address is None:
        return None, errors
    with site.house() as house:
        return show(house, address, at, online=False), {}


@get("/contacts", guards=[needs("viewer")], sync_to_thread=True)
def contacts(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """Who writes our notices, and whom reports about other networks go to."""
    typed = request.query_params.get("q", "").strip()[:100]
    with site.house() as house:
        found = find_contacts(house.lake, _search(typed), site.clock())
    return page(
        request,
        "desk/contacts.html.j2",
        issuer=site.config.issuer,
        typed=typed,
        found=found,
        writable=is_writable(site.config_file),
    )


def _search(typed: str) -> Search:
    """`AS64500` or `64500`, `JP`, or a piece of a mail address."""
    number = _ASN.fullmatch(typed)
    if number:
        return Search(asn=min(int(number[1]), 0xFFFF_FFFF))
    if len(typed) == 2 and typed.isalpha() and typed.isascii():
        return Search(country=typed.upper())
    return Search(text=typed or None)


# --- pages that change ------------------------------------------------------------------------------------------------


@get("/settings/{section:str}", guards=[needs("lead")], sync_to_thread=True)
def section_form(request: AnyRequest, site: NamedDependency[Site], section: FromPath[str]) -> Response[bytes]:
    """The form for a section that stands once."""
    return _settings_page(request, site, section, "")


@get("/settings/{section:str}/{entry:str}", guards=[needs("lead")], sync_to_thread=True)
def entry_form(
    request: AnyRequest, site: NamedDependency[Site], section: FromPath[str], entry: FromPath[str]
) -> Response[bytes]:
    """The form for one source or log, or for a new source."""
    return _settings_page(request, site, section, entry)


@post("/settings/{section:str}", guards=[needs("lead")], status_code=200)
async def change_section(request: AnyRequest, site: NamedDependency[Site], section: FromPath[str]) -> Response[bytes]:
    """Changes the file, or says what is wrong with it."""
    return await to_thread.run_sync(_change, request, site, section, "", await _typed(request))


@post("/settings/{section:str}/{entry:str}", guards=[needs("lead")], status_code=200)
async def change_entry(
    request: AnyRequest, site: NamedDependency[Site], section: FromPath[str], entry: FromPath[str]
) -> Response[bytes]:
    """The same for one source or log, or a new source."""
    return await to_thread.run_sync(_change, request, site, section, entry, await _typed(request))


async def _typed(request: AnyRequest) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _change(request: AnyRequest, site: Site, section: str, entry: str, values: dict[str, str]) -> Response[bytes]:
    standing = _standing(request, site, section, entry)
    asked = meant(section, entry, standing, values)
    errors = dict(asked.errors)
    reason = values.get("reason", "").strip()
    if not 0 < len(reason) <= _REASON_MAX:
        errors["reason"] = "Say why, in a few words: it goes into the audit."
    name = values.get("name", "").strip()
    if section == "sources" and entry == NEW and not _NAME.fullmatch(name):
        errors["name"] = "Lower-case letters, digits, '.', '_', '-'; at most 40."
    if errors:
        return _settings_page(request, site, section, entry, values=values, errors=errors, status=400)
    writer = Writer(signed_in(request).name, reason)
    seen = values.get("seen", "")
    try:
        if section == "sources" and entry == NEW:
            new: dict[str, Value] = {each.setting: each.value for each in asked.changes}
            done = add_source(site.book, site.config_file, name, new, writer, seen=seen)
        else:
            done = change_settings(site.book, site.config_file, asked.changes, writer, seen=seen)
    except (BadConfig, BadRequest, Busy, StorageFailed) as error:
        words = f"{error.what[:1].upper()}{error.what[1:]}." + (f" {error.remedy}." if error.remedy else "")
        return _settings_page(request, site, section, entry, values=values, errors={"": words}, status=400)
    return _settings_page(request, site, section, name if entry == NEW else entry, done=done)


def _standing(request: AnyRequest, site: Site, section: str, entry: str) -> msgspec.Struct | None:
    """What is to be changed; None of a new source. Raises where there is no such thing, or the role does not do."""
    if section not in MAY:
        raise NotFoundException("There is no such section.")
    if not signed_in(request).may(MAY[section]):  # type: ignore[arg-type]
        raise PermissionDeniedException("Your role does not include this.")
    if section == "sources" and entry == NEW:
        return None
    found = entries(site.config, section).get(entry)
    if found is None:
        raise NotFoundException("Nothing of that name is configured.")
    return found


def _settings_page(
    request: AnyRequest,
    site: Site,
    section: str,
    entry: str,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: Edited | None = None,
    status: int = 200,
) -> Response[bytes]:
    standing = _standing(request, site, section, entry)
    return page(
        request,
        "desk/settings.html.j2",
        status=status,
        section=section,
        entry=entry,
        is_new=standing is None,
        title=TITLES[section],
        back=PAGES[section],
        fields=fields_of(section, standing),
        values=values,
        errors=errors or {},
        done=done,
        seen=seen_of(site.config_file),
        writable=is_writable(site.config_file),
        file_name=site.config_file.name,
    )


ROUTES: list[Any] = [sources, networks, contacts, section_form, entry_form, change_section, change_entry]
