"""OpenID Connect: what the provider publishes, and what it says of somebody. Authorisation code, PKCE, nothing else.

Only the configured issuer's own addresses are asked, over TLS (or on loopback), without following anybody elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tocsin.book.people import ROLES, Role
from tocsin.pipeline.peoplesection import OidcSection
from tocsin.terms.errors import Refused, Unreachable

ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
]  # never none, HS
_BODY_BYTES_MAX = 256 * 1024
_TIMEOUT_S = 10.0
_FRESH_S = 600.0
_LEEWAY_S = 60
_VALUES_MAX = 500
_LENGTH_MAX = 255


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the discovery document that is used (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False  # RFC 9207 §3


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    id_token: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is, by that provider's word, checked."""

    issuer: str
    subject: str
    name: str
    role: Role


class OpenId:
    """One configured provider; what it publishes is kept for ten minutes."""

    def __init__(self, section: OidcSection, client_secret: str) -> None:
        self.section = section
        self._secret = client_secret
        self._lock = threading.Lock()
        self._provider: tuple[float, Provider] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def address(self, *, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent."""
        asked = {
            "response_type": "code",
            "client_id": self.section.client_id,
            "redirect_uri": redirect,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",  # RFC 7636 §4.2
        }
        place = self.provider().authorization_endpoint
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"

    def redeem(self, *, code: str, redirect: str, nonce: str, verifier: str, now: float) -> Told:
        """What the provider says of who has come back with that code. Refused when anything does not fit."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        asked["client_id"] = self.section.client_id
        login = (self.section.client_id, self._secret) if self._secret else None
        body = self._fetch(self.provider().token_endpoint, data=asked, login=login)
        try:
            token = msgspec.json.decode(body, type=Tokens).id_token
        except msgspec.DecodeError as error:
            raise Refused("the provider's answer holds no identity") from error
        return self._told(self._claims(token, nonce, now))

    def provider(self) -> Provider:
        """Its discovery document. Unreachable when it cannot be had, Refused when it speaks for another."""
        with self._lock:
            if self._provider is None or time.monotonic() - self._provider[0] > _FRESH_S:
                self._provider = (time.monotonic(), self._discover())
            return self._provider[1]

    def _discover(self) -> Provider:
        issuer = self.section.issuer
        body = self._fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            found = msgspec.json.decode(body, type=Provider)
        except msgspec.DecodeError as error:
            raise Unreachable("the provider's discovery document cannot be read", where=issuer) from error
        if found.issuer != issuer:
            raise Refused(f"the provider calls itself {found.issuer!r:.100}, the configuration {issuer!r:.100}")
        for place in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            _demand_safe(place, issuer)
        return found

    def _claims(self, token: str, nonce: str, now: float) -> Mapping[str, Any]:
        """The checked claims of an ID token (OpenID Connect Core 1.0 §3.1.3.7)."""
        try:
            decoded = self._decode(token)
            demanded: dict[str, Any] = {
                "iss": {"essential": True, "value": self.section.issuer},
                "aud": {"essential": True, "value": self.section.client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            }
            jwt.JWTClaimsRegistry(now=int(now), leeway=_LEEWAY_S, **demanded).validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Refused(f"the provider's word does not hold: {type(error).__name__}") from error
        authorized = decoded.claims.get("azp")
        if authorized is not None and authorized != self.section.client_id:
            raise Refused("the provider's word was meant for another")
        return decoded.claims

    def _decode(self, token: str) -> jwt.Token:
        """A key that is not known yet may be a new one: the keys are fetched once more."""
        try:
            return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError, KeyError):
            return jwt.decode(token, self._key_set(anew=True), algorithms=ALGORITHMS)

    def _key_set(self, *, anew: bool = False) -> KeySet:
        place = self.provider().jwks_uri
        with self._lock:
            age_s = time.monotonic() - self._keys[0] if self._keys else _FRESH_S
            if self._keys is None or age_s > _FRESH_S or (anew and age_s > 1):
                self._keys = (time.monotonic(), KeySet.import_key_set(msgspec.json.decode(self._fetch(place))))
            return self._keys[1]

    def _told(self, claims: Mapping[str, Any]) -> Told:
        role = _highest(claims.get(self.section.role_claim), self.section.roles)
        name, subject = claims.get(self.section.name_claim), claims["sub"]
        if role is None:
            raise Refused("the provider knows you, but nothing that it says gives you a role here")
        if not isinstance(name, str) or not name or not isinstance(subject, str) or len(subject) > _LENGTH_MAX:
            raise Refused(f"the provider does not say {self.section.name_claim!r}")
        return Told(issuer=self.section.issuer, subject=subject, name=name[:_LENGTH_MAX], role=role)

    def _fetch(
        self, place: str, *, data: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> bytes:
        try:
            with (
                httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
                client.stream("POST" if data else "GET", place, data=data, auth=login) as answer,
            ):
                body = b""
                for block in answer.iter_bytes():
                    body += block
                    if len(body) > _BODY_BYTES_MAX:
                        raise Unreachable("the provider's answer is too long", where=place)
                if answer.status_code != httpx.codes.OK:
                    raise Refused(f"the provider answered {answer.status_code}")
                return body
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"the provider cannot be reached: {type(error).__name__}", where=place) from error


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _demand_safe(place: str, issuer: str) -> None:
    """https; plain http only from a loopback issuer to loopback."""
    here, there = urlsplit(issuer), urlsplit(place)
    if there.scheme != "https" and not (here.scheme == "http" and there.hostname == here.hostname):
        raise Refused(f"the provider names an address without TLS: {place!r:.100}")


def _highest(claim: object, roles: Mapping[str, Role]) -> Role | None:
    values = [claim] if isinstance(claim, str) else claim if isinstance(claim, list) else []
    found = {roles[value] for value in values[:_VALUES_MAX] if isinstance(value, str) and value in roles}
    return max(found, key=ROLES.index, default=None)
