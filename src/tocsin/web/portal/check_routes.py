"""`/check`: is this mail what it says it is? For everybody, also with no provider behind it (`--check-only`): then
there is no book and no subscriber, only a `place`.

A mail is held in memory until its answer is written; it is never stored and never logged.
"""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.book import codes
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.catalogue import page_words
from tocsin.notices.issuer import is_mail_address
from tocsin.pipeline.checking import Broken, Checkers, Looked, Means, Question, lists_folder
from tocsin.proof.known import Known, load_known, pin
from tocsin.terms.errors import TocsinError
from tocsin.web.portal.handing import receive
from tocsin.web.shared.clients import client_key
from tocsin.web.shared.limits import Limit, Limiter, slow
from tocsin.web.shared.logs import log
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Place, Site
from tocsin.web.shared.words import language_of, say

AnyRequest = Request[Any, Any, Any]
_LIMIT = Limit(burst=10, per_s=1 / 10)
FOUND_SHOWN = 8  # findings that stand open on the page; the others unfold


@get("/check", sync_to_thread=False)
def check_form(request: AnyRequest) -> Response[bytes]:
    """A file or a text, and what becomes of it."""
    return _form(request)


@get("/", sync_to_thread=False)
def check_first(request: AnyRequest) -> Response[bytes]:
    """The same, as the first page of a site that does nothing else."""
    return _form(request)


@post(
    "/check",
    status_code=200,
    request_max_body_size=None,  # receive() has bounds of its own
    opt={"exclude_from_csrf": True},  # receive() checks the token itself, before the mail
)
async def check_mail(request: AnyRequest, place: NamedDependency[Place]) -> Response[bytes]:
    """The answer, and what to do."""
    await slow(_limiter(request), client_key(request))
    handed = await receive(request, place)
    if handed.too_large:
        return _form(request, "too_large", status=413)
    if not handed.mail.strip():
        return _form(request, "missing", status=422)
    address = handed.fields.get("address", "").lower()
    question = Question(
        raw=handed.mail,
        language=language_of(request, place.language),
        at=place.clock(),
        means=means_of(request, place, address if is_mail_address(address) else ""),
        has_codes=isinstance(place, Site),
    )
    ask = partial(_checkers(request).check, question, partial(_notice_of, place))
    reply = await to_thread.run_sync(ask)
    if isinstance(reply, Looked):
        if reply.trouble:
            log().warning("a mail was checked without", error=reply.trouble)
        return answer_page(request, place, reply.answer)
    if isinstance(reply, Broken):
        log().error("a mail could not be checked to the end", error=reply.why)
        return page(request, "portal/check_broken.html.j2", status=200)
    return _form(request, "no_mail", status=422)


def answer_page(request: AnyRequest, place: Place, answer: Answer) -> Response[bytes]:
    """The household's check in the portal's look; every word of the mail is escaped."""
    return page(
        request,
        "portal/checked.html.j2",
        answer=answer,
        aloud=aloud_of(answer),
        say=page_words(answer.language),
        tone=TONES[answer.verdict],
        ours=isinstance(place, Site) and answer.has("code-held"),
        shown=FOUND_SHOWN,
    )


def aloud_of(answer: Answer) -> str:
    """What to read out: the check's own text is that of somebody who has run it at home."""
    own, here = (say("portal", answer.language, f"check.{name}", {}) for name in ("by_own_computer", "by_this_page"))
    return answer.aloud.replace(own, here, 1)


TONES = {"genuine": "good", "likely-genuine": "good", "unclear": "open", "likely-fake": "bad", "fake": "bad"}


def _form(request: AnyRequest, trouble: str = "", *, status: int = 200) -> Response[bytes]:
    return page(request, "portal/check.html.j2", status=status, trouble=trouble)


def means_of(request: AnyRequest, place: Place, address: str) -> Means:
    """What a check may look up: our own key first; in a site without a provider, what it was started with."""
    if not isinstance(place, Site):
        means: Means = request.app.state.get("check_means") or Means()
        known = means.known
    else:
        section = place.config.portal
        means = Means(lists=str(lists_folder(section.lists, place.config_file, place.data)), dns=section.dns)
        others = _others(place.config_file.parent / Path(section.known).expanduser()) if section.known else Known()
        own = pin(place.keys.proof.public, place.issuer.name)
        known = msgspec.structs.replace(others, keys=(own, *others.keys))
    return msgspec.structs.replace(means, known=msgspec.structs.replace(known, addresses=(address,) if address else ()))


def _others(path: Path) -> Known:
    """A file that cannot be used is passed over: a check that knows fewer is better than none."""
    try:
        return _loaded(path, path.stat().st_mtime_ns)
    except (TocsinError, OSError) as error:
        log().warning("the file of known issuers cannot be used", error=str(error))
        return Known()


@lru_cache(maxsize=4)
def _loaded(path: Path, _changed: int) -> Known:
    return load_known(path)


def _notice_of(place: Place, code_sha256: str) -> str | None:
    """The notice that was sent with this code, as long as it can be checked."""
    if not isinstance(place, Site):
        return None
    with place.book.read() as tx:
        told = codes.told_by_code(tx, code_sha256[:64], at=place.clock())
    return told.notice if told else None


def _checkers(request: AnyRequest) -> Checkers:
    found = request.app.state.get("checkers")
    if not isinstance(found, Checkers):
        found = request.app.state["checkers"] = Checkers()
    return found


def _limiter(request: AnyRequest) -> Limiter:
    found = request.app.state.get("check_limiter")
    if not isinstance(found, Limiter):
        found = request.app.state["check_limiter"] = Limiter(_LIMIT)
    return found


CHECK_ROUTES: list[Any] = [check_form, check_mail]
CHECK_ONLY_ROUTES: list[Any] = [check_first, *CHECK_ROUTES]
