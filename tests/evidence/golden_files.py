"""The golden folders: small inputs of our own and what reading them must give.

Run as a program it writes the expected files anew; read the difference before you keep it.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tocsin.engine import Engine
from tocsin.evidence.mapping import Mapping
from tocsin.evidence.read import stage
from tocsin.evidence.sinkhole_map import SinkholeMap
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Settings
from tocsin.evidence.writers.intelmq import intelmq_lines
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.pipeline.tomlfile import read_toml

GOLDEN = Path(__file__).parent / "golden"
VARIANTS = {"snds": "snds:America/Los_Angeles"}  # nobody can recognise it, nor what a mapping describes
OBSERVED_AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def inputs() -> list[Path]:
    return sorted(path for path in GOLDEN.rglob("*") if path.suffix in {".csv", ".json", ".eml", ".xml", ".txt"})


def settings_of(path: Path) -> Settings:
    """What a source's configuration would say, where the folder says it."""
    rules, mapping = path.with_name("sinkhole_map.toml"), path.with_suffix(".toml")
    return Settings(
        sinkhole_map=read_toml(rules, SinkholeMap).rules if rules.exists() else (),
        mapping=read_toml(mapping, Mapping) if mapping.exists() else None,
    )


def reader_of(path: Path) -> str:
    """The reader's name as `--as` takes it."""
    return VARIANTS.get(path.parent.name, path.parent.name)


def render(engine: Engine, path: Path) -> dict[str, bytes]:
    """The expected file's ending, and its bytes."""
    settings = settings_of(path)
    reader = path.parent.name if settings.mapping else VARIANTS.get(path.parent.name)
    staged = stage(engine, measure(path), name=path.name, source="example-source", reader=reader, settings=settings)
    events = intelmq_lines(engine, staged, observed_at=OBSERVED_AT, on_reject=lambda _line, _reason: None)
    rendered = {".jsonl": list(jsonl_lines(engine, staged)), ".intelmq": list(events)}
    staged.discard()
    return {ending: b"".join(line + b"\n" for line in lines) for ending, lines in rendered.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as work, Engine(Path(work)) as engine:
        for path in inputs():
            for ending, content in render(engine, path).items():
                path.with_name(path.stem + ending).write_bytes(content)
                sys.stdout.write(f"{path.stem}{ending}\n")


if __name__ == "__main__":
    main()
