"""A case goes quiet by days on which it could have been seen, whatever the calendar says: through the whole chain."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenes import feeds, radius
from tests.scenes.conftest import Scenes
from tests.scenes.moments import MONDAY, moment
from tests.scenes.scene import ISP, Scene

_DAY = timedelta(days=1)
_OTHER = "192.0.2.99"  # somebody else's trouble, in another network: what shows that the sinkhole lives
_HOME, _NEXT = "198.51.100.7", "198.51.100.8"


def _on(number: int, clock: str = "00:30") -> str:
    """So many days after the Monday on which the line was seen."""
    return f"{(MONDAY + number * _DAY).date()} {clock}"


def _infected(scene: Scene, *, days: int = 24, sources: tuple[str, ...] = ("cert",)) -> None:
    """Anna's line is on all the time, and was seen on Monday."""
    scene.household("anna")
    scene.online("anna", _HOME, "01:00", _on(days, "12:00"))
    for source in sources:
        scene.sinkhole("03:16:38", _HOME, source=source)
    scene.run("14:00")
    assert scene.states() == {"anna": "notified"}


def _deliver(scene: Scene, first: int, last: int, *, source: str = "cert") -> None:
    """Each of these days the sinkhole was touched by somebody."""
    for number in range(first, last + 1):
        day = f"{(MONDAY + number * _DAY).date()}"
        scene.bring(f"event4_sinkhole-{day}", *[feeds.sinkhole(moment(f"{day} 04:00"), _OTHER)], source=source)


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports named after their day have the columns of all."""
    for number in range(40):
        name = f"event4_sinkhole-{(MONDAY + number * _DAY).date()}"
        monkeypatch.setitem(feeds.COLUMNS, name, feeds.COLUMNS["event4_sinkhole"])


def test_fourteen_days_that_count_make_a_case_quiet(scene: Scene) -> None:
    _infected(scene)
    _deliver(scene, 1, 14)
    scene.run(_on(14, "23:30"))
    assert scene.states() == {"anna": "notified"}  # the last day is not over
    scene.run(_on(15))
    assert scene.states() == {"anna": "quiet"}
    assert scene.cases()[0].reasons[-1] == "quiet: 14 days counted"


def test_a_dead_sinkhole_is_no_cure(scene: Scene) -> None:
    _infected(scene)
    _deliver(scene, 1, 5)
    scene.run(_on(20))
    assert scene.states() == {"anna": "notified"}


def test_days_of_a_lost_log_do_not_count_until_it_comes_after_all(scene: Scene) -> None:
    _infected(scene)
    _deliver(scene, 1, 15)
    lost = [record for record in scene._records["radius"] if _of_day(record, 3, 5)]
    scene._records["radius"] = [record for record in scene._records["radius"] if record not in lost]
    scene.silent(_on(3, "00:00"), _on(6, "00:00"))
    scene.run(_on(16))
    assert scene.states() == {"anna": "notified"}
    scene.write(*lost, *_heartbeats(3, 5))
    scene.run(_on(16, "01:30"))
    assert scene.states() == {"anna": "quiet"}
    assert scene.cases()[0].reasons[-1] == "quiet: 15 days counted"


def test_the_reason_names_the_days_that_do_not_count(scene: Scene) -> None:
    _infected(scene)
    _deliver(scene, 1, 17)
    scene.silent(_on(3, "00:00"), _on(6, "00:00"))
    scene._records["radius"] = [each for each in scene._records["radius"] if not _of_day(each, 3, 5)]
    scene.run(_on(18))
    assert scene.states() == {"anna": "quiet"}
    said = "quiet: 14 days counted, 3 did not: no log from 2026-11-26 to 2026-11-28"
    assert scene.cases()[0].reasons[-1] == said


def test_a_line_is_followed_to_its_next_address_and_counts_not_while_it_is_off(scene: Scene) -> None:
    scene.household("anna")
    scene.online("anna", _HOME, "01:00", _on(4, "20:00"))
    scene.online("anna", _NEXT, _on(7, "20:00"), _on(24, "12:00"))
    scene.sinkhole("03:16:38", _HOME)
    scene.run("14:00")
    _deliver(scene, 1, 15)
    scene.run(_on(16))
    assert scene.states() == {"anna": "notified"}
    _deliver(scene, 16, 16)
    scene.run(_on(17, "01:00"))
    assert scene.states() == {"anna": "quiet"}
    said = "quiet: 14 days counted, 2 did not: the line was not seen in the logs from 2026-11-28 to 2026-11-29"
    assert scene.cases()[0].reasons[-1] == said


def test_one_of_two_sources_that_saw_it_is_enough(scenes: Scenes) -> None:
    scene = scenes(ISP(sources=(("cert", "known"), ("own", "own"), ("stray", "known"))))
    _infected(scene, sources=("cert", "own"))
    _deliver(scene, 1, 6)
    _deliver(scene, 7, 14, source="own")
    scene.run(_on(15))
    assert scene.states() == {"anna": "quiet"}


def test_a_source_that_never_saw_it_is_not(scenes: Scenes) -> None:
    scene = scenes(ISP(sources=(("cert", "known"), ("stray", "known"))))
    _infected(scene)
    _deliver(scene, 1, 6)
    _deliver(scene, 7, 14, source="stray")
    scene.run(_on(15))
    assert scene.states() == {"anna": "notified"}


def test_a_file_in_which_nothing_stands_is_a_delivery_each_time_anew(scene: Scene) -> None:
    _infected(scene)
    empty = feeds.text_of(feeds.COLUMNS["event4_sinkhole"], [])
    for number in range(1, 14):
        scene.bring_text(f"{(MONDAY + number * _DAY).date()}-event4_sinkhole-asn.csv", empty)
    scene.run(_on(15))
    assert scene.states() == {"anna": "notified"}  # thirteen days
    scene.run(_on(17))
    assert scene.states() == {"anna": "notified"}  # the same files lie there still, and are no news
    scene.bring_text(f"{(MONDAY + 14 * _DAY).date()}-event4_sinkhole-asn.csv", empty)
    scene.run(_on(17, "01:00"))
    assert scene.states() == {"anna": "quiet"}


def _of_day(record: str, first: int, last: int) -> bool:
    """Whether the record is of these days."""
    stamp = int(record.rsplit("Timestamp = ", 1)[1].split(maxsplit=1)[0])
    return first <= (stamp - int(MONDAY.timestamp())) // 86_400 <= last


def _heartbeats(first: int, last: int) -> list[str]:
    """What the access servers would have written in these days."""
    at, until = MONDAY + first * _DAY, MONDAY + (last + 1) * _DAY
    found = []
    while at < until:
        for place, nas in enumerate(radius.NASES):
            address = f"198.51.100.{250 + place}"
            told = {"account": "keeper", "session": "k", "nas": nas, "Framed_IP_Address": address}
            found.append(radius.record("Interim-Update", at, began_at=MONDAY - _DAY, **told))  # type: ignore[arg-type]
        at += timedelta(minutes=10)
    return found
