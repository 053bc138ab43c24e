"""A real FreeRADIUS takes our CoA and Disconnect requests, and we understand what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.real.coa import AccessServer, access_server
from tests.real.radius import INSTALLED, WHY_NOT
from tocsin.garden.answers import Answer
from tocsin.garden.config import GardenSection, NasSection
from tocsin.garden.order import Order
from tocsin.garden.tell import tell

pytestmark = pytest.mark.skipif(not INSTALLED, reason=WHY_NOT)
ANNA = Order(
    what="enclose",
    quarantine="G-1",
    nas="bng-1",
    session="0000A7F3",
    login="anna@dsl.example",
    address="203.0.113.7",
    at=datetime(2026, 11, 24, 3, 16, tzinfo=UTC),
)


@pytest.fixture
def nas(tmp_path: Path) -> Iterator[AccessServer]:
    with access_server(tmp_path / "nas") as opened:
        opened.open(ANNA.login, ANNA.session, ANNA.address)
        yield opened


def told(nas: AccessServer, order: Order, **more: object) -> Answer:
    how = {
        "server": f"127.0.0.1:{nas.port}",
        "secret_file": str(nas.secret_file),
        "enclose": {"Filter-Id": "garden"},
        "release": {"Filter-Id": "open"},
        "timeout_s": 10.0,
        "tries": 2,
    }
    entry = msgspec.convert({"name": "all", **how, **more}, NasSection)
    return tell(GardenSection(nas=(entry,)), order, Path("/"))


def test_a_session_is_enclosed_and_let_out(nas: AccessServer) -> None:
    assert told(nas, ANNA).next == "done"
    assert nas.filters == {ANNA.session: "garden"}
    assert told(nas, msgspec.structs.replace(ANNA, what="release")).next == "done"
    assert nas.filters == {ANNA.session: "open"}


def test_the_request_names_server_session_login_and_address(nas: AccessServer) -> None:
    told(nas, ANNA)
    [heard] = nas.heard
    assert heard["NAS-Identifier"] == "bng-1"
    assert (heard["User-Name"], heard["Acct-Session-Id"]) == (ANNA.login, ANNA.session)
    assert heard["Framed-IP-Address"] == ANNA.address
    assert heard["Event-Timestamp"].startswith("Nov 24 2026 03:16:00")


@pytest.mark.parametrize("field", ["session", "login", "address", "nas"])
def test_a_session_of_which_anything_has_changed_is_left_alone(nas: AccessServer, field: str) -> None:
    other = {"session": "0000A7F4", "login": "eve@dsl.example", "address": "203.0.113.8", "nas": "bng-2"}
    answer = told(nas, msgspec.structs.replace(ANNA, **{field: other[field]}))
    assert (answer.next, answer.cause) == ("gone", 503)
    assert nas.filters == {ANNA.session: ""}


def test_two_sessions_that_fit_stop_for_a_person(nas: AccessServer) -> None:
    nas.open(ANNA.login, ANNA.session, ANNA.address)
    answer = told(nas, ANNA)
    assert (answer.next, answer.cause) == ("person", 508)
    assert "others would be struck" in answer.words


def test_a_disconnect_ends_the_session(nas: AccessServer) -> None:
    assert told(nas, ANNA, disconnect=True, enclose={}, release={}).next == "done"
    assert nas.filters == {}
    assert nas.heard[0]["Filter-Id"] == ""


def test_a_server_that_is_busy_is_asked_again_later(nas: AccessServer) -> None:
    nas.says(506)
    assert told(nas, ANNA).next == "later"


def test_a_wrong_secret_is_answered_by_silence(nas: AccessServer) -> None:
    nas.secret_file.write_text("another\n")
    answer = told(nas, ANNA, timeout_s=0.5)
    assert (answer.next, answer.sent) == ("later", True)
    assert nas.heard == []


def test_an_answer_without_message_authenticator_is_not_believed(tmp_path: Path) -> None:
    with access_server(tmp_path / "nas", signs=False) as nas:
        nas.open(ANNA.login, ANNA.session, ANNA.address)
        answer = told(nas, ANNA)
    assert (answer.next, answer.sent) == ("person", True)
    assert "Message-Authenticator" in answer.words
