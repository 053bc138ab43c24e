"""Sessions: begun, read, ended. The cookie holds 256 bits by chance; the book only their digest."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from tocsin.book import Transaction, sessions
from tocsin.book.people import PersonRow
from tocsin.book.sessions import Session, Stage
from tocsin.terms.errors import Busy
from tocsin.web.shared.clients import client_of
from tocsin.web.shared.site import Site

Connection = ASGIConnection[Any, Any, Any, Any]
_TOUCH_AFTER = timedelta(minutes=1)  # a row that is written at each request would be a bottleneck
HALF_LASTS = timedelta(minutes=10)  # for the second factor
TOKEN_MAX = 100
_AGENT_MAX = 60
_BROWSERS = (("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def digest_of(token: str) -> str:
    """How the book knows a session, a link, a key."""
    return hashlib.sha256(token.encode()).hexdigest()


def cookie_name(site: Site, what: str = "session") -> str:
    """`__Host-` ties a cookie to this very host, and needs https."""
    return f"__Host-{what}" if is_secure(site) else f"desk_{what}"


def is_secure(site: Site) -> bool:
    return site.web.url_of("desk").startswith("https:")


def read_session(connection: Connection) -> Session | None:
    """The session of the cookie, while it stands; that it was used is noted once a minute."""
    site: Site = connection.app.state["place"]
    token = connection.cookies.get(cookie_name(site), "")
    if not token or len(token) > TOKEN_MAX:
        return None
    now = site.clock()
    with site.book.read() as tx:
        found = sessions.find(tx, digest_of(token), at=now, seen_since=now - idle(site))
    if found is not None and now - found.seen_at >= _TOUCH_AFTER:
        with suppress(Busy), site.book.write() as tx:  # who works must not wait for who writes
            sessions.touch(tx, found.session, now)
    return found


def idle(site: Site) -> timedelta:
    return timedelta(minutes=site.config.people.idle_minutes)


def begin(tx: Transaction, connection: Connection, person: PersonRow, *, stage: Stage, by: str) -> Cookie:
    """A new session with a token of its own, whatever cookie came in: that one's session ends."""
    site: Site = connection.app.state["place"]
    if old := connection.cookies.get(cookie_name(site), "")[:TOKEN_MAX]:
        sessions.end(tx, digest_of(old))
    token, now = secrets.token_urlsafe(32), site.clock()
    lasts = timedelta(hours=site.config.people.session_hours) if stage == "whole" else HALF_LASTS
    new = Session(
        session=digest_of(token),
        handle=secrets.token_hex(6),
        person=person.name,
        created_at=now,
        seen_at=now,
        expires_at=now + lasts,
        stage=stage,
        by=by,
        client=str(client_of(connection)),
        agent=browser_words(connection.headers.get("user-agent", "")),
        role=person.role,
    )
    sessions.begin(tx, new)
    return session_cookie(site, token)


def browser_words(told: str) -> str:
    """`Firefox on Linux`: enough to know one's own by; what nobody knows is quoted."""
    browser = next((name for sign, name in _BROWSERS if sign in told), "")
    system = next((name for sign, name in _SYSTEMS if sign in told), "")
    if not browser:
        return "".join(sign for sign in told if sign.isprintable())[:_AGENT_MAX]
    return f"{browser} on {system}" if system else browser


def session_cookie(site: Site, token: str) -> Cookie:
    return Cookie(key=cookie_name(site), value=token, path="/", secure=is_secure(site), httponly=True, samesite="lax")


def ended_cookie(site: Site) -> Cookie:
    """Takes the cookie away."""
    return Cookie(
        key=cookie_name(site),
        value="",
        path="/",
        secure=is_secure(site),
        httponly=True,
        samesite="lax",
        max_age=0,
        expires=0,
    )
