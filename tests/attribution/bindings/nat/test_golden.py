"""Lines of each NAT log, and what was agreed that they say: golden/READER.log and golden/READER.txt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attribution.bindings.nat.nat_lines import Read, read_lines
from tocsin.attribution.bindings.read import READERS
from tocsin.engine import Engine

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("juniper", "cisco", "a10", "f5", "nfware", "6wind", "mikrotik", "conntrack")


def shown(found: Read) -> str:
    """One line an event or a reject, in the order of the log."""
    rows = [
        (m.line, f"{m.line} {m.status} {m.at} {m.inside} -> {m.network} {m.ports} {m.protocol} {m.nas or '-'} {m.vrf}")
        for m in found.mappings
    ]
    rows += [(line, f"{line} refused: {reason}") for line, reason in found.rejects]
    return "".join(f"{text}\n" for _, text in sorted(rows, key=lambda row: row[0]))


@pytest.mark.parametrize("name", NAMES)
def test_lines_say_what_was_agreed(engine: Engine, name: str) -> None:
    found = read_lines(engine, READERS[name].stage, (GOLDEN / f"{name}.log").read_bytes())
    assert shown(found) == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_start_and_its_stop_are_one_session(engine: Engine, name: str) -> None:
    """Every stop of a golden log whose start is in it too."""
    found = read_lines(engine, READERS[name].stage, (GOLDEN / f"{name}.log").read_bytes())
    said: dict[object, dict[str, set[str]]] = {}
    for mapping, session in zip(found.mappings, found.sessions, strict=True):
        key = (mapping.inside, mapping.network, mapping.ports, mapping.protocol, mapping.vrf, mapping.line > 99)
        said.setdefault(key, {}).setdefault(mapping.status, set()).add(session)
    for statuses in said.values():
        if {"start", "stop"} <= set(statuses):
            assert statuses["stop"] & statuses["start"]


@pytest.mark.parametrize("name", NAMES)
def test_no_line_cut_anywhere_says_another_thing(engine: Engine, name: str) -> None:
    """A cut line may say nothing or be refused. A port at a line's very end is safe only where the file breaks off."""
    text = (GOLDEN / f"{name}.log").read_text()
    whole = read_lines(engine, READERS[name].stage, text)
    lines = text.split("\n")
    told = {m.line: m for m in whole.mappings}
    cuts = [(line, lines[line - 1][:end]) for line in told for end in range(1, len(lines[line - 1]))]
    found = read_lines(engine, READERS[name].stage, text + "".join(f"{cut}\n" for _, cut in cuts))
    for mapping in found.mappings:
        if mapping.line <= len(lines) - 1:
            continue
        line, cut = cuts[mapping.line - len(lines)]
        true = {(m.inside, m.network, m.protocol, m.ports) for m in whole.mappings if m.line == line}
        if (mapping.inside, mapping.network, mapping.protocol, mapping.ports) not in true:
            assert name in ("nfware", "6wind", "juniper", "a10")
            assert cut.endswith(mapping.ports.split("-")[-1] if mapping.ports else mapping.network)


@pytest.mark.parametrize("name", NAMES)
def test_a_port_where_the_file_breaks_off_is_not_read(engine: Engine, name: str) -> None:
    lines = (GOLDEN / f"{name}.log").read_text().split("\n")
    whole = read_lines(engine, READERS[name].stage, "\n".join(lines)).mappings
    for line in list({m.line: m for m in whole if m.ports})[:2]:
        text, true = lines[line - 1], [m.ports for m in whole if m.line == line]
        last = str(true[-1]).split("-")[-1]
        found = read_lines(engine, READERS[name].stage, text[: text.rindex(last) + len(last) - 1])
        assert {m.ports for m in found.mappings} <= set(true[:-1])  # a line may hold several records
        assert len(found.rejects) == 1
