"""Builds the demo provider: simulates its world, writes what its machines would write, and the truth beside it."""

# ruff: noqa: S311  -- the dice must fall the same way for the same seed; nothing here is secret

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import msgspec

from tocsin.pipeline.demo.bystanders import Bystanders
from tocsin.pipeline.demo.feed import ORIGIN, write_feeds
from tocsin.pipeline.demo.life import live
from tocsin.pipeline.demo.planning import Timetable, make_timetable, plan_hard_cases, reboot, unrest
from tocsin.pipeline.demo.plant import NASES, build_plant
from tocsin.pipeline.demo.radius import write_detail_files
from tocsin.pipeline.demo.seen import Witness
from tocsin.pipeline.demo.settings import config_text
from tocsin.pipeline.demo.tables import write_tables
from tocsin.pipeline.demo.truth import Occupancy, Truth, TruthTeller, occupancies, write_truth
from tocsin.pipeline.demo.world import World

_DAY_S = 86_400


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. `now` is a moment just after the last day: the clock that a run on it should be handed."""

    folder: Path
    config: Path
    now: datetime
    subscribers: int
    records: int
    sightings: int
    truth: tuple[Truth, ...]
    occupancies: tuple[Occupancy, ...]


def generate(folder: Path, *, seed: int, subscribers: int = 500, first_day: date, days: int = 3) -> Demo:
    """Writes the demo provider into `folder` (made if absent). Same seed, same bytes.

    What an earlier demo wrote there is replaced. `first_day` is a UTC day.
    Raises ValueError for a size that the address pools cannot hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (*folder.glob("radius/*/detail-*"), *folder.glob(f"feeds/*-demo-as{ORIGIN}.csv")):
        stale.unlink()
    begins_at = int(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC).timestamp())
    world, witness, times = simulate(seed=seed, subscribers=subscribers, begins_at=begins_at, days=days)
    # The order of a feed is that of its witness, not that of our cases.
    sightings = sorted(witness.sightings, key=lambda seen: (seen.seen_at, seen.address, seen.port or 0))
    references = write_feeds(folder / "feeds", sightings, Random(f"{seed}/feed"))
    teller = TruthTeller(world)
    truth = tuple(teller.tell(seen, reference) for seen, reference in zip(sightings, references, strict=True))
    write_truth(folder / "truth.jsonl", truth)
    records = write_detail_files(folder / "radius", world, times, Random(f"{seed}/radius"))
    write_tables(folder, world.plant)
    config = folder / "tocsin.toml"
    config.write_text(config_text(), encoding="utf-8")
    return Demo(
        folder=folder,
        config=config,
        now=datetime.fromtimestamp(times.ends_at + 600, UTC),
        subscribers=subscribers,
        records=records,
        sightings=len(sightings),
        truth=truth,
        occupancies=tuple(occupancies(world)),
    )


def simulate(*, seed: int, subscribers: int, begins_at: int, days: int) -> tuple[World, Witness, Timetable]:
    """Plays the world to its end and takes every sighting. Writes nothing."""
    rng = Random(f"{seed}/world")
    times = make_timetable(rng, begins_at, days)
    world = World(rng, build_plant(rng, subscribers, times.begins_at, times.ends_at))
    witness = Witness(Random(f"{seed}/witness"))
    plan_hard_cases(world, witness, times)
    for account in world.plant.accounts:
        world.start(live(world, account, begins_at - _DAY_S), begins_at - _DAY_S)
    for nas, at, orderly in times.reboots:
        world.start(reboot(world, nas, at, orderly), begins_at)
    world.start(unrest(world, NASES[2], times.hole), begins_at)
    world.run(times.ends_at)
    Bystanders(world, times, witness, Random(f"{seed}/bystanders")).all()
    return world, witness, times
