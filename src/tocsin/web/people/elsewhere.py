"""Signing in with an OpenID provider: there and back. What must come back unchanged waits in a sealed cookie."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import Request, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Response

from tocsin.book import Transaction, audit, people
from tocsin.book.people import PersonRow, clean_name
from tocsin.pipeline.sealing import seal, unseal
from tocsin.terms.errors import BadConfig, BadRequest, Refused, StorageFailed, Unreachable
from tocsin.web.people import seats
from tocsin.web.people.doors import note_signed_in, own_path, step
from tocsin.web.people.oidc import OpenId, Told
from tocsin.web.people.slowing import slow_guessing
from tocsin.web.shared.logs import log
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
Answer = Response[Any]
_LASTS_S = 600
_OWNER = "openid trip"
_STATE = "people_openid"
_TEXT_MAX = 4096


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser takes along, sealed."""

    state: str
    nonce: str
    verifier: str
    next: str
    ends_at: float


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider sends back with it."""

    code: Annotated[str, msgspec.Meta(max_length=_TEXT_MAX)] = ""
    state: Annotated[str, msgspec.Meta(max_length=200)] = ""
    iss: Annotated[str, msgspec.Meta(max_length=300)] = ""
    error: Annotated[str, msgspec.Meta(max_length=100)] = ""


@get("/sign-in/oidc")
async def go(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """To the provider: by the button of our own page. Another site's link must not sign anybody in unasked."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return step("/sign-in")
    await slow_guessing(request)
    return await to_thread.run_sync(_go, request, site)


def _go(request: AnyRequest, site: Site) -> Answer:
    provider = _provider(request, site)
    trip = Trip(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        next=own_path(request.query_params.get("next", "")),
        ends_at=site.clock().timestamp() + _LASTS_S,
    )
    try:
        place = provider.address(redirect=_redirect(site), state=trip.state, nonce=trip.nonce, verifier=trip.verifier)
    except (Refused, Unreachable) as error:
        return _failed(request, error)
    went = step(place)
    went.set_cookie(
        _cookie(site, base64.urlsafe_b64encode(seal(_key(site), _OWNER, msgspec.json.encode(trip))).decode())
    )
    return went


@get("/sign-in/oidc/back")
async def back(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """From the provider. This step comes from another site: it can be made once, by the browser that was sent."""
    await slow_guessing(request)
    return await to_thread.run_sync(_back, request, site)


def _back(request: AnyRequest, site: Site) -> Answer:
    provider, now = _provider(request, site), site.clock().timestamp()
    try:
        said = msgspec.convert(dict(request.query_params), Back)
        trip = _trip(request, site)
        if trip is None or trip.ends_at < now or not hmac.compare_digest(trip.state.encode(), said.state.encode()):
            raise Refused("this browser was not sent there, or too long ago: begin anew")
        if said.error or not said.code:
            raise Refused("the provider let nobody in")
        named = provider.provider().authorization_response_iss_parameter_supported
        if (named or said.iss) and said.iss != provider.section.issuer:  # RFC 9207 §2.4
            raise Refused("another provider has answered")
        told = provider.redeem(
            code=said.code, redirect=_redirect(site), nonce=trip.nonce, verifier=trip.verifier, now=now
        )
        with site.book.write() as tx:
            person = _welcome(tx, site, told)
            cookie = seats.begin(tx, request, person, stage="whole", by="oidc")
            note_signed_in(tx, site, person, "with an OpenID provider")
    except (Refused, Unreachable, BadRequest, msgspec.ValidationError) as error:
        return _failed(request, error)
    went = page(request, "people/arrived.html.j2", onward=trip.next or ("/phone" if person.role == "phone" else "/"))
    went.set_cookie(cookie)
    went.set_cookie(_cookie(site, "", ended=True))
    return went


def _welcome(tx: Transaction, site: Site, told: Told) -> PersonRow:
    """The person whom the provider means, by its own key for them; a name that somebody has already is not given."""
    now, by = site.clock(), "openid"
    person = people.by_subject(tx, told.issuer, told.subject)
    if person is None:
        name = clean_name(told.name)
        if people.find(tx, name) is not None:
            raise Refused(f"{name} signs in with a password here; an admin must rename or remove that first")
        people.add(tx, name, told.role, at=now, by=by)
        people.link_subject(tx, name, told.issuer, told.subject)
        audit.append(tx, at=now, actor=by, action="person added", object=name, reason=f"as {told.role}")
        return people.demand(tx, name)
    if person.disabled_at is not None:
        raise Refused("you have been shut out here")
    if person.role != told.role:
        people.set_role(tx, person.name, told.role)
        said = f"from {person.role} to {told.role}: the provider says so"
        audit.append(tx, at=now, actor=by, action="role changed", object=person.name, reason=said)
    return people.demand(tx, person.name)


def _failed(request: AnyRequest, error: Exception) -> Answer:
    log().warning("openid sign-in refused", error=str(error)[:200])
    said = error.what if isinstance(error, Refused | Unreachable | BadRequest) else "That cannot be read."
    return page(request, "people/elsewhere-failed.html.j2", status=422, said=said)


def _provider(request: AnyRequest, site: Site) -> OpenId:
    section = site.config.people.oidc
    if not section.issuer:
        raise NotFoundException
    known = request.app.state.get(_STATE)
    if not isinstance(known, OpenId) or known.section != section:
        known = OpenId(section, _client_secret(site))
        request.app.state[_STATE] = known
    return known


def _client_secret(site: Site) -> str:
    name = site.config.people.oidc.client_secret_file
    if not name:
        return ""
    try:
        return (site.config_file.parent / name).read_text("utf-8").strip()
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror}", where="people.oidc.client_secret_file") from error


def _trip(request: AnyRequest, site: Site) -> Trip | None:
    sealed = request.cookies.get(seats.cookie_name(site, "openid"), "")[:_TEXT_MAX]
    try:
        return msgspec.json.decode(unseal(_key(site), _OWNER, base64.urlsafe_b64decode(sealed)), type=Trip)
    except (ValueError, StorageFailed):
        return None


def _key(site: Site) -> bytes:
    return site.secret_for("openid").encode()


def _redirect(site: Site) -> str:
    return f"{site.web.url_of('desk')}/sign-in/oidc/back"


def _cookie(site: Site, value: str, *, ended: bool = False) -> Cookie:
    """Lax: it must come along when the provider sends the browser back."""
    return Cookie(
        key=seats.cookie_name(site, "openid"),
        value=value,
        path="/",
        secure=seats.is_secure(site),
        httponly=True,
        samesite="lax",
        max_age=0 if ended else _LASTS_S,
    )


ELSEWHERE: list[Any] = [go, back]
