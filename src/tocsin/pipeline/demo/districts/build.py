"""All districts, and how many of the provider's customers live in each."""

# ruff: noqa: S311  -- the dice must fall the same way for the same seed; nothing here is secret

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tocsin.pipeline.demo.districts.cgnat import build_cgnat
from tocsin.pipeline.demo.districts.deterministic import build_deterministic
from tocsin.pipeline.demo.districts.dhcp import build_cable, build_fibre
from tocsin.pipeline.demo.districts.district import District
from tocsin.pipeline.demo.people import Person, make_people
from tocsin.pipeline.demo.planning import Timetable
from tocsin.pipeline.demo.seen import Witness

_Build = Callable[[Random, Sequence[Person], Timetable, Witness], District]
DISTRICTS: tuple[tuple[str, int, _Build], ...] = (  # name, parts of those who live in any, how it is built
    ("fibre", 26, build_fibre),
    ("cable", 24, build_cable),
    ("cgnat", 60, build_cgnat),
    ("deterministic", 40, build_deterministic),
)


def build_districts(seed: int, subscribers: int, first: int, times: Timetable) -> tuple[list[District], Witness]:
    """Districts with that many subscribers together, whose numbers begin with `first`; and what was seen there."""
    witness = Witness(Random(f"{seed}/districts"))
    parts = sum(part for _, part, _ in DISTRICTS)
    found, done, settled = [], 0, 0
    for name, part, build in DISTRICTS:
        done += part
        count = subscribers * done // parts - settled
        rng = Random(f"{seed}/{name}")
        people = make_people(rng, count, first=first + settled)
        found.append(build(rng, people, times, witness))
        settled += count
    return found, witness
