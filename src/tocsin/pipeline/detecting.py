"""`tocsin detect`: files to verdicts. The one place that decides whether a provider may ask."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine
from tocsin.pipeline.config import Config, find_config, load_config
from tocsin.pipeline.zones import zone_of
from tocsin.terms.errors import BadRequest
from tocsin.traffic.judge import Judgement, judge
from tocsin.traffic.lists import read_lists
from tocsin.traffic.own import parse_own
from tocsin.traffic.page import Shown, page
from tocsin.traffic.read import Traffic, read_traffic
from tocsin.traffic.reading import Clock

MEMORY = "1500MB"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to know of which files."""

    paths: tuple[Path, ...]
    own: tuple[str, ...] = ()
    format: str | None = None
    lists: tuple[Path, ...] = ()
    sampled: int = 1  # one packet in so many was seen
    zone: str | None = None  # of times that name none
    now: datetime | None = None


class Detected(msgspec.Struct, frozen=True):
    """Verdicts, and the reading that they rest on (open until the block ends)."""

    judgement: Judgement
    traffic: Traffic


def basis_of(config_file: Path | None) -> Config | None:
    """The configuration, where there is one; a provider's must name its legal basis. Raises Refused, BadConfig.

    Without a configuration nobody is a provider: a household, a researcher, a capture on a desk.
    """
    path = find_config(config_file)
    if config_file is None and not path.is_file():
        return None
    config = load_config(path)
    config.traffic.demand_basis()
    return config


@contextmanager
def detected(
    asked: Asked, config: Config | None, *, progress: Callable[[Path, int, int], None] | None = None
) -> Iterator[Detected]:
    """Read and judge; what is needed on disk lies in a folder that goes away with the block."""
    prefixes: Sequence[str] = asked.own or (config.provider.prefixes if config is not None else ())
    own = parse_own(prefixes)
    clock = Clock(zone_of(asked.zone or (config.traffic.zone if config is not None else None)), asked.now)
    named = asked.lists or tuple(
        Path(each).expanduser() for each in (config.traffic.lists if config is not None else ())
    )
    lists = read_lists(named)
    memory, threads = (config.lake.memory, config.lake.threads) if config is not None else (MEMORY, 2)
    work = Path(tempfile.mkdtemp(prefix="tocsin-detect-"))
    try:
        with Engine(work, memory=memory, threads=threads) as engine:
            traffic = read_traffic(engine, asked.paths, asked=asked.format, clock=clock, progress=progress)
            yield Detected(judge(traffic, own=own, lists=lists, sampled=asked.sampled), traffic)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_page(devices: Sequence[Shown], target: Path, *, title: str, notes: Sequence[str] = ()) -> None:
    """One self-contained HTML file. Raises BadRequest where it cannot be written."""
    try:
        target.write_text(page(devices, title=title, notes=notes), encoding="utf-8")
    except OSError as error:
        raise BadRequest(
            f"cannot be written: {error.strerror}", where=str(target), remedy="name a file in a folder of yours"
        ) from error
