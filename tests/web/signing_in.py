"""How a test becomes a person of the desk."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import httpx

from tocsin.book import people, sessions
from tocsin.book.people import ROLES, Role
from tocsin.web.shared.site import Site


def sign_in(client: httpx.Client, site: Site, role: str, *, name: str = "") -> str:
    """Make somebody with that role (`agent-1`), and let the client be signed in as them; returns their name."""
    known: Role = ROLES[ROLES.index(role)]
    name = name or f"{role}-1"
    token, now = secrets.token_urlsafe(32), site.clock()
    with site.book.write() as tx:
        if people.find(tx, name) is None:
            people.add(tx, name, known, at=now, by="a test")
        sessions.begin(
            tx,
            sessions.Session(
                session=hashlib.sha256(token.encode()).hexdigest(),
                handle=secrets.token_hex(6),
                person=name,
                created_at=now,
                seen_at=now + timedelta(days=30),  # a test that moves the clock stays signed in
                expires_at=now + timedelta(days=30),
                stage="whole",
                by="password",
                client="127.0.0.1",
                agent="a test",
                role=known,
            ),
        )
    client.cookies.set("desk_session", token)
    return name
