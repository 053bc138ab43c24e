"""A process that sends short messages is killed at every step: nothing is lost, nobody gets a message twice."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from tests.channels.gateway import gateway
from tests.channels.provider import decide, provider, sms_section
from tests.delivery import post_office
from tests.delivery.killed import deliver_in_a_child
from tocsin.pipeline.outbox import queue_decided


def test_killed_at_every_step_a_message_goes_once_or_nobody_knows(tmp_path: Path) -> None:
    with gateway() as server:
        template = tmp_path / "template"
        with provider(template, sms_section(server.url())) as house:
            name = decide(house, "sms")
            assert list(queue_decided(house)) == []
        told = tmp_path / "points"
        whole = shutil.copytree(template, tmp_path / "whole")
        assert deliver_in_a_child(whole, told=told) == 0
        points = told.read_text("utf-8").splitlines()
        assert sum(point == "before Wire.send" for point in points) == 2, "all but the last byte, and that"
        uncertain = 0
        for place, point in enumerate(points):
            server.asked.clear()
            folder = shutil.copytree(template, tmp_path / f"at-{place}")
            assert deliver_in_a_child(folder, kill_at=place) == -signal.SIGKILL, point
            assert deliver_in_a_child(folder) == 0
            with post_office.open_house(folder) as house:
                state, _ = post_office.state_of(house.book, name)
            came = len(server.asked)
            assert (state, came) in {("sent", 1), ("uncertain", 0), ("uncertain", 1)}, (point, state, came)
            uncertain += state == "uncertain"
        assert uncertain, "some kills lay between the note and the answer's"
