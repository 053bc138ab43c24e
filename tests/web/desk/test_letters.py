"""Previews of letters: every one may leave, and none of them proves anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.demo_site import NOW
from tocsin.mailcheck.check import check_mail
from tocsin.pipeline.letters import Sample, languages, preview, samples, verdicts
from tocsin.proof.known import Known, pin
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    """What the book is asked here is tested on both databases in tests/book/test_figures.py."""
    return sqlite_site


def test_every_letter_in_every_language_may_leave(sqlite_site: Site) -> None:
    found = verdicts(sqlite_site.issuer, NOW)
    assert len(found) == len(languages()) * sum(map(len, samples().values()))
    assert {sample: refused for sample, refused in found.items() if refused} == {}


def test_a_preview_is_no_notice_of_ours(sqlite_site: Site) -> None:
    """Who has pinned the real key does not believe it: nobody can make genuine letters at the desk."""
    shown = preview(sqlite_site.issuer, Sample("en", "infected", "infected-system"), NOW)
    assert shown.known.verdict == "genuine"
    ours = Known(keys=(pin(sqlite_site.keys.proof.public, sqlite_site.issuer.name),))
    assert check_mail(shown.raw, known=ours, at=NOW).verdict not in ("genuine", "likely-genuine")


@pytest.mark.parametrize("language", languages())
def test_the_page_shows_letter_verdict_and_findings(as_role: AsRole, language: str) -> None:
    text = (
        as_role("viewer").get("/letters", params={"letter": language, "role": "attacker", "kind": "brute-force"}).text
    )
    for said in ("It may leave", "genuine", "What our own checker finds", f'lang="{language}"', "192.0.2.44"):
        assert said in text


def test_all_of_them_on_one_page(as_role: AsRole) -> None:
    text = as_role("viewer").get("/letters", params={"all": "1"}).text
    assert text.count('class="tag good"') >= len(languages()) * 10


def test_the_sample_comes_as_a_mail(as_role: AsRole) -> None:
    answer = as_role("viewer").get("/letters/sample.eml", params={"letter": "de"})
    assert answer.headers["content-type"].startswith("message/rfc822")
    assert b"Tocsin-Proof" in answer.content or b"DKIM-Signature" in answer.content


@pytest.mark.parametrize("asked", [{"letter": "xx"}, {"role": "victim"}, {"kind": "<script>"}])
def test_a_letter_that_there_is_none_of_is_not_found(as_role: AsRole, asked: dict[str, str]) -> None:
    assert as_role("viewer").get("/letters", params=asked).status_code == 404


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_same_notice_is_shown_by_every_channel(as_role: AsRole, language: str) -> None:
    viewer = as_role("viewer")
    query = f"letter={language}&role=infected&kind=infected-system"
    shown = viewer.get(f"/letters?{query}").text
    for told in ("Short message", "may leave", "ucs-2" if language == "hi" else "gsm-7", "notice.decided"):
        assert told in shown
    paper = viewer.get(f"/letters/sample.pdf?{query}")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert viewer.get("/letters/sample.pdf?letter=xx").status_code == 404
