"""A document on one line that tells of one sighting more than once."""

from __future__ import annotations

import json
from pathlib import Path

from tests.evidence.evidence_world import NOW
from tests.evidence.test_intelmq import EVENT
from tocsin.evidence.reading import read_file
from tocsin.lake import Lake


def test_a_sighting_that_one_line_tells_of_twice_is_one(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    other = EVENT | {"source.port": 40001}
    path.write_text(json.dumps([EVENT | {"extra.a": 1}, other, EVENT]) + "\n" + json.dumps(EVENT) + "\n")
    counts = read_file(lake, path, source="example", at=NOW)
    assert (counts.sightings, counts.pieces) == (2, 2)
    held = lake.engine.rows(f"SELECT port FROM {lake.scan('sightings')} ORDER BY port")
    assert [port for (port,) in held] == [40000, 40001]
    again = tmp_path / "again.json"
    again.write_text(json.dumps([EVENT, EVENT]))
    counts = read_file(lake, again, source="example", at=NOW)
    assert (counts.sightings, counts.pieces) == (0, 2)
