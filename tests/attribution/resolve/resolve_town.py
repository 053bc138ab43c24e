"""A bigger random world: a town of some sixty addresses over an hour around midnight, from a seed.

Hypothesis's worlds are small and can be made smaller; this one is dense enough for every outcome and every reason.
"""

from __future__ import annotations

from random import Random

from tests.attribution.resolve.resolve_oracle import Binding, Contract, Log, Sighting, World

V4 = [f"192.0.2.{host}" for host in range(48)]
V6 = [f"2001:db8:0:{net:x}::{host}" for net in range(8) for host in (1, 2)]
SHARED = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
OUTSIDE = ["203.0.113.7", "2001:db9::7"]
UNCOVERED = ["192.0.2.250"]
ROLES = ("infected",) * 6 + ("attacker", "lead", "exposed", "victim", "infrastructure")


def town(seed: int, *, sightings: int = 3_000) -> World:
    rng = Random(seed)
    return World(
        own=["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"],
        shared=["198.51.100.3/32"],
        logs=_logs(rng),
        accuracy_by_source={"cert": 3, "probe": 0},
        bindings=[_binding(rng, number) for number in range(420)],
        contracts=_contracts(rng),
        sightings=[_sighting(rng, number) for number in range(sightings)],
    )


def _logs(rng: Random) -> list[Log]:
    gap_at = rng.randrange(-1_500, 1_000)
    return [
        Log(
            name="core",
            accuracy_s=2,
            spans_by_prefix={
                "192.0.2.0/26": [(-100_000, gap_at), (gap_at + 120, 1_800)],
                "192.0.2.0/25": [(-100_000, 1_700)],
                "198.51.100.0/24": [(-1_800, 90_000)],
            },
        ),
        Log(name="edge", accuracy_s=1, spans_by_prefix={"192.0.2.16/28": [(-9_000, -700), (-700, 9_000)]}),
        Log(name="six", accuracy_s=4, spans_by_prefix={"2001:db8::/32": [(-100_000, 1_850)]}),
        Log(name="static", accuracy_s=0, spans_by_prefix={"2001:db8:0:4::/62": [(-100_000, 500), (400, 100_000)]}),
    ]


def _binding(rng: Random, number: int) -> Binding:
    starts_at = rng.randrange(-2_000, 1_900)
    trusted_s = rng.choice((0, 20, 200, 600, 1_500, 90_000))
    network, shared = _network(rng)
    first = rng.randrange(0, 5) * 100 + 1 if shared and rng.random() < 0.9 else None
    return Binding(
        number=number,
        kind=rng.choice(("session", "session", "assignment")),
        account=rng.choice((None, *range(1, 5), *range(1, 5))),
        network=network,
        port_first=first,
        port_last=None if first is None or rng.random() < 0.1 else first + 99,
        protocol=rng.choice((None, None, None, "tcp", "udp")) if first else None,
        starts_at=starts_at,
        ends_at=starts_at + trusted_s,
        doubt_until=starts_at + trusted_s + rng.choice((0, 0, 0, 300)),
        doubt=rng.choice((*[None] * 12, "shared-login", "unusual-line", "several-vrfs")),
    )


def _network(rng: Random) -> tuple[str, bool]:
    dice = rng.random()
    if dice < 0.5:
        return f"{rng.choice(V4)}/32", False
    if dice < 0.6:
        return f"192.0.2.{rng.randrange(12) * 4}/30", False
    if dice < 0.75:
        return rng.choice([f"{address}/32" for address in SHARED] * 3 + ["198.51.100.0/30", "198.51.100.2/31"]), True
    return f"2001:db8:0:{rng.randrange(8):x}::" + rng.choice(("/64", "/64", "/64", "1/128")), False


def _contracts(rng: Random) -> list[Contract]:
    """Account 4 changes hands in the middle; nobody has account 3 for the last half."""
    lasting = [Contract(account=account, subscriber=account, starts_at=-300_000, ends_at=None) for account in (1, 2)]
    moment = rng.randrange(-300, 300)
    return [
        *lasting,
        Contract(account=3, subscriber=3, starts_at=-300_000, ends_at=moment),
        Contract(account=4, subscriber=4, starts_at=-300_000, ends_at=moment),
        Contract(account=4, subscriber=1, starts_at=moment, ends_at=None),
        Contract(account=2, subscriber=4, starts_at=900, ends_at=1_000),
    ]


def _sighting(rng: Random, number: int) -> Sighting:
    seen_at = rng.randrange(-1_900, 1_900)
    dice = rng.random()
    pool = V4 if dice < 0.5 else V6 if dice < 0.7 else SHARED if dice < 0.94 else OUTSIDE if dice < 0.98 else UNCOVERED
    return Sighting(
        number=number,
        seen_at=seen_at,
        seen_until=rng.choice((*[None] * 5, seen_at + 2, seen_at + 60, seen_at + rng.choice((90_000, 700_000)))),
        precision_s=rng.choice((None, 0, 1, 1, 30)),
        role=rng.choice(ROLES),
        address=rng.choice(pool),
        port=rng.choice((None, *range(1, 601, 50))),
        protocol=rng.choice((None, "tcp", "tcp", "tcp", "udp")),
        source=rng.choice(("cert", "probe", "unheard-of")),
    )
