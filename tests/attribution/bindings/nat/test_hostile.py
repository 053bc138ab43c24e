"""Whatever a log holds, a reader neither raises nor loops, and each line is an event, nothing or a reject."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.bindings.nat.nat_lines import read_lines
from tests.attribution.bindings.nat.test_golden import GOLDEN, NAMES
from tocsin.attribution.bindings.read import READERS
from tocsin.engine import Engine
from tocsin.terms.errors import BadRequest

LINES = {name: (GOLDEN / f"{name}.log").read_text().splitlines() for name in NAMES}
NUMBERS = ["0", "65536", "99999999999999999999", "-1", "+1", "01", "1e9", "٣", "", " ", "0x10", "255.255.255.256"]
EVENT = '{\n\t"nat_event_id" : "1",\n\t"proto" : 6,\n\t"src4_addr" : "10.0.0.5",\n\t"src4_xlt_ip" : "203.0.113.7",\n'
EVENT += '\t"src_xlt_port" : "1025",\n\t"t_event" : "2026-11-24T12:00:00.123",\n\t"pblock_start" : "0"\n}'


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> str:
    """A line of the golden log with a number, a stretch or a character of it replaced."""
    line = draw(st.sampled_from(LINES[name]))
    for _ in range(draw(st.integers(1, 3))):
        at, length = draw(st.integers(0, len(line))), draw(st.integers(0, 8))
        line = line[:at] + draw(st.sampled_from(NUMBERS) | st.text(max_size=6)) + line[at + length :]
    return line.replace("\n", " ")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_spoilt_line_never_raises(engine: Engine, name: str, data: st.DataObject) -> None:
    lines = data.draw(st.lists(spoilt(name), min_size=10, max_size=60))
    text = "\n".join(lines).encode(errors="surrogatepass") + data.draw(st.sampled_from([b"", b"\n"]))
    found = read_lines(engine, READERS[name].stage, text)
    count = text.count(b"\n") + 1
    assert all(1 <= line <= count for line in [m.line for m in found.mappings] + found.refused)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_spoilt_json_never_raises(engine: Engine, data: st.DataObject) -> None:
    text = "[\n" + ",\n".join([EVENT] * 3) + "]\n"
    for _ in range(data.draw(st.integers(1, 4))):
        at, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 12))
        put = data.draw(st.sampled_from([*NUMBERS, '"', "{", "}", "[", "null", "1e999"]) | st.text(max_size=4))
        text = text[:at] + put + text[at + length :]
    try:
        found = read_lines(engine, READERS["nel"].stage, text.encode(errors="surrogatepass"))
    except BadRequest:
        return
    assert len(found.mappings) <= 4


def test_an_object_without_an_end_is_bounded(engine: Engine) -> None:
    text = "[\n" + EVENT + ',\n{"label" : "' + "x" * 300_000 + "\n" + EVENT + "]\n"
    found = read_lines(engine, READERS["nel"].stage, text)
    assert [m.line for m in found.mappings] == [2, 12]
    assert [reason for _, reason in found.rejects] == ["an object that does not close"]


@pytest.mark.parametrize("text", ["", "\n\n", "[]\n", "[\n]\n"])
def test_no_events_are_no_events(engine: Engine, text: str) -> None:
    found = read_lines(engine, READERS["nel"].stage, text)
    assert (found.mappings, found.rejects) == ([], [])


def test_json_that_breaks_off_keeps_what_is_whole(engine: Engine) -> None:
    found = read_lines(engine, READERS["nel"].stage, "[\n" + EVENT + ",\n" + EVENT[:-30])
    assert [m.line for m in found.mappings] == [2]
    assert found.rejects == [(11, "an object that does not close")]


def test_nfdumps_csv_is_refused_with_what_to_do(engine: Engine) -> None:
    with pytest.raises(BadRequest, match="no NAT events"):
        read_lines(engine, READERS["nel"].stage, "ts,te,td,sa,da,sp,dp,pr\n")


@pytest.mark.shared
def test_every_sample_is_an_event_nothing_or_a_reject(engine: Engine, shared: Path) -> None:
    blocks = dict(_blocks((shared / "lease_logs" / "samples.txt").read_text()))
    events = {"juniper": 4, "cisco": 1, "a10": 3, "6wind": 3}
    for name in NAMES:
        text = "".join(line for title, line in blocks.items() if title.startswith(name))
        found = read_lines(engine, READERS[name].stage, text)
        assert len({m.line for m in found.mappings}) == events.get(name, 0)
        for line, reason in found.rejects:
            assert reason == "no moment" or "_src_" in text.split("\n")[line - 1]  # bare lines, and one template


def _blocks(text: str) -> list[tuple[str, str]]:
    """(title, lines) of each block; a title starts with the reader's name."""
    found: list[tuple[str, str]] = []
    for block in text.split("\n## ")[1:]:
        title, _, lines = block.partition("\n")
        name = title.removeprefix("linux ").lower()
        found.append((f"{name} {len(found)}", "".join(f"{line}\n" for line in lines.split("\n") if line)))
    return found
