"""One demo, generated once a test run, and a reader of detail files that shares nothing with the product's."""

from __future__ import annotations

import csv
import functools
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from tocsin.pipeline.demo import Demo, generate

FIRST_DAY = date(2026, 11, 20)
_FOLDER = tempfile.TemporaryDirectory(prefix="tocsin-demo-")  # swept when the run ends


@functools.cache
def example() -> Demo:
    return generate(Path(_FOLDER.name), seed=7, first_day=FIRST_DAY)


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def detail_records(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(header line, attributes) of each record."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        if block:
            header, *lines = block.split("\n")
            pairs = [line.removeprefix("\t").split(" = ", 1) for line in lines]
            yield header, {name: value.strip('"') for name, value in pairs}


def all_records(folder: Path) -> list[dict[str, str]]:
    return [record for path in sorted(folder.glob("radius/*/detail-*")) for _, record in detail_records(path)]


def happened_at(record: dict[str, str]) -> int:
    """RFC 2869 §5.3 Event-Timestamp, else when it arrived less its delay."""
    text = record.get("Event-Timestamp")
    if text is None:
        return int(record["Timestamp"]) - int(record["Acct-Delay-Time"])
    assert text.endswith(" JST")
    return int(datetime.strptime(text[:-3] + "+0900", "%b %d %Y %H:%M:%S %z").timestamp())


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
