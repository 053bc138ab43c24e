"""Populations of any size, without log text: who truly had what, what the log would know of it, and sightings.

For measuring a resolver on a million attributions. `write_population` writes two TSV files in one pass with flat memory
(a million sightings over 600,000 sessions take about ten seconds); `streets` gives the same rows to whoever wants them
in Python. An account is a number from 1 and is its own subscriber: the right answer to a sighting is its `holder`.

To feed a resolver: each Held row is a binding as it stands (`starts_at`, `ends_at`, `doubt_until`, ports); or, to go
through the folding too, lease events: a start at `starts_at`, an interim every INTERIM_S up to `last_report_at`, a stop
at `true_ends_at` where `stopped`. The log is whole from the first moment to the last.

The world is made of *streets*: some accounts that share some addresses and meet nobody else. On most, addresses pass
from hand to hand within seconds; some sessions lose their records; every twentieth street is one address shared by
port. IPv4 lies in 198.18.0.0/15 (RFC 2544), IPv6 /56 prefixes in 2001:db8::/32 (RFC 3849).
"""

# ruff: noqa: S311  -- the dice must fall the same way for the same seed; nothing here is secret

from __future__ import annotations

import heapq
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from random import Random
from typing import NamedTuple, TextIO

import msgspec

MARGIN_S = 7  # both clocks together; sightings within CLOSE_S of a change are ambiguous by it, the others keep CLEAR_S
CLOSE_S, CLEAR_S = 2, 60
INTERIM_S = 1_800
_STREET = 12  # accounts on a street; it has one address more
_PORTS = 4_000  # of each account on a shared address
_LOST = 0.04  # of the sessions lose their records from some moment on
ACCOUNTS_MAX = 100_000


class Held(NamedTuple):
    """What somebody really had, and what the log knows of it. Seconds since 1970; `prefix_bits` out of 128."""

    street: int
    account: int
    network: str
    prefix_bits: int
    port_first: int  # 0: all ports
    port_last: int
    starts_at: int
    true_ends_at: int
    last_report_at: int  # its last record: the Stop, unless records were lost
    stopped: bool  # there is a Stop, at true_ends_at
    ends_at: int  # trusted until: the Stop, else the last record and one interval, or the next session if sooner
    doubt_until: int  # between ends_at and this nobody can know


class Glimpse(NamedTuple):
    """A sighting, who was behind it, and the one right outcome."""

    seen_at: int
    address: str
    port: int  # 0: not given
    holder: int
    expected: str


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    held: int
    glimpses: int


def write_population(
    folder: Path, *, seed: int, accounts: int, sightings: int, begins_at: int, days: int = 3
) -> Counts:
    """Writes `held.tsv` and `sightings.tsv` (columns: the fields of Held and Glimpse, header line first)."""
    folder.mkdir(parents=True, exist_ok=True)
    held_rows = glimpse_rows = 0
    with (
        (folder / "held.tsv").open("w", encoding="utf-8") as held_file,
        (folder / "sightings.tsv").open("w", encoding="utf-8") as glimpse_file,
    ):
        held_file.write("\t".join(Held._fields) + "\n")
        glimpse_file.write("\t".join(Glimpse._fields) + "\n")
        for held, glimpses in streets(
            seed=seed, accounts=accounts, sightings=sightings, begins_at=begins_at, days=days
        ):
            held_rows += _write(held_file, held)
            glimpse_rows += _write(glimpse_file, glimpses)
    return Counts(held=held_rows, glimpses=glimpse_rows)


def _write(file: TextIO, rows: list[Held] | list[Glimpse]) -> int:
    file.writelines(
        "\t".join([str(int(cell)) if isinstance(cell, bool) else str(cell) for cell in row]) + "\n" for row in rows
    )
    return len(rows)


def streets(
    *, seed: int, accounts: int, sightings: int, begins_at: int, days: int = 3
) -> Iterator[tuple[list[Held], list[Glimpse]]]:
    """Street by street. Raises ValueError for more accounts than the benchmark space has room for."""
    if not _STREET <= accounts <= ACCOUNTS_MAX:
        raise ValueError(f"accounts: {accounts}, wanted {_STREET} to {ACCOUNTS_MAX}")
    number_of_streets = accounts // _STREET
    ends_at = begins_at + days * 86_400
    for street in range(number_of_streets):
        rng = Random(f"{seed}/{street}")
        share = sightings * (street + 1) // number_of_streets - sightings * street // number_of_streets
        if street % 20 == 6:
            held = _shared_street(street, begins_at, ends_at)
            yield held, [_shared_glimpse(rng, rng.choice(held)) for _ in range(share)]
        else:
            held = _known(_street(rng, street, begins_at, ends_at), ends_at)
            yield held, list(_glimpses(rng, held, share))


