"""What a policy decides really leaves by its way: a gateway, a folder of letters, the call list, a webhook, mail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.channels.gateway import gateway
from tests.scenes.conftest import Scenes
from tests.scenes.scene import ISP, Scene
from tocsin.book import steps
from tocsin.pipeline.calls import listed
from tocsin.pipeline.case_page import case_again, letter_bytes

FAST = ISP(notices=(("send", True), ("share_max", 1.0), ("rest_days", 1)))
PHONE, HOME = "+4915112345678", "Musterweg 12|12345 Musterstadt"
SMS = '[sms]\nvia = "http"\nurl = "{url}"\nsender = "SceneNet"\nper_minute = 100000\n'
WEBHOOK = '[webhook]\nvia = "http"\nurl = "{url}"\nsecret_file = "secret"\nper_minute = 100000\n'
LETTER = '[letter]\nvia = "folder"\nsender_address = ["Hauptstrasse 1", "12345 Musterstadt"]\n'


def policy(*steps: str) -> str:
    """Mail first, then these, each a day after the one before, when it has been seen again."""
    later = "".join(f'  {{ channel = "{channel}", after_days = 1 }},\n' for channel in steps)
    return f'[[followup]]\nsteps = [\n  {{ channel = "mail", when = "seen" }},\n{later}]\n'


def configured(scene: Scene, *sections: str) -> Scene:
    path = scene.folder / "tocsin.toml"
    path.write_text("\n".join((path.read_text("utf-8"), *sections)), encoding="utf-8")
    (scene.folder / "secret").write_text("a secret of more than 24 bytes\n", encoding="utf-8")
    (scene.folder / "secret").chmod(0o600)
    return scene


def told_twice(scene: Scene) -> None:
    """Anna is seen on Monday and on Tuesday: the first step on Monday, the second on Tuesday."""
    scene.household("anna", phone=PHONE, postal_address=HOME)
    scene.online("anna", "198.51.100.7", "01:00", "Wed 01:00")
    scene.sinkhole("03:16:38", "198.51.100.7")
    scene.run("14:00")
    scene.sinkhole("Tue 03:16:38", "198.51.100.7")
    scene.run("Tue 15:00")


def taken(scene: Scene) -> list[tuple[int, str]]:
    [case] = scene.cases()
    with scene.house() as house, house.book.read() as tx:
        return [(each.step.step, each.step.channel) for each in steps.taken_of(tx, [case.case])[case.case]]


def shown(scene: Scene) -> tuple[str, str, str]:
    """To whom, under which heading and in which words the case's page shows the second notice; and its file's end."""
    [case] = scene.cases()
    with scene.house() as house:
        page = case_again(house.book, case.case, house.now)
        assert [step.step for step in page.steps] == [1, 2]
        [second] = [each for each in page.sent if each.notice.channel != "mail"]
        reference = second.notice.notice
        raw, suffix = letter_bytes(house.book, case.case, reference, actor="lena", reason="test", at=house.now)
    assert second.letter is not None
    assert raw
    return second.letter.to, second.letter.text, suffix


@pytest.mark.parametrize(("channel", "section"), [("sms", SMS), ("webhook", WEBHOOK)])
def test_a_second_step_leaves_over_http(scenes: Scenes, channel: str, section: str) -> None:
    with gateway() as server:
        scene = configured(scenes(FAST), section.format(url=server.url()), policy(channel))
        told_twice(scene)
        [asked] = server.asked
    [letter] = scene.letters()
    assert letter.to == "anna"
    assert taken(scene) == [(1, "mail"), (2, channel)]
    said = json.loads(asked.body)
    if channel == "sms":
        assert said["to"] == PHONE
        assert "http" not in said["text"]
    else:
        assert "C-anna" in asked.body.decode()
    assert {(notice.channel, notice.state) for notice in scene.notices()} == {("mail", "sent"), (channel, "sent")}
    assert scene.states() == {"anna": "escalated"}
    to, text, suffix = shown(scene)
    assert (to, suffix) == ((PHONE, "txt") if channel == "sms" else ("anna@post.example", "json"))
    assert text == (said["text"] if channel == "sms" else asked.body.decode())


def test_a_second_step_is_printed(scenes: Scenes) -> None:
    scene = configured(scenes(FAST), LETTER, policy("letter"))
    told_twice(scene)
    [pdf] = (scene.data / "letters").rglob("*.pdf")
    assert Path(pdf).read_bytes().startswith(b"%PDF-")
    to, text, suffix = shown(scene)
    assert (to, suffix) == (HOME.replace("|", ", "), "pdf")
    assert text.endswith("bytes of PDF, to be downloaded below")
    assert {(notice.channel, notice.state) for notice in scene.notices()} == {("mail", "sent"), ("letter", "sent")}


def test_a_second_step_waits_on_the_call_list(scenes: Scenes) -> None:
    scene = configured(scenes(FAST), policy("call"))
    told_twice(scene)
    with scene.house() as house:
        [call] = listed(house.book, house.now)
    assert call.is_due
    assert {(notice.notice == call.notice, notice.channel, notice.state) for notice in scene.notices()} == {
        (False, "mail", "sent"),
        (True, "call", "queued"),
    }


def test_a_reminder_may_tell_of_what_is_older_than_a_first_notice_may(scenes: Scenes) -> None:
    """Nothing new for eight days: the letter to whoever has not read leaves all the same."""
    remind = '[[followup]]\nsteps = [{ channel = "mail", when = "seen" },'
    remind += '{ channel = "letter", after_days = 8, when = "unread" }]\n'
    scene = configured(scenes(FAST), LETTER, remind)
    scene.household("anna", phone=PHONE, postal_address=HOME)
    scene.online("anna", "198.51.100.7", "01:00", "Tue 01:00")
    scene.sinkhole("03:16:38", "198.51.100.7")
    scene.run("14:00")
    scene.run("2026-12-01 13:00")
    assert len(list((scene.data / "letters").rglob("*.pdf"))) == 0
    scene.run("2026-12-01 15:00")
    assert len(list((scene.data / "letters").rglob("*.pdf"))) == 1
    assert scene.states() == {"anna": "escalated"}


def test_without_a_telephone_number_the_letter_comes_instead(scenes: Scenes) -> None:
    with gateway() as server:
        scene = configured(scenes(FAST), SMS.format(url=server.url()), LETTER, policy("sms", "letter"))
        scene.household("anna", postal_address=HOME)
        scene.online("anna", "198.51.100.7", "01:00", "Thu 01:00")
        passed = []
        for day in ("", "Tue ", "Wed "):
            scene.sinkhole(f"{day}03:16:38", "198.51.100.7")
            passed.append(scene.run(f"{day}15:00").notified.passed)
        assert (server.asked, passed) == ([], [0, 1, 0])
    assert taken(scene) == [(1, "mail"), (2, "sms"), (3, "letter")]
    assert any("passed over: the contract names no telephone number" in said for said in scene.cases()[0].reasons)
    assert {(notice.channel, notice.state) for notice in scene.notices()} == {("mail", "sent"), ("letter", "sent")}
