"""One line from the first sighting to the last word: mail, SMS, the garden at a real FreeRADIUS, a letter, quiet.

Anna's router gets another address every day. What is asserted after each step is what a person would ask: where does
the case stand, who brought it there, when and why; what has left; which step of the policy it was.
"""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.channels.gateway import Gateway, gateway
from tests.delivery.test_real_smtp import Box, aiosmtpd_server
from tests.garden.conftest import CONFIG
from tests.real.coa import AccessServer, access_server
from tests.real.radius import INSTALLED, WHY_NOT
from tests.scenes import feeds
from tests.scenes.conftest import Scenes
from tests.scenes.moments import MONDAY, moment
from tests.scenes.scene import ISP, Scene, login
from tests.scenes.test_policy_ways import HOME, LETTER, PHONE, SMS, configured
from tocsin.book import cases as book_cases
from tocsin.book import quarantines, steps
from tocsin.garden import queue
from tocsin.garden.queue import Wish
from tocsin.pipeline import garden_acts
from tocsin.pipeline.garden import garden_round
from tocsin.pipeline.garden_acts import Actor

pytestmark = pytest.mark.skipif(not INSTALLED, reason=WHY_NOT)

RULES = (("send", True), ("share_max", 1.0), ("rest_days", 1), ("quiet_days", 3), ("close_days", 2))
_DAY = timedelta(days=1)
_OTHER = "192.0.2.99"  # in another network: shows that the sinkhole lives
_GAP = (6, 7)  # Sunday and Monday, counted from the first Monday
POLICY = """
[[followup]]
kinds = ["infected-system"]
steps = [
  { channel = "mail", when = "seen" },
  { channel = "sms", after_days = 1 },
  { channel = "garden", after_days = 1 },
  { channel = "letter", after_days = 1 },
]
"""
MAIL = '[delivery]\nvia = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nper_minute = 100000\n'


def on(day: int, clock: str) -> str:
    """So many days after the first Monday."""
    return f"{(MONDAY + day * _DAY).date()} {clock}"


class Town:
    """The provider, its mail server, its gateway and its access server."""

    def __init__(self, scene: Scene, box: Box, sms: Gateway, nas: AccessServer) -> None:
        self.scene, self.box, self.sms, self.nas = scene, box, sms, nas
        harmless = {"line_kind": "private", "care_alarm": "no", "medical": "no"}
        scene.household("anna", phone=PHONE, postal_address=HOME, **harmless)
        for day in range(13):
            until, session = on(day + 1, "00:30"), f"a-{day}"
            scene.online("anna", self.address(day), on(day, "01:00"), until, session=session)
        scene.silent(on(_GAP[0], "00:00"), on(_GAP[1] + 1, "00:00"))
        kept = [record for record in scene._records["radius"] if not _is_lost(record)]
        scene._records["radius"] = kept

    @staticmethod
    def address(day: int) -> str:
        return f"198.51.100.{10 + day}"

    def seen(self, day: int, clock: str = "03:16:38") -> None:
        self.scene.sinkhole(on(day, clock), self.address(day))

    def delivered(self, *days: int) -> None:
        """The sinkhole has told of these days; nothing of Anna."""
        for day in days:
            self.scene.bring("event4_sinkhole", feeds.sinkhole(moment(on(day, "04:00")), _OTHER))

    def run(self, day: int, clock: str) -> None:
        self.scene.run(on(day, clock))

    def round(self, day: int, clock: str) -> None:
        self.scene.come(on(day, clock))
        with self.scene.house() as house:
            garden_round(house)

    def moves(self) -> list[tuple[str, str, str, datetime]]:
        """(state, who, why, when) of every line that moved the case."""
        with self.scene.house() as house, house.book.read() as tx:
            [case] = book_cases.case_rows(tx)
            found = book_cases.moves_of(tx, [case.case])
        before = ["", *(move.state for move in found)]
        return [(m.state, m.actor, m.reason, m.at) for m, was in zip(found, before, strict=False) if m.state != was]

    def steps(self) -> list[tuple[int, str, str]]:
        """(step, channel, state of its notice) of all that were taken."""
        with self.scene.house() as house, house.book.read() as tx:
            [case] = book_cases.case_rows(tx)
            rows = steps.taken_of(tx, [case.case])[case.case]
        return [(row.step.step, row.step.channel, row.state or "") for row in rows]

    def stay(self) -> quarantines.Quarantine:
        with self.scene.house() as house, house.book.read() as tx:
            [stay] = quarantines.newest(tx, 10)
        return stay

    @property
    def state(self) -> str:
        return self.scene.states()["anna"]


@pytest.fixture
def town(scenes: Scenes, tmp_path: object) -> Iterator[Town]:
    with ExitStack() as stack:
        port, box = stack.enter_context(aiosmtpd_server(None))
        sms = stack.enter_context(gateway())
        scene = scenes(ISP(notices=RULES))
        nas = stack.enter_context(access_server(scene.folder / "nas"))
        garden = CONFIG.format(port=nas.port, secret=nas.secret_file, more="")
        configured(scene, MAIL.format(port=port), SMS.format(url=sms.url()), LETTER, garden, POLICY)
        yield Town(scene, box, sms, nas)


