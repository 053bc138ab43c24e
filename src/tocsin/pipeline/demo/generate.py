"""Builds the demo provider: simulates its world, writes what its machines would write, and the truth beside it."""

# ruff: noqa: S311  -- the dice must fall the same way for the same seed; nothing here is secret

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import msgspec

from tocsin.pipeline.demo.bots import Bot, Stay, write_flows
from tocsin.pipeline.demo.bystanders import Bystanders
from tocsin.pipeline.demo.districts import District, build_districts
from tocsin.pipeline.demo.feed import ORIGIN, write_feeds
from tocsin.pipeline.demo.life import live
from tocsin.pipeline.demo.planning import Timetable, make_timetable, plan_hard_cases, reboot, unrest
from tocsin.pipeline.demo.plant import NASES, Account, Assignment, build_plant
from tocsin.pipeline.demo.radius import detail_files
from tocsin.pipeline.demo.seen import Seen, Witness
from tocsin.pipeline.demo.settings import config_text
from tocsin.pipeline.demo.tables import write_tables
from tocsin.pipeline.demo.truth import Occupancy, Truth, TruthTeller, occupancies, write_truth
from tocsin.pipeline.demo.world import World

_DAY_S = 86_400
SUBSCRIBERS_MIN, SUBSCRIBERS_MAX = 150, 3_000  # fewer: no room for every hard case; more: the pools run dry
_FIRST_NUMBER = 100_001
_WRITTEN = (f"feeds/*-demo-as{ORIGIN}.csv", "radius/*/detail-*", "dhcp/*", "nat/*", "flows/*")


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
    bots: tuple[Bot, ...]


def generate(folder: Path, *, seed: int, subscribers: int = 2_000, first_day: date, days: int = 3) -> Demo:
    """Writes the demo provider into `folder` (made if absent). Same seed, same bytes.

    What an earlier demo wrote there is replaced. `first_day` is a UTC day.
    Raises ValueError for a size that the address pools cannot hold.
    """
    begins_at = int(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC).timestamp())
    town = simulate(seed=seed, subscribers=subscribers, begins_at=begins_at, days=days)
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (path for pattern in _WRITTEN for path in folder.glob(pattern)):
        stale.unlink()
    # The order of a feed is that of its witness, not that of our cases.
    sightings = sorted(town.sightings, key=lambda seen: (seen.seen_at, seen.address, seen.port or 0))
    references = write_feeds(folder / "feeds", sightings, Random(f"{seed}/feed"))
    teller = TruthTeller((account.line for account in town.accounts), town.occupancies, town.times.ends_at)
    truth = tuple(teller.tell(seen, reference) for seen, reference in zip(sightings, references, strict=True))
    write_truth(folder / "truth.jsonl", truth)
    texts, records = detail_files(town.world, town.times, Random(f"{seed}/radius"))
    for district in town.districts:
        texts |= district.texts
        records += district.records
    _write_texts(folder, texts)
    write_tables(folder, town.accounts, town.assignments)
    told_of = frozenset(each.holder for each in truth if each.holder)
    bots = write_flows(folder, town.stays, town.times, Random(f"{seed}/flows"), told_of=told_of)
    config = folder / "tocsin.toml"
    config.write_text(config_text(), encoding="utf-8")
    return Demo(
        folder=folder,
        config=config,
        now=datetime.fromtimestamp(town.times.ends_at + 600, UTC),
        subscribers=subscribers,
        records=records,
        sightings=len(sightings),
        truth=truth,
        occupancies=tuple(town.occupancies),
        bots=bots,
    )


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was simulated: the RADIUS world and, beside it, the districts."""

    world: World
    districts: tuple[District, ...]
    times: Timetable
    sightings: tuple[Seen, ...]
    stays: tuple[Stay, ...]

    @property
    def accounts(self) -> list[Account]:
        plant = self.world.plant
        return [*plant.accounts, *plant.static_accounts, *(each for one in self.districts for each in one.accounts)]

    @property
    def assignments(self) -> list[Assignment]:
        return [*self.world.plant.assignments, *(each for one in self.districts for each in one.assignments)]

    @property
    def occupancies(self) -> list[Occupancy]:
        return [*occupancies(self.world), *(each for one in self.districts for each in one.occupancies)]


def simulate(*, seed: int, subscribers: int, begins_at: int, days: int) -> Town:
    """Plays all of it to its end and takes every sighting. Writes nothing."""
    if not SUBSCRIBERS_MIN <= subscribers <= SUBSCRIBERS_MAX:
        raise ValueError(f"subscribers: {subscribers}, wanted {SUBSCRIBERS_MIN} to {SUBSCRIBERS_MAX}")
    by_radius = max(subscribers // 4, min(subscribers * 3 // 5, 150))
    world, witness, times, stays = _radius_world(seed, by_radius, begins_at, days)
    districts, beside = build_districts(seed, subscribers - by_radius, _FIRST_NUMBER + by_radius, times)
    return Town(
        world=world,
        districts=tuple(districts),
        times=times,
        sightings=(*witness.sightings, *beside.sightings),
        stays=tuple(stays),
    )


def _radius_world(
    seed: int, subscribers: int, begins_at: int, days: int
) -> tuple[World, Witness, Timetable, list[Stay]]:
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
    bystanders = Bystanders(world, times, witness, Random(f"{seed}/bystanders"))
    bystanders.all()
    return world, witness, times, bystanders.stays()


def _write_texts(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
