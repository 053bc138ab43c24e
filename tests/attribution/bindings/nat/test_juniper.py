"""Junos: the epoch beats the clock of the line, and an INTERIM recovers its ALLOC."""

from __future__ import annotations

from tests.attribution.bindings.nat.nat_lines import read_lines
from tocsin.attribution.bindings.readers.syslog import of_syslog
from tocsin.engine import Engine

STAGE = of_syslog("juniper")
PROSE = (
    "<14>Jun 30 22:44:25 bng-1 RT_NAT: RT_SRC_NAT_PBA_{event}: Subscriber 100.64.60.74 used/maximum [10/15] blocks,"
    " uses port block [24064-24191] from 203.0.113.100 in source pool POOL lsys_id: 0 epoch 0x{epoch}\n"
)


def test_the_epoch_beats_the_clock_of_the_line(engine: Engine) -> None:
    line = PROSE.format(event="ALLOC", epoch="6a44007a")
    for zone in (None, "UTC", "Asia/Karachi"):
        assert [m.at for m in read_lines(engine, STAGE, line, zone=zone).mappings] == ["2026-06-30 17:44:26"]


def test_an_interim_is_a_start_too_and_is_one_session_with_its_alloc(engine: Engine) -> None:
    lines = "".join(PROSE.format(event=event, epoch="6a44007a") for event in ("ALLOC", "INTERIM", "RELEASE"))
    found = read_lines(engine, STAGE, lines, zone="Asia/Karachi")
    assert sorted((m.line, m.status) for m in found.mappings) == [
        *((1, "start"), (2, "interim")),
        *((2, "start"), (3, "stop")),
    ]
    assert len(set(found.sessions)) == 1


def test_an_interim_whose_own_time_is_not_sure_is_the_start_only(engine: Engine) -> None:
    line = PROSE.format(event="INTERIM", epoch="6a43007a")
    found = read_lines(engine, STAGE, line, zone=None)
    assert [(m.status, m.at) for m in found.mappings] == [("start", "2026-06-29 23:32:10")]
    assert found.rejects == []


def test_an_epoch_that_nobody_lives_to_see_is_a_reject(engine: Engine) -> None:
    for epoch, count in (("00000000", 1), ("ffffffffffffffff", 1), ("1ffffffff", 1)):
        found = read_lines(engine, STAGE, PROSE.format(event="RELEASE", epoch=epoch), zone=None)
        assert (found.mappings, len(found.rejects)) == ([], count)
