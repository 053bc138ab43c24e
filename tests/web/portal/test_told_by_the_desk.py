"""What people of ours do to a case and write to its subscriber stands in the notice, for its own reader alone."""

from __future__ import annotations

import pytest

from tests.web.portal.portal_world import HOME, Client, check, home_notice, look
from tests.web.portal.test_said import opened
from tocsin.book import notices
from tocsin.cases.moves import State
from tocsin.pipeline.case_acts import Deed, act_on_cases, note_on_case
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES, say


def _deed(site: Site, form: str) -> Deed:
    return Deed(actor="ada-operator", reason="ticket 7", at=site.clock(), form=form)


def test_a_note_to_the_subscriber_is_read_by_whoever_proves_to_be_meant(
    sqlite_client: Client, sqlite_site: Site
) -> None:
    notice = home_notice(sqlite_site)
    with sqlite_site.book.read() as tx:
        case = notices.cases_of(tx, notice.notice)[0]
    for audience, text in (("subscriber", "<b>Call us</b>\nany time."), ("colleagues", "rings every day")):
        note_on_case(sqlite_site.book, case, audience, text, _deed(sqlite_site, audience))  # type: ignore[arg-type]
    assert "Call us" not in check(sqlite_client, notice.code, address=HOME).text
    text = look(opened(sqlite_client, sqlite_site), "/notice", address=HOME).text
    assert "&lt;b&gt;Call us&lt;/b&gt;\nany time." in text
    assert "rings every day" not in text
    assert "ada-operator" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_case_has_words_for_its_reader(language: str) -> None:
    for state in State:
        assert say("portal", language, f"notice.state_{state.replace('-', '_')}", {})


@pytest.mark.parametrize(
    ("action", "told"),
    [("hold", "A person is looking at it"), ("false-positive", "it was a mistake"), ("close", "It is over")],
)
def test_what_a_person_decided_is_said(sqlite_client: Client, sqlite_site: Site, action: str, told: str) -> None:
    with sqlite_site.book.read() as tx:
        cases = notices.cases_of(tx, home_notice(sqlite_site).notice)
    act_on_cases(sqlite_site.book, cases, action, _deed(sqlite_site, "a form"))
    assert told in look(opened(sqlite_client, sqlite_site), "/notice", address=HOME).text
