"""A feed or a mail through the browser: received, read by a worker as a named source, its rejects shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response, Stream

from tocsin.book import audit, jobs, uploads
from tocsin.book.evidence import Evidence
from tocsin.book.uploads import Upload
from tocsin.evidence.formats import readers
from tocsin.pipeline.uploads import Incoming, RejectRow, as_csv, rejects_of
from tocsin.pipeline.work import ReadUpload, enqueue
from tocsin.web.desk import spans
from tocsin.web.desk.receiving import Received, receive
from tocsin.web.people.guards import needs, signed_in
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

AnyRequest = Request[Any, Any, Any]
NEWEST_SHOWN = 25
REJECTS_SHOWN = 100
_NOBODY_WORKS_AFTER = timedelta(seconds=20)
_MB = 1_000_000


@get("/upload", guards=[needs("agent")], sync_to_thread=True)
def upload_form(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The form, and what was sent before."""
    return _form(request, site, {"source": request.query_params.get("source", "")[:100]}, "")


@post(
    "/upload",
    guards=[needs("agent")],
    status_code=200,
    request_max_body_size=None,  # receive() has bounds of its own
    opt={"exclude_from_csrf": True},  # receive() checks the token itself, before the file
)
async def upload(request: AnyRequest, site: NamedDependency[Site]) -> Response[Any]:
    """Takes one file, and asks a worker to read it."""
    received = await receive(request, site, site.config.web.upload_mb_max * _MB)
    incoming, trouble = received.incoming, await to_thread.run_sync(_trouble, site, received)
    if trouble or incoming is None:
        if incoming is not None:
            await to_thread.run_sync(incoming.drop)
        return await to_thread.run_sync(partial(_form, request, site, received.fields, trouble, status=400))
    await to_thread.run_sync(_take, site, received, incoming, signed_in(request).name)
    return Redirect(f"/upload/{incoming.upload}", status_code=303)


@get("/upload/{upload_id:str}", guards=[needs("agent")], sync_to_thread=True)
def upload_shown(request: AnyRequest, site: NamedDependency[Site], upload_id: FromPath[str]) -> Response[bytes]:
    """How far its reading is, and what came of it."""
    now = site.clock()
    with site.book.read() as tx:
        found = _find(uploads.find(tx, upload_id[:40]))
        job = jobs.find(tx, jobs.name_of("read-upload", found.upload))
        evidence = uploads.evidence_of(tx, found) if found.state == "read" else []
        running = jobs.is_unfinished(tx, "run")
    failed = job.result if job and job.state == "failed" and found.state != "read" else ""
    rejects = _rejects(site, evidence, REJECTS_SHOWN) if any(each.rejects for each in evidence) else []
    return page(
        request,
        "desk/upload_shown.html.j2",
        found=found,
        failed=failed,
        going=found.state in ("waiting", "reading") and not failed,
        nobody_works=found.state == "waiting" and now - found.at > _NOBODY_WORKS_AFTER,
        evidence=evidence,
        rejects=rejects,
        running=running,
        titles=site.config.titles(),
        ago=partial(spans.ago, now=now),
    )


@get("/upload/{upload_id:str}/rejects.csv", guards=[needs("agent")], sync_to_thread=True)
def rejects_csv(request: AnyRequest, site: NamedDependency[Site], upload_id: FromPath[str]) -> Stream:
    """Every reject, to be sent back to whoever wrote the feed."""
    with site.book.read() as tx:
        found = _find(uploads.find(tx, upload_id[:40]))
        evidence = uploads.evidence_of(tx, found)
    headers = {"Content-Disposition": f'attachment; filename="rejects-{found.upload[:8]}.csv"'}
    return Stream(_csv(site, evidence), media_type="text/csv", headers=headers)


def _csv(site: Site, evidence: list[Evidence]) -> Iterator[bytes]:
    with site.house() as house:
        yield from as_csv(rejects_of(house.lake, evidence))


def _rejects(site: Site, evidence: list[Evidence], limit: int) -> list[RejectRow]:
    with site.house() as house:
        return list(rejects_of(house.lake, evidence, limit))


def _find(found: Upload | None) -> Upload:
    if found is None:
        raise NotFoundException("There is no such upload.")
    return found


def _trouble(site: Site, received: Received) -> str:
    """What stands in the way of reading it, in words."""
    source, reader = received.fields.get("source", ""), received.fields.get("reader", "")
    if received.trouble:
        return received.trouble
    if received.incoming is None:
        return "Choose a file."
    if source not in {each.name for each in site.config.sources}:
        return "Say whose it is: choose a source."
    if reader and reader not in readers():
        return "Choose a format of the list."
    return "The file is empty." if received.incoming.bytes == 0 else ""


def _take(site: Site, received: Received, incoming: Incoming, actor: str) -> None:
    """The file is known and its reading asked for, both or neither."""
    now, source = site.clock(), received.fields["source"]
    new = Upload(
        upload=incoming.upload,
        at=now,
        sent_by=actor,
        source=source,
        reader=received.fields.get("reader") or None,
        name=incoming.name,
        bytes=incoming.bytes,
        sha256=received.sha256,
    )
    payload = msgspec.json.encode(ReadUpload(new.upload))
    with site.book.write() as tx:
        uploads.add(tx, new)
        enqueue(tx, "read-upload", payload, now, key=new.upload)
        what = f"{new.name} ({new.bytes} bytes, SHA-256 {new.sha256[:16]}) as {source}"
        audit.append(tx, at=now, actor=actor, action="upload", object=what, reason=received.fields.get("reason", ""))


def _form(
    request: AnyRequest, site: Site, values: dict[str, str], trouble: str, *, status: int = 200
) -> Response[bytes]:
    now = site.clock()
    with site.book.read() as tx:
        newest = uploads.newest(tx, NEWEST_SHOWN)
    return page(
        request,
        "desk/upload.html.j2",
        status=status,
        values=values,
        trouble=trouble,
        sources=site.config.sources,
        formats=readers(),
        titles=site.config.titles(),
        newest=newest,
        mb_max=site.config.web.upload_mb_max,
        ago=partial(spans.ago, now=now),
    )


ROUTES: list[Any] = [upload_form, upload, upload_shown, rejects_csv]
