"""`/who`: who we are, our key, a sample notice; and the same for programs under `/.well-known/`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.notices.issuer import Issuer
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.outline import Block, outline
from tocsin.proof.facts import Facts, Trouble
from tocsin.proof.keylist import KeyList, listed_key, make_key_list
from tocsin.proof.keys import SecretKey, fingerprint
from tocsin.proof.known import format_known
from tocsin.terms.moments import format_moment
from tocsin.web.portal.plain import day_text
from tocsin.web.portal.visiting import AnyRequest
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES, language_of

_LIST_LASTS = timedelta(days=30)
_SECURITY_LASTS = timedelta(days=180)  # RFC 9116 §2.5.5: less than a year
_SAMPLE_CODE = "ABCDE-FGH1J-K2MN"  # its check character is wrong: no notice can have it
_SEEN_AT = datetime(2026, 3, 4, 3, 16, 38, tzinfo=UTC)
_OPEN = {
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


@get("/who", sync_to_thread=False)
def who(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """How to recognise us, and to check it without us."""
    language = language_of(request, site.language)
    key = site.keys.proof
    texts = {name: words(request, "portal", f"sample.{name}") for name in ("name", "source")}
    return page(
        request,
        "portal/who.html.j2",
        issuer=site.issuer,
        key=key,
        fingerprint=fingerprint(key),
        valid_from=day_text(key.not_before, language, site.zone),
        valid_until=day_text(key.not_after, language, site.zone),
        known=format_known([(key.public, site.issuer.name)], []),
        sample=sample(site.issuer, language, texts["name"], texts["source"]),
    )


@lru_cache(maxsize=16)
def sample(issuer: Issuer, language: str, name: str, source: str) -> tuple[Block, ...]:
    """A whole notice about nobody."""
    trouble = Trouble(
        kind="infected-system",
        role="infected",
        address="192.0.2.47",
        seen_at=_SEEN_AT,
        source=source,
        count=12,
        first_at=_SEEN_AT - timedelta(days=1, hours=6, minutes=11),
        malware="mirai",
        port=40512,
        protocol="tcp",
        source_ref="EXAMPLE-4711",
    )
    facts = Facts(
        notice="N-EXAMPLE",
        issuer=issuer.domain,
        issuer_name=issuer.name,
        recipient="anna@mail.example",
        name=name,
        line="···· 4711",
        language=language,
        zone=issuer.zone,
        troubles=(trouble,),
        issued_at=_SEEN_AT + timedelta(hours=8),
        expires_at=_SEEN_AT + timedelta(days=30),
        code_sha256="",
    )
    return outline(facts, _SAMPLE_CODE, issuer, catalogue(language))


@get("/.well-known/tocsin-keys.json", sync_to_thread=False)
def key_document(site: NamedDependency[Site]) -> Response[bytes]:
    """Our key as a list of one, signed with itself: for programs that read a clearing house's lists."""
    day = site.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    body = _key_list(site.keys.proof, site.issuer.name, day)
    return Response(body, media_type="application/json", headers=_OPEN)


@lru_cache(maxsize=4)
def _key_list(key: SecretKey, name: str, day: datetime) -> bytes:
    listed = KeyList(
        publisher=key.issuer,
        number=day.toordinal(),
        issued_at=day,
        expires_at=day + _LIST_LASTS,
        keys=(listed_key(key.public, name),),
    )
    return make_key_list(listed, key)


@get("/.well-known/security.txt", sync_to_thread=False)
def security_txt(site: NamedDependency[Site]) -> Response[bytes]:
    """RFC 9116."""
    url = site.web.url_of("portal")
    day = site.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {site.config.portal.security_contact or f'{url}/who'}",
        f"Expires: {format_moment(day + _SECURITY_LASTS)}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {url}/.well-known/security.txt",
    )
    text = "".join(f"{line}\n" for line in lines)
    return Response(text.encode(), media_type="text/plain", headers=_OPEN)


WHO_ROUTES: list[Any] = [who, key_document, security_txt]
