"""Letters: what each looks like, in every language and for every kind, and what the mail checker says of it."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Response

from tocsin.pipeline.channel_previews import Others, others, paper
from tocsin.pipeline.letters import Preview, Sample, languages, preview, samples, verdicts
from tocsin.terms.errors import TocsinError
from tocsin.web.people.guards import needs
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES

AnyRequest = Request[Any, Any, Any]
VERDICT_MARKS = {"genuine": "good", "likely-genuine": "good", "unclear": "open", "likely-fake": "bad", "fake": "bad"}
EFFECT_MARKS = {"supports": "good", "contradicts": "bad", "neutral": "quiet", "unchecked": "open"}


@get("/letters", guards=[needs("viewer")], sync_to_thread=True)
def letters(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """One letter, the same by the other channels, and the checker's word; with `?all=1` its word on all of them."""
    sample = _sample(request, site)
    shown, trouble = None, ""
    beside: Others | None = None
    try:
        shown = preview(site.issuer, sample, site.clock())
        beside = others(site.issuer, sample, site.clock(), site.config.sms.parts_max)
    except TocsinError as error:
        trouble = str(error)
    every = verdicts(site.issuer, site.clock()) if request.query_params.get("all") == "1" else {}
    return page(
        request,
        "desk/letters.html.j2",
        sample=sample,
        shown=shown,
        others=beside,
        trouble=trouble,
        samples=samples(),
        letter_languages={each: LANGUAGES.get(each, each) for each in languages()},
        every={(each.language, each.role, each.kind): refused for each, refused in every.items()},
        verdict_marks=VERDICT_MARKS,
        effect_marks=EFFECT_MARKS,
        sending=site.config.notices.send,
    )


@get("/letters/sample.eml", guards=[needs("viewer")], sync_to_thread=True)
def sample_mail(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The same letter as a mail, to be opened in a mail program. Its keys are nobody's."""
    shown: Preview = preview(site.issuer, _sample(request, site), site.clock())
    name = f"sample-{shown.sample.language}-{shown.sample.role}.eml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(shown.raw, media_type="message/rfc822", headers=headers)


@get("/letters/sample.pdf", guards=[needs("viewer")], sync_to_thread=True)
def sample_paper(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The same letter on paper."""
    sample = _sample(request, site)
    try:
        raw = paper(site.issuer, sample, site.clock(), site.config.letter, site.config_file.parent)
    except TocsinError as error:
        raise NotFoundException(str(error)) from error
    headers = {"Content-Disposition": f'attachment; filename="sample-{sample.language}-{sample.role}.pdf"'}
    return Response(raw, media_type="application/pdf", headers=headers)


def _sample(request: AnyRequest, site: Site) -> Sample:
    """What is asked for; without that the provider's own language and the most frequent letter."""
    known = samples()
    language = request.query_params.get("letter", site.config.issuer.language)
    role = request.query_params.get("role", next(iter(known)))
    kind = request.query_params.get("kind") or next(iter(known.get(role, ())), "")
    if language not in languages() or kind not in known.get(role, ()):
        raise NotFoundException("There is no such letter.")
    return Sample(language, role, kind)


ROUTES: list[Any] = [letters, sample_mail, sample_paper]
