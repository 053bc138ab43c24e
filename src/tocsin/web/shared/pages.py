"""Templates into pages. Autoescape is on everywhere; an unknown name in a template is a bug and says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Response
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup

from tocsin.web.shared.site import Place
from tocsin.web.shared.statics import static_url
from tocsin.web.shared.words import LANGUAGE_COOKIE, LANGUAGES, language_of, say, time_tag

_WEB = Path(__file__).parents[1]
_YEAR_S = 365 * 24 * 60 * 60
_ENGLISH_ONLY = {"desk", "people"}

AnyRequest = Request[Any, Any, Any]


def templates(seats: Sequence[str]) -> jinja2.Environment:
    """The templates of those seats, each under its own name, and what all share."""
    loaders = {seat: jinja2.FileSystemLoader(_WEB / seat / "templates") for seat in ("shared", *seats)}
    return jinja2.Environment(
        loader=jinja2.PrefixLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def page(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> Response[bytes]:
    """A page from `SEAT/NAME.html.j2`. Asked by htmx, only the block `main`, where the template extends `layout`."""
    seat = template.partition("/")[0]
    text = render(request, template, seat=seat, **values)
    response = Response(
        text.encode(), media_type="text/html", status_code=status, headers={"Vary": "HX-Request", **(headers or {})}
    )
    chosen = request.query_params.get("language")
    if chosen in LANGUAGES and seat not in _ENGLISH_ONLY:
        response.set_cookie(Cookie(LANGUAGE_COOKIE, value=chosen, max_age=_YEAR_S, samesite="lax", httponly=True))
    return response


def render(request: AnyRequest, template: str, *, seat: str, **values: object) -> str:
    """The text of a template for this request."""
    place: Place = request.app.state["place"]
    environment: jinja2.Environment = request.app.state["templates"]
    language = "en" if seat in _ENGLISH_ONLY else language_of(request, place.language)
    part = "hx-request" in request.headers and "hx-history-restore-request" not in request.headers
    names: dict[str, object] = {
        "layout": "shared/part.html.j2" if part else "shared/layout.html.j2",
        "seat": seat,
        "place": place,
        "language": language,
        "languages": LANGUAGES,
        "path": request.url.path,
        "person": request.scope.get("tocsin.person"),
        "static": static_url,
        "t": partial(_say, seat, language),
        "when": partial(_when, language, place.zone),
        "csrf_token": csrf_token(request),
        "csrf_field": partial(_csrf_field, request),
    }
    return environment.get_template(template).render(names | values)


def words(request: AnyRequest, seat: str, key: str, **values: object) -> str:
    """The words for a key in this request's language, for a handler."""
    place: Place = request.app.state["place"]
    return say(seat, language_of(request, place.language), key, values)


def csrf_token(request: AnyRequest) -> str:
    """This request's token; '' on a page that no form can follow, such as an error of the door."""
    token = ScopeState.from_scope(request.scope).csrf_token
    return token if isinstance(token, str) else ""


def _say(seat: str, language: str, key: str, **values: object) -> str:
    return say(seat, language, key, values)


def _when(language: str, zone: str, moment: Any, in_zone: str | None = None) -> Markup:
    return time_tag(moment, language, in_zone or zone)


def _csrf_field(request: AnyRequest) -> Markup:
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(csrf_token(request))