def _street(rng: Random, street: int, begins_at: int, ends_at: int) -> list[Held]:
    """Accounts come and go; an address that comes free is mostly the next to be given out."""
    free = _addresses(street)
    waiting = [(begins_at + rng.randrange(3_600), 1 + street * _STREET + place) for place in range(_STREET)]
    leaving: list[tuple[int, str]] = []
    heapq.heapify(waiting)
    held: list[Held] = []
    while waiting and waiting[0][0] < ends_at - 7_200:
        now, account = heapq.heappop(waiting)
        while leaving and leaving[0][0] < now - 2:
            free.append(heapq.heappop(leaving)[1])
        network = free.pop() if rng.random() < 0.7 else free.pop(rng.randrange(len(free)))
        stay_s = min(rng.randrange(1_800, 40_000), ends_at - now)
        stopped = rng.random() >= _LOST and now + stay_s < ends_at
        reports = 1 + stay_s // INTERIM_S
        last = now + stay_s if stopped else now + INTERIM_S * rng.randrange(reports)
        bits = 56 if ":" in network else 128
        row = Held(street, account, network, bits, 0, 0, now, now + stay_s, last, stopped, 0, 0)
        held.append(row)
        heapq.heappush(leaving, (now + stay_s, network))
        back_at = now + stay_s if stopped else max(now + stay_s, last + INTERIM_S)
        heapq.heappush(waiting, (back_at + rng.randrange(8, 90), account))
    return held


def _addresses(street: int) -> list[str]:
    """One address more than the street has accounts; every fourth street speaks IPv6 alone."""
    first = street * (_STREET + 1)
    if street % 4 == 3:
        base = int(IPv6Address("2001:db8::"))
        return [str(IPv6Address(base + ((first + place) << 72))) for place in range(_STREET + 1)]
    base = int(IPv4Address("198.18.0.0"))
    return [str(IPv4Address(base + first + place)) for place in range(_STREET + 1)]


def _known(held: list[Held], ends_at: int) -> list[Held]:
    """Fills in what a log says: how long each is trusted and how long it stays in doubt."""
    following: dict[str, int] = {}
    known: list[Held] = []
    for row in reversed(held):  # by start, so the last one seen for a network is the next one in time
        next_at = following.get(row.network, ends_at)
        following[row.network] = row.starts_at
        trusted = row.true_ends_at if row.stopped else min(row.last_report_at + INTERIM_S, next_at)
        known.append(row._replace(ends_at=trusted, doubt_until=trusted if row.stopped else next_at))
    known.reverse()
    return known


def _glimpses(rng: Random, held: list[Held], count: int) -> Iterator[Glimpse]:
    while count > 0:
        row = held[rng.randrange(len(held))]
        found = _glimpse(rng, row)
        if found is not None:
            count -= 1
            yield found


def _glimpse(rng: Random, row: Held) -> Glimpse | None:
    """Beyond doubt, too near its end, or after the log lost sight of it."""
    dice = rng.random()
    address = row.network if row.prefix_bits == 128 else _inside(rng, row.network)
    port = rng.randrange(1_024, 65_536)
    if dice < 0.08:
        at = row.starts_at + rng.randrange(CLOSE_S)
        return Glimpse(at + rng.randint(-1, 1), address, port, row.account, "ambiguous")
    first, last, expected = row.starts_at + CLEAR_S, min(row.ends_at, row.true_ends_at) - CLEAR_S, "subscriber"
    if dice < 0.3 and not row.stopped:
        first, last, expected = row.ends_at + CLEAR_S, row.true_ends_at - CLEAR_S, "log-gap"
    if last <= first:
        return None
    return Glimpse(rng.randrange(first, last) + rng.randint(-3, 3), address, port, row.account, expected)


def _inside(rng: Random, prefix: str) -> str:
    return str(IPv6Address(int(IPv6Address(prefix)) + rng.getrandbits(72)))


def _shared_street(street: int, begins_at: int, ends_at: int) -> list[Held]:
    address = _addresses(street)[0]
    return [
        Held(
            street=street,
            account=1 + street * _STREET + place,
            network=address,
            prefix_bits=128,
            port_first=1_024 + place * _PORTS,
            port_last=1_023 + (place + 1) * _PORTS,
            starts_at=begins_at,
            true_ends_at=ends_at,
            last_report_at=ends_at,
            stopped=True,
            ends_at=ends_at,
            doubt_until=ends_at,
        )
        for place in range(_STREET)
    ]


def _shared_glimpse(rng: Random, row: Held) -> Glimpse:
    at = rng.randrange(row.starts_at + CLEAR_S, row.ends_at - CLEAR_S)
    if rng.random() < 0.3:
        return Glimpse(at, row.network, 0, row.account, "shared")
    return Glimpse(at, row.network, rng.randint(row.port_first, row.port_last), row.account, "subscriber")
