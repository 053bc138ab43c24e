"""`[people]`: how those who work at the desk sign in."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import msgspec

from tocsin.terms.errors import BadConfig

_IDLE_MINUTES_MAX = 24 * 60
_HOURS_MAX = 30 * 24


class OidcSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[people.oidc]`: who else says who somebody is. Without an issuer nobody does."""

    issuer: str = ""
    title: str = ""  # what the button says
    client_id: str = ""
    client_secret_file: str = ""  # relative to the configuration
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: dict[str, Literal["viewer", "phone", "agent", "lead", "admin"]] = {}  # by what the claim says

    def __post_init__(self) -> None:
        if not self.issuer:
            return
        parts = urlsplit(self.issuer)
        loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            where, remedy = "people.oidc.issuer", "write it as https://NAME"
            raise BadConfig(f"not an https address: {self.issuer!r:.80}", where=where, remedy=remedy)
        if not self.client_id:
            raise BadConfig("missing", where="people.oidc.client_id", remedy="the provider says it")
        if not self.roles:
            remedy = 'say who gets which role, as { "abuse-desk" = "agent" }'
            raise BadConfig("nobody would get a role", where="people.oidc.roles", remedy=remedy)


class PeopleSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sessions and second factors."""

    second_factor: Literal["required", "offered"] = "required"
    idle_minutes: int = 60
    session_hours: int = 12
    refused_passwords: str = ""  # a file, relative to the configuration: a password a line
    oidc: OidcSection = OidcSection()

    def __post_init__(self) -> None:
        if not 1 <= self.idle_minutes <= _IDLE_MINUTES_MAX:
            allowed = f"1 to {_IDLE_MINUTES_MAX}"
            raise BadConfig(f"{self.idle_minutes} is not allowed, {allowed} is", where="people.idle_minutes")
        if not 1 <= self.session_hours <= _HOURS_MAX:
            raise BadConfig(f"{self.session_hours} is not allowed, 1 to {_HOURS_MAX} is", where="people.session_hours")