def test_from_the_first_sighting_to_a_closed_case(town: Town) -> None:  # noqa: PLR0915 - it is one story
    # Monday: seen, and told by mail.
    town.seen(0)
    town.run(0, "14:00")
    assert (town.state, town.steps()) == ("notified", [(1, "mail", "sent")])
    _assert_mailed(town)

    # Tuesday: seen again at another address; told by SMS, and by nothing else.
    town.seen(1)
    town.run(1, "15:00")
    assert (town.state, town.steps()) == ("escalated", [(1, "mail", "sent"), (2, "sms", "sent")])
    assert len(town.box.came) == 1
    [asked] = town.sms.asked
    assert json.loads(asked.body)["to"] == PHONE
    assert "http" not in json.loads(asked.body)["text"]

    # Wednesday: seen again. The policy asks for the garden; the first time a person decides.
    town.seen(2)
    session = "a-2"
    town.nas.open(login("anna"), session, town.address(2), nas="nas-1")
    town.run(2, "16:00")
    assert town.steps()[-1] == (3, "garden", "")
    stay = town.stay()
    assert (stay.state, stay.asked_by) == ("asked", "policy")
    town.round(2, "16:10")
    assert town.nas.filters == {session: ""}, "nobody has approved it"
    with town.scene.house() as house:
        lena = Actor(name="lena", reason="mail and SMS did not help", at=house.now)
        garden_acts.approve(house.book, house.config, stay.quarantine, lena)
    town.round(2, "16:20")
    assert (town.state, town.stay().state, town.nas.filters) == ("quarantined", "active", {session: "garden"})

    # While the line is inside nothing else is done, whatever is seen.
    town.seen(2, "16:40:00")
    town.run(2, "17:00")
    assert len(town.steps()) == 3

    # Anna lets herself out, by the page whose wishes are files.
    queue.wish(town.scene.data, Wish(quarantine=stay.quarantine, asked_at=town.scene.now))
    town.round(2, "18:00")
    assert (town.state, town.stay().way, town.nas.filters) == ("released", "self", {session: "open"})

    # Thursday: seen again; the letter.
    town.seen(3, "19:16:38")
    town.run(3, "21:00")
    assert town.state == "escalated"
    assert town.steps()[2:] == [(3, "garden", ""), (4, "letter", "sent")]
    [pdf] = (town.scene.data / "letters").rglob("*.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert (len(town.box.came), len(town.sms.asked)) == (1, 1)

    # Friday and Saturday are silent and count. Of Sunday and Monday there is no log: by the calendar it would be quiet.
    town.delivered(4, 5)
    town.run(6, "02:00")
    town.delivered(6, 7)
    town.run(8, "15:00")
    assert moment(on(8, "15:00")) - moment(on(3, "19:16:38")) > 3 * _DAY
    assert town.state == "escalated", "a lost log is not a cure"

    # Tuesday counts: that is the third day.
    town.delivered(8)
    town.run(9, "02:00")
    assert town.state == "quiet"
    town.delivered(9, 10)
    town.run(11, "02:00")
    assert town.state == "closed"
    assert town.steps() == [(1, "mail", "sent"), (2, "sms", "sent"), (3, "garden", ""), (4, "letter", "sent")]
    _assert_the_whole_story(town, stay.quarantine)


def _assert_mailed(town: Town) -> None:
    [envelope] = town.box.came
    assert envelope.rcpt_tos == ["anna@post.example"]
    assert isinstance(envelope.content, bytes)
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    assert town.address(0) in body.get_content()


def _assert_the_whole_story(town: Town, stay: str) -> None:
    """Who, when, why: every move of the case, in order."""
    [mail, sms, letter] = [notice.notice for notice in sorted(town.scene.notices(), key=lambda each: each.decided_at)]
    again, gap = "it was seen again after the step before", "no log from 2026-11-29 to 2026-11-30"
    assert town.moves() == [
        ("open", "tocsin", "first seen by cert", moment(on(0, "14:00"))),
        ("notified", "tocsin", f"{mail} was decided", moment(on(0, "14:00"))),
        ("resighted", "tocsin", "seen again after the notice", moment(on(1, "15:00"))),
        ("escalated", "tocsin", f"{sms} was decided by sms, step 2: {again}", moment(on(1, "15:00"))),
        ("resighted", "tocsin", "seen again after the notice", moment(on(2, "16:00"))),
        (
            "escalated",
            "tocsin",
            f"step 3: {again}; {stay} is asked: the first time a person decides",
            moment(on(2, "16:00")),
        ),
        ("quarantined", "lena", f"{stay} is in the garden: step 3: {again}", moment(on(2, "16:20"))),
        (
            "released",
            "garden",
            f"{stay} is out of the garden (self): asked for at the garden's page",
            moment(on(2, "18:00")),
        ),
        ("resighted", "tocsin", "seen again after the garden", moment(on(3, "21:00"))),
        ("escalated", "tocsin", f"{letter} was decided by letter, step 4: {again}", moment(on(3, "21:00"))),
        ("quiet", "tocsin", f"quiet: 3 days counted, 2 did not: {gap}", moment(on(9, "02:00"))),
        ("closed", "tocsin", f"nothing seen: 5 days counted, 2 did not: {gap}", moment(on(11, "02:00"))),
    ]


def _is_lost(record: str) -> bool:
    stamp = int(record.rpartition("Timestamp = ")[2])
    return _GAP[0] <= (stamp - int(MONDAY.timestamp())) // 86_400 <= _GAP[1]
