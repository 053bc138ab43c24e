"""What is held of one subscriber: handed over or erased, by a lead, with a reason."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from tocsin.book import subject
from tocsin.pipeline.privacy import erase
from tocsin.pipeline.privacy.export import export
from tocsin.pipeline.work import enqueue
from tocsin.terms.errors import BadRequest
from tocsin.web.people.doors import step
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.shared.forms import read_form
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
Answer = Response[Any]
_Ref = Annotated[str, msgspec.Meta(max_length=100)]
_Reason = Annotated[str, msgspec.Meta(max_length=300)]
_MISSING = "A customer number and a reason, please."


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    ref: _Ref
    reason: _Reason


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    ref: _Ref
    again: _Ref
    reason: _Reason


@get("/privacy", guards=[needs("lead")], sync_to_thread=True)
def privacy(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """Both forms, and what has been erased."""
    return _page(request, site)


def _page(request: AnyRequest, site: Site, *, error: str = "", of: str = "", ref: str = "") -> Answer:
    with site.book.read() as tx:
        erasures = subject.erasures_of(tx)
    return page(
        request,
        "people/privacy.html.j2",
        status=422 if error else 200,
        erasures=erasures,
        error=error,
        of=of,
        ref=ref,
        kept=site.config.retention,
        lake_days=site.config.lake.retention_days,
    )


@post("/privacy/export", guards=[needs("lead")])
async def hand_over(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """The ZIP, as a download."""
    filled = await read_form(request, Wanted)
    return await to_thread.run_sync(_hand_over, request, site, filled.form, filled.value("ref"))


def _hand_over(request: AnyRequest, site: Site, form: Wanted | None, typed: str) -> Answer:
    if form is None:
        return _page(request, site, error=_MISSING, of="export", ref=typed)
    try:
        with site.house() as house:
            body = export(house, form.ref, reason=form.reason, actor=signed_in(request).name)
    except BadRequest as error:
        return _page(request, site, error=str(error), of="export", ref=typed)
    headers = {"Content-Disposition": 'attachment; filename="subscriber.zip"'}
    return Response(body, status_code=200, media_type="application/zip", headers=headers)


@post("/privacy/erase", guards=[needs("lead")])
async def forget(request: AnyRequest, site: NamedDependency[Site]) -> Answer:
    """Asked for here; a worker does it. The number is typed twice, since nothing brings anything back."""
    filled = await read_form(request, Gone)
    return await to_thread.run_sync(_forget, request, site, filled.form, filled.value("ref"))


def _forget(request: AnyRequest, site: Site, form: Gone | None, typed: str) -> Answer:
    if form is None:
        return _page(request, site, error="The customer number twice, and a reason, please.", of="erase", ref=typed)
    if form.ref != form.again:
        return _page(request, site, error="The two customer numbers are not the same.", of="erase", ref=typed)
    try:
        with site.house() as house:
            asked = erase.ask(house, form.ref, reason=form.reason, actor=signed_in(request).name)
    except BadRequest as error:
        return _page(request, site, error=str(error), of="erase", ref=typed)
    with site.book.write() as tx:
        enqueue(tx, erase.KIND, b"{}", site.clock(), key=f"erase {asked.subscriber}")
    return step("/privacy")


PRIVACY: list[Any] = [privacy, hand_over, forget]
